"""
Proving a ledger: every record after the one before, and against the anchors that others keep.

It needs the records and the public key, nothing of the system. What is wrong is located, and what
comes behind it is looked at as well.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson

from services.dispatcher.domain.record.anchor import Anchor
from services.dispatcher.domain.record.ledger import Head, digest

MOST_TOLD = 20
"""Findings that are told one by one; a ledger of another system would give one a record."""


class Flaw(StrEnum):
    """What can be wrong with a record, or with what the anchors say."""

    UNREADABLE = "unreadable"
    NOT_CANONICAL = "not_canonical"
    OTHER_DISTRICT = "another_district"
    GAP = "gap"
    """A record is missing, added, there twice, or stands in another's place."""
    BROKEN_LINK = "broken_link"
    CHANGED = "changed"
    TIME_BACK = "time_back"
    REWRITTEN = "rewritten"
    """The hash is another than the one an anchor gives this record."""
    BACKDATED = "backdated"
    """It bears a time before an anchor that does not know it."""
    CUT = "cut"
    """Records that an anchor knows are not there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    *offset* is the place in the ledger, counted from 0; *seq* the number that should stand there.

    *until* is the last number concerned, where it is not one record alone.
    """

    offset: int
    seq: int
    flaw: Flaw
    until: int | None = None


class Proof:
    """Give it every record in order with `take`, then `finish`."""

    def __init__(self, anchors: Iterable[Anchor] = (), district: str | None = None) -> None:
        self._anchors = deque(sorted(anchors, key=lambda anchor: anchor.seq))
        self._last_anchored = self._anchors[-1].seq if self._anchors else 0
        self._district = district
        self._head = Head()
        self._held_to = 0
        """Up to which record an anchor agrees."""
        self._not_before: datetime | None = None
        self.records = 0
        self.findings: list[Finding] = []
        self._compare(0, self._head)

    @property
    def anchored(self) -> int:
        """The last record that an anchor knows and agrees with."""
        return self._held_to

    def take(self, data: bytes) -> None:
        """Look at the next record."""
        offset, expected = self.records, self._head.seq + 1
        self.records += 1
        flaw, head = self._look(data)
        if flaw is not None and len(self.findings) < MOST_TOLD:
            self.findings.append(Finding(offset, expected, flaw))
        # Going on from what the record says of itself, one flaw is one finding.
        self._head = head
        self._compare(offset, head)

    def finish(self) -> None:
        """Say what the anchors know and the ledger does not hold."""
        if self._last_anchored > self._head.seq:
            missing = self._head.seq + 1
            self.findings.append(Finding(self.records, missing, Flaw.CUT, self._last_anchored))

    def _look(self, data: bytes) -> tuple[Flaw | None, Head]:
        before = self._head
        try:
            body = orjson.loads(data)
            seq, stated = body["seq"], body["hash"]
            at = datetime.fromisoformat(body["at"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return Flaw.UNREADABLE, Head(before.seq + 1, "", before.at)
        if type(seq) is not int or type(stated) is not str or at.tzinfo is None:
            return Flaw.UNREADABLE, Head(before.seq + 1, "", before.at)
        self._district = self._district or body.get("district")
        flaw = None
        if orjson.dumps(body, option=orjson.OPT_SORT_KEYS) != data:
            flaw = Flaw.NOT_CANONICAL
        elif seq != before.seq + 1:
            flaw = Flaw.GAP
        elif before.hash not in {"", body.get("prev_hash")}:
            flaw = Flaw.BROKEN_LINK
        elif stated != digest(body):
            flaw = Flaw.CHANGED
        elif body.get("district") != self._district:
            flaw = Flaw.OTHER_DISTRICT
        elif before.at is not None and at < before.at:
            flaw = Flaw.TIME_BACK
        elif self._not_before is not None and at < self._not_before:
            flaw = Flaw.BACKDATED
        return flaw, Head(seq, stated, at)

    def _compare(self, offset: int, head: Head) -> None:
        rewritten = False
        while self._anchors and self._anchors[0].seq <= head.seq:
            anchor = self._anchors.popleft()
            if anchor.seq < head.seq or head.hash == "":
                pass  # of a record whose loss was told already
            elif anchor.hash == head.hash:
                self._held_to = anchor.seq
                self._not_before = max(anchor.at, self._not_before or anchor.at)
            else:
                rewritten = True
        if rewritten and len(self.findings) < MOST_TOLD:
            self.findings.append(Finding(offset, self._held_to + 1, Flaw.REWRITTEN, head.seq))


def prove(
    records: Iterable[bytes], anchors: Iterable[Anchor] = (), district: str | None = None
) -> Proof:
    """Return the proof of *records*, a ledger from its beginning."""
    proof = Proof(anchors, district)
    for data in records:
        proof.take(data)
    proof.finish()
    return proof
