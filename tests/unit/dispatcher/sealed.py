"""Ledgers and anchors for tests of what proves them."""

from datetime import UTC, datetime, timedelta

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.cap import Status
from schemas.dispatch import Fact
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.record.anchor import (
    Anchor,
    AnchorReason,
    AnchorSigner,
    read_anchors,
)
from services.dispatcher.domain.record.ledger import Head, digest, head_of, seal

DISTRICT = "500108"
NOW = datetime(2026, 7, 9, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def ledger(length: int = 5, first: Head | None = None, says: str = "key") -> list[bytes]:
    """Records one second apart, going on from *first*."""
    records: list[bytes] = []
    head = first or Head()
    for n in range(head.seq, head.seq + length):
        draft = Draft(
            Fact.KEY_PRESSED, Status.ACTUAL, {"attempt_id": f"a{n}"}, {"step": n, "heard": says}
        )
        sealed, head = seal([draft], DISTRICT, head, NOW + timedelta(seconds=n))
        records += sealed
    return records


def resealed(record: bytes, **changed: object) -> bytes:
    """The record with something changed and its hash made to fit, as a forger would."""
    body = {**orjson.loads(record), **changed}
    return orjson.dumps({**body, "hash": digest(body)}, option=orjson.OPT_SORT_KEYS)


def anchor_line(
    record: bytes | None, key: Ed25519PrivateKey = KEY, district: str = DISTRICT
) -> bytes:
    """What the server signs when *record* is the last of the ledger."""
    head = head_of(record)
    return AnchorSigner(district, key).sign(head, head.at or NOW, AnchorReason.CALLOUT_OPEN)


def anchors(*records: bytes | None) -> list[Anchor]:
    """The anchors written when each of *records* was the last."""
    found, bad = read_anchors(map(anchor_line, records), DISTRICT, [KEY.public_key()])
    assert bad == []
    return found
