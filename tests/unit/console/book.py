"""A ledger written line by line, as the dispatcher would, for tests of what pages make of it."""

from datetime import datetime, timedelta
from typing import Any

from schemas.cap import Status
from schemas.dispatch import Fact, LedgerRecord
from schemas.level import Level
from services.console.domain.situation import Situation
from services.district.domain.pack import Pack
from tests.districts import DISTRICT, TOWN, pack

T0 = datetime.fromisoformat("2026-07-09T02:10:00+08:00")


class Book:
    """Writes facts into a situation; `at` moves on with `wait`."""

    def __init__(self, given: Pack | None = None) -> None:
        self.situation = Situation(given or pack())
        self.at = T0
        self.records: list[LedgerRecord] = []

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)

    def write(self, fact: Fact, status: Status = Status.ACTUAL, **given: Any) -> LedgerRecord:
        """Add one fact; what is not a field of the record is its detail."""
        fields = {name: given.pop(name) for name in list(given) if name in _FIELDS}
        seq = len(self.records) + 1
        record = LedgerRecord(
            district=DISTRICT,
            seq=seq,
            at=self.at,
            status=status,
            fact=fact,
            detail=given,
            prev_hash=str(seq - 1),
            hash=str(seq),
            **fields,
        )
        self.records.append(record)
        self.situation.take_fact(record)
        return record

    def callout(
        self, callout_id: str = "c1", level: Level = Level.I, status: Status = Status.ACTUAL
    ) -> None:
        """A callout opens for rain in the town."""
        self.write(
            Fact.CALLOUT_OPENED,
            status,
            callout_id=callout_id,
            kind="response",
            level=level.name,
            hazard="RAINSTORM",
            place=TOWN,
            town=TOWN,
            why="雨",
            decision_id="d1",
        )

    def ask(
        self,
        chain_id: str,
        post: str = "VS",
        callout_id: str = "c1",
        status: Status = Status.ACTUAL,
    ) -> None:
        """A post is asked."""
        self.write(
            Fact.CHAIN_OPENED,
            status,
            callout_id=callout_id,
            chain_id=chain_id,
            post=post,
            ask="confirm",
            level="I",
            rungs=[["holder", "ann"], ["deputy", "bob"], ["superior", "cid"]],
        )

    def call(
        self, chain_id: str, attempt_id: str, person: str = "ann", rung: str = "holder"
    ) -> None:
        """Somebody is rung."""
        self.write(
            Fact.ATTEMPT_INTENDED,
            chain_id=chain_id,
            callout_id="c1",
            attempt_id=attempt_id,
            person=person,
            channel="voice",
            rung=rung,
            call=1,
        )

    def hang_up(self, attempt_id: str, outcome: str = "no_answer") -> None:
        """The carrier's last word."""
        self.write(Fact.ATTEMPT_ENDED, attempt_id=attempt_id, channel="voice", outcome=outcome)

    def confirm(
        self, chain_id: str, attempt_id: str, person: str = "ann", rung: str = "holder"
    ) -> None:
        """A human confirms, and the ask ends."""
        named: dict[str, Any] = {"chain_id": chain_id, "callout_id": "c1", "post": "VS"}
        self.write(
            Fact.ACKNOWLEDGED,
            **named,
            attempt_id=attempt_id,
            person=person,
            strength="coded",
            channel="voice",
            rung=rung,
            late=False,
        )
        self.write(Fact.CHAIN_ENDED, **named, end="acknowledged")


_FIELDS = ("callout_id", "chain_id", "attempt_id", "post", "person", "contact")
