"""
What can be proved of a ledger where it lies: its chain, its anchors, and that the night comes out
again the same. It needs no running system, and disturbs none.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.topics import Topic
from services.dispatcher.adapters.anchor_file import FILE as ANCHORS
from services.dispatcher.adapters.anchor_key import PUBLIC, read_public_keys
from services.dispatcher.domain.record.anchor import Anchor, BadAnchor, key_id, read_anchors
from services.dispatcher.domain.record.proving import Proof
from services.dispatcher.entrypoints.rebuild import Rebuilding
from services.district.domain.pack import Pack
from services.recorded import RecordedLog, recorded_logs

Advance = Callable[[int, int], None]
"""Told how many records of how many were looked at."""
_TOLD_EVERY = 2_000


class NoPublicKeyError(Exception):
    """There are anchors, and no public key to verify them with."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is held against the ledger: anchors, and the keys that may have signed them."""

    lines: Sequence[bytes] = ()
    keys: Sequence[Ed25519PublicKey] = ()
    key_is_from_outside: bool = False
    """Whether somebody brought the key; one from beside the ledger is as good as that folder."""


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What was found. *rebuilding* is None where that was not asked for."""

    district: str
    proof: Proof
    anchors: Sequence[Anchor]
    bad_anchors: Sequence[BadAnchor]
    witnesses: Witnesses
    rebuilding: Rebuilding | None

    @property
    def flaw(self) -> str:
        """What is wrong first, in a word; "ok" when nothing is."""
        differences = self.rebuilding.differences if self.rebuilding is not None else ()
        found = [
            *(finding.flaw.value for finding in self.proof.findings),
            *(bad.fault.value for bad in self.bad_anchors),
            *(difference.parting.value for difference in differences),
        ]
        return found[0] if found else "ok"

    def as_json(self) -> dict[str, object]:
        """Return the report for machines."""
        told: dict[str, object] = {
            "district": self.district,
            "records": self.proof.records,
            "ledger": self.flaw,
            "anchors": len(self.anchors),
            "anchored": self.proof.anchored,
            "keys": [key_id(key) for key in self.witnesses.keys],
        }
        if self.proof.findings:
            told["at"] = self.proof.findings[0].offset
            told["findings"] = [
                {"offset": one.offset, "seq": one.seq, "until": one.until, "flaw": one.flaw.value}
                for one in self.proof.findings
            ]
        if self.bad_anchors:
            told["bad_anchors"] = [
                {"line": one.line, "fault": one.fault.value} for one in self.bad_anchors
            ]
        if self.rebuilding is not None:
            told["rebuilt"] = self.rebuilding.inputs
            told["differences"] = [
                {"parting": one.parting.value, "seq": one.seq, "what": one.what}
                for one in self.rebuilding.differences
            ]
        return told


def witnesses(path: Path, anchors: Path | None, public_key: Path | None) -> Witnesses:
    """
    Return the anchors and keys given; where they are not, those that lie in the data folder *path*.

    NoPublicKeyError when there are anchors and no key. Read it before the ledger: a system that
    runs goes on writing anchors.
    """
    file = anchors if anchors is not None else path / ANCHORS
    pem = public_key if public_key is not None else path / PUBLIC
    lines: list[bytes] = []
    with suppress(FileNotFoundError, NotADirectoryError):
        lines = [line for line in file.read_bytes().split(b"\n") if line]
    if anchors is not None and not file.exists():
        raise FileNotFoundError(f"{file}: no such file")
    keys: Sequence[Ed25519PublicKey] = ()
    if public_key is not None or (path.is_dir() and pem.exists()):
        keys = read_public_keys(pem)
    if lines and not keys:
        raise NoPublicKeyError(f"{file}: anchors without a public key to verify them with")
    return Witnesses(lines, keys, public_key is not None)


def prove_at(
    path: Path,
    held: Witnesses,
    packs: Sequence[Pack] | None = None,
    advance: Advance = lambda _done, _whole: None,
) -> Iterator[LedgerReport]:
    """
    Yield a report of each ledger at *path*: a data folder, also while it is in use, or NDJSON.

    With *packs*, those that were in force, the night is also lived through again.
    """
    for log in recorded_logs(path, Topic.DISPATCH, values_under="dispatcher"):
        yield _prove(log, held, packs, advance)


def _prove(
    log: RecordedLog, held: Witnesses, packs: Sequence[Pack] | None, advance: Advance
) -> LedgerReport:
    anchors, bad = read_anchors(held.lines, log.district, held.keys)
    proof = Proof(anchors, log.district)
    rebuilding = None if packs is None else Rebuilding(packs, log.district)
    for number, data in enumerate(log.records):
        if number % _TOLD_EVERY == 0:
            advance(number, log.count)
        proof.take(data)
        # What is flawed cannot be lived through again, nor anything behind it.
        if rebuilding is not None and not proof.findings:
            rebuilding.take(data)
    advance(log.count, log.count)
    proof.finish()
    if rebuilding is not None and not proof.findings:
        rebuilding.finish(log.values)
    return LedgerReport(log.district, proof, anchors, bad, held, rebuilding)
