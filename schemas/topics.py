"""
The topics, in one table: what each holds, who writes it, and how long it is kept.

A topic's name ends in the version of its records, the *v* that each of them carries. What old
readers cannot pass over (a field gone or of another meaning, a new kind, a further value of a closed
list) makes a new version, and that is a topic of its own: `events.v2` is written beside `events.v1`
until nobody reads the old one. A record whose *v* is not its topic's is no record, and is kept whole
in dead letters.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Topic(StrEnum):
    """The names of the topics, each with its version; the key of each is the district code."""

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
