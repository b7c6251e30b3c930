"""A refused input as a record of `dead-letters.v1`: the whole of it, with its reason."""

import base64
from datetime import datetime
from typing import Literal

import orjson

from schemas.deadletter import DeadLetter
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.ingest.domain.refusal import Refusal
from services.ingest.ports import Letters
from services.runtime.bus import Outgoing

_LONGEST_ESCAPED = 1.5
"""How many times as long as it is a text may become by what JSON escapes."""


def letters_for(district: str, letters: Letters, refused_at: datetime) -> list[Outgoing]:
    """Return a record for each refusal of *letters*."""
    return [
        Outgoing(Topic.DEAD_LETTERS, district, encode(_letter(district, letters, one, refused_at)))
        for one in letters.refusals
    ]


def _letter(district: str, letters: Letters, refusal: Refusal, refused_at: datetime) -> DeadLetter:
    text, encoding = _told(refusal.original)
    return DeadLetter(
        district=district,
        letter_id=hash_id("letter", letters.source, letters.stage, refusal.reason.value, text),
        refused_at=refused_at,
        stage=letters.stage,
        source=letters.source,
        reason=refusal.reason,
        detail=refusal.detail,
        media_type=letters.media_type,
        original=text,
        encoding=encoding,
    )


def _told(original: bytes) -> tuple[str, Literal["utf-8", "base64"]]:
    # A body of control characters is six times as long in JSON, and no broker would take it. As
    # base64 it is four thirds.
    try:
        text = original.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is None or len(orjson.dumps(text)) > _LONGEST_ESCAPED * (len(original) + 2):
        return base64.b64encode(original).decode("ascii"), "base64"
    return text, "utf-8"
