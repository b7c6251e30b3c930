"""
Anchors: a signed word about where the ledger ends, kept where the server cannot take it back.

The hash chain shows every change but one: a tail that is cut off, or written anew with all its
hashes. An anchor that somebody else keeps shows that too, up to the record it names.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from services.dispatcher.domain.record.ledger import Head, in_utc_text

_VERSION = 1
_KEY_HEX_SHOWN = 16


class AnchorReason(StrEnum):
    """Why an anchor was written."""

    STARTED = "started"
    CALLOUT_OPEN = "callout_open"
    """A minute has passed since the last, and a callout is open."""
    CALLOUT_ENDED = "callout_ended"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Anchor:
    """
    At *at* the ledger of *district* ended with record *seq*, whose hash is *hash*.

    Every later record bears *at* or a later time: a server that adds an older one is found out.
    """

    district: str
    seq: int
    hash: str
    at: datetime
    reason: AnchorReason
    key: str
    """Which key signed it, in a few digits."""


class AnchorFault(StrEnum):
    """What is wrong with a line that should hold an anchor."""

    UNREADABLE = "anchor_unreadable"
    FORGED = "anchor_forged"
    UNKNOWN_KEY = "anchor_of_unknown_key"
    OTHER_DISTRICT = "anchor_of_another_district"
    OUT_OF_ORDER = "anchor_out_of_order"


@dataclass(frozen=True, slots=True)
class BadAnchor:
    """The line *line*, counted from 1, proves nothing."""

    line: int
    fault: AnchorFault


class AnchorSigner:
    """Signs anchors of *district* with the server's own key."""

    def __init__(self, district: str, key: Ed25519PrivateKey) -> None:
        self._district = district
        self._key = key
        self._id = key_id(key.public_key())

    def sign(self, head: Head, at: datetime, reason: AnchorReason) -> bytes:
        """Return the anchor of *head* as a line of JSON, without its end."""
        body: dict[str, object] = {
            "v": _VERSION,
            "kind": "Anchor",
            "district": self._district,
            "seq": head.seq,
            "hash": head.hash,
            "at": in_utc_text(at),
            "reason": reason.value,
            "key": self._id,
        }
        signature = self._key.sign(_canonical(body)).hex()
        return _canonical({**body, "signature": signature})


def key_id(key: Ed25519PublicKey) -> str:
    """Return the first digits of the SHA-256 over the public *key*'s 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:_KEY_HEX_SHOWN]


def read_anchors(
    lines: Iterable[bytes], district: str, keys: Sequence[Ed25519PublicKey]
) -> tuple[list[Anchor], list[BadAnchor]]:
    """
    Return the anchors of *lines* that *keys* signed for *district*, and every line that is none.

    The signature is over the canonical JSON of all but itself.
    """
    by_id = {key_id(key): key for key in keys}
    anchors: list[Anchor] = []
    bad: list[BadAnchor] = []
    for number, line in enumerate(lines, start=1):
        found = _read(line, district, by_id)
        if isinstance(found, Anchor) and anchors and _goes_back(anchors[-1], found):
            found = AnchorFault.OUT_OF_ORDER
        if isinstance(found, Anchor):
            anchors.append(found)
        else:
            bad.append(BadAnchor(number, found))
    return anchors, bad


def _read(line: bytes, district: str, keys: Mapping[str, Ed25519PublicKey]) -> Anchor | AnchorFault:
    try:
        body = orjson.loads(line)
        signature = bytes.fromhex(body["signature"])
        anchor = _built(body)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return AnchorFault.UNREADABLE
    if _canonical(body) != line or signature.hex() != body["signature"]:
        return AnchorFault.UNREADABLE
    key = keys.get(anchor.key)
    if key is None:
        return AnchorFault.UNKNOWN_KEY
    signed = {name: value for name, value in body.items() if name != "signature"}
    try:
        key.verify(signature, _canonical(signed))
    except InvalidSignature:
        return AnchorFault.FORGED
    return anchor if anchor.district == district else AnchorFault.OTHER_DISTRICT


def _built(body: Mapping[str, Any]) -> Anchor:
    anchor = Anchor(
        district=body["district"],
        seq=body["seq"],
        hash=body["hash"],
        at=datetime.fromisoformat(body["at"]),
        reason=AnchorReason(body["reason"]),
        key=body["key"],
    )
    if body["v"] != _VERSION or type(anchor.seq) is not int or anchor.at.tzinfo is None:
        raise ValueError("not an anchor of this version")
    return anchor


def _goes_back(before: Anchor, after: Anchor) -> bool:
    return after.seq < before.seq or after.at < before.at


def _canonical(body: Mapping[str, object]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
