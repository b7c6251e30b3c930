"""The topics, in one table: what each holds, who writes it, and how long it is kept."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Topic(StrEnum):
    """The names of the topics; the key of each is the district code."""

    EVENTS = "events.v1"
    DECISIONS = "decisions.v1"
    DISPATCH = "dispatch.v1"
    DEAD_LETTERS = "dead-letters.v1"


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """*retention* None keeps everything for ever: the ledger is never cut."""

    topic: Topic
    holds: str
    retention: timedelta | None


TOPICS = {
    facts.topic: facts
    for facts in (
        TopicFacts(Topic.EVENTS, "Event", timedelta(days=400)),
        TopicFacts(Topic.DECISIONS, "Decision", timedelta(days=400)),
        TopicFacts(Topic.DISPATCH, "LedgerRecord", None),
        TopicFacts(Topic.DEAD_LETTERS, "DeadLetter", timedelta(days=400)),
    )
}
