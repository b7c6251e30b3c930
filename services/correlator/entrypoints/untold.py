"""What has been decided and is not known to be durable yet, in order."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from schemas.topics import Topic
from services.correlator.pipeline import Outcome
from services.runtime.bus import Outgoing

_HELD = 10_000
"""
Outcomes, at most. More come only where a district's whole log is folded again, and then what was
decided that long ago has been told.
"""


class Untold:
    """The outcomes of one district that lead to records."""

    def __init__(self, district: str) -> None:
        self._district = district
        self._outcomes: deque[tuple[int, Outcome]] = deque(maxlen=_HELD)

    @property
    def begin(self) -> int | None:
        """The offset of the first record whose outcome is here; None when there is none."""
        return self._outcomes[0][0] if self._outcomes else None

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """All of them."""
        return [outcome for _, outcome in self._outcomes]

    @property
    def last_decision(self) -> str | None:
        """The id of the last decision, where there is one."""
        return next(
            (
                outcome.made[-1].decision_id
                for _, outcome in reversed(self._outcomes)
                if outcome.made
            ),
            None,
        )

    def add(self, offset: int, outcome: Outcome) -> None:
        """Take in what the record at *offset* led to."""
        if outcome.made or outcome.dead_letter is not None:
            self._outcomes.append((offset, outcome))

    def forget_until(self, decision_id: str) -> bool:
        """Forget everything up to that decision; False, and nothing done, when it is not here."""
        for at in range(len(self._outcomes) - 1, -1, -1):
            offset, outcome = self._outcomes[at]
            ids = [decision.decision_id for decision in outcome.made]
            if decision_id in ids:
                after = ids.index(decision_id) + 1
                rest = replace(
                    outcome, decisions=outcome.decisions[after:], made=outcome.made[after:]
                )
                behind = list(self._outcomes)[at + 1 :]
                self.clear()
                self.add(offset, rest)
                self._outcomes.extend(behind)
                return True
        return False

    def clear(self) -> None:
        """Forget all."""
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
