"""
What has been decided and has not been told, in order; known from the newest decision that has been.

Decisions are told in the order of the fold, in which their times never go back, and a later one
only when the earlier are durable. So what was decided before the newest one's time has been told,
and what was decided at that very time has been when it comes before it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from schemas.decision import Decision
from schemas.topics import Topic
from services.correlator.pipeline import Outcome
from services.runtime.bus import Outgoing


class Untold:
    """The outcomes of one district that are to be told."""

    def __init__(self, district: str) -> None:
        self._district = district
        self._outcomes: list[tuple[int, Outcome]] = []
        self._newest: Decision | None = None

    @property
    def begin(self) -> int | None:
        """The offset of the first record whose outcome is here; None when there is none."""
        return self._outcomes[0][0] if self._outcomes else None

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """All of them."""
        return [outcome for _, outcome in self._outcomes]

    @property
    def is_held(self) -> bool:
        """Whether some may turn out to have been told: the newest one told has not been met."""
        return self._newest is not None

    def hold(self, newest: Decision | None) -> None:
        """From now on leave out what has been told, *newest* the last of it; None holds nothing."""
        self._newest = newest
        outcomes, self._outcomes = self._outcomes, []
        for offset, outcome in outcomes:
            self.add(offset, outcome, None)

    def add(self, offset: int, outcome: Outcome, now: datetime | None) -> None:
        """Take in what the record at *offset* led to; *now* is the log's time after it."""
        newest = self._newest
        if newest is not None:
            outcome = self._without_told(outcome, newest)
            if now is not None and now > newest.decided_at:
                self._newest = None
        if outcome.made or outcome.dead_letter is not None:
            self._outcomes.append((offset, outcome))

    def _without_told(self, outcome: Outcome, newest: Decision) -> Outcome:
        ids = [decision.decision_id for decision in outcome.made]
        if newest.decision_id in ids:
            told = ids.index(newest.decision_id) + 1
            # A letter goes to another topic, and nothing says that it arrived. It may come twice.
            self._outcomes = [row for row in self._outcomes if row[1].dead_letter is not None]
            self._newest = None
        else:
            told = sum(decision.decided_at < newest.decided_at for decision in outcome.made)
        return replace(outcome, decisions=outcome.decisions[told:], made=outcome.made[told:])

    def clear(self) -> None:
        """Forget all: they have been told."""
        self._outcomes.clear()

    def records(self) -> list[Outgoing]:
        """Return them as records."""
        return [
            record for outcome in self.outcomes for record in records_of(outcome, self._district)
        ]


def records_of(outcome: Outcome, district: str) -> list[Outgoing]:
    """Return the records that *outcome* leads to."""
    records = [
        Outgoing(Topic.DECISIONS, district, data, made)
        for data, made in zip(outcome.decisions, outcome.made, strict=True)
    ]
    if outcome.dead_letter is not None:
        records.append(Outgoing(Topic.DEAD_LETTERS, district, outcome.dead_letter))
    return records
