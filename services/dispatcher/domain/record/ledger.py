"""The hash chain of `dispatch.v1`: each record holds the hash of the one before."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from schemas.wire import VERSION
from services.dispatcher.domain.desk.effects import Draft

GENESIS = "0" * 64
"""What the first record of a district has before it."""
_KIND = b',"kind":"LedgerRecord"'


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a chain; *at* is None before the first."""

    seq: int = 0
    hash: str = GENESIS
    at: datetime | None = None


def seal(
    drafts: Iterable[Draft], district: str, head: Head, now: datetime
) -> tuple[list[bytes], Head]:
    """Return the records of *drafts* after *head*, as bytes for the topic, and the new head."""
    sealed = []
    at = in_utc_text(now)
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
        rest = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        head = Head(head.seq + 1, hashlib.sha256(rest).hexdigest(), now)
        # Of the sorted keys *kind* follows *hash*, and behind it stands nothing that could hold
        # the same bytes: so what was hashed need not be written out a second time.
        before, kind, behind = rest.rpartition(_KIND)
        sealed.append(b'%s,"hash":"%s"%s%s' % (before, head.hash.encode(), kind, behind))
    return sealed, head


def digest(body: dict[str, object]) -> str:
    """Return the hash of the record *body*: over the canonical JSON of all but the hash itself."""
    rest = {key: value for key, value in body.items() if key != "hash"}
    return hashlib.sha256(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)).hexdigest()


def head_of(last: bytes | None) -> Head:
    """Return the head that the last record of a district's ledger makes."""
    if last is None:
        return Head()
    body = orjson.loads(last)
    return Head(body["seq"], body["hash"], datetime.fromisoformat(body["at"]))


def in_utc_text(instant: datetime) -> str:
    """Return *instant* as records have it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
