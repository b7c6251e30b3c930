"""The hash chain of `dispatch.v1`: each record holds the hash of the one before."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from schemas.wire import VERSION
from services.dispatcher.domain.desk import Draft

GENESIS = "0" * 64
"""What the first record of a district has before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a chain."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which a ledger does not hold: *offset* counts from 0."""

    offset: int
    reason: str


def seal(
    drafts: Iterable[Draft], district: str, head: Head, now: datetime
) -> tuple[list[bytes], Head]:
    """Return the records of *drafts* after *head*, as bytes for the topic, and the new head."""
    sealed = []
    at = now.isoformat().replace("+00:00", "Z")
    for draft in drafts:
        body: dict[str, object] = {
            "v": VERSION,
            "kind": "LedgerRecord",
            "district": district,
            "seq": head.seq + 1,
            "at": at,
            "status": draft.status.value,
            "fact": draft.fact.value,
            "detail": {key: value for key, value in draft.detail.items() if value is not None},
            "prev_hash": head.hash,
            **{key: value for key, value in draft.values.items() if value is not None},
        }
        head = Head(head.seq + 1, _digest(body))
        sealed.append(orjson.dumps({**body, "hash": head.hash}, option=orjson.OPT_SORT_KEYS))
    return sealed, head


def _digest(body: dict[str, object]) -> str:
    rest = {key: value for key, value in body.items() if key != "hash"}
    return hashlib.sha256(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)).hexdigest()


def head_of(last: bytes | None) -> Head:
    """Return the head that the last record of a district's ledger makes."""
    if last is None:
        return Head()
    body = orjson.loads(last)
    return Head(body["seq"], body["hash"])


def verify(records: Iterable[bytes]) -> Break | None:
    """
    Return the first break of a district's ledger read from its beginning, or None.

    Any changed byte, missing, added or swapped record is found and located. A cut at the end is
    not: that takes anchors kept elsewhere.
    """
    head = Head()
    for offset, data in enumerate(records):
        try:
            body = orjson.loads(data)
        except orjson.JSONDecodeError:
            return Break(offset, "unreadable")
        if not isinstance(body, dict) or orjson.dumps(body, option=orjson.OPT_SORT_KEYS) != data:
            return Break(offset, "not_canonical")
        if body.get("seq") != head.seq + 1:
            return Break(offset, "gap")
        if body.get("prev_hash") != head.hash:
            return Break(offset, "broken_link")
        if body.get("hash") != _digest(body):
            return Break(offset, "changed")
        head = Head(body["seq"], body["hash"])
    return None
