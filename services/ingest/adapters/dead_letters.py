"""A refused input as a record of `dead-letters.v1`: the whole of it, with its reason."""

import base64
from datetime import datetime

from schemas.deadletter import DeadLetter
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.ingest.domain.refusal import Refusal
from services.ingest.ports import Letters
from services.runtime.bus import Outgoing


def letters_for(district: str, letters: Letters, refused_at: datetime) -> list[Outgoing]:
    """Return a record for each refusal of *letters*."""
    return [
        Outgoing(Topic.DEAD_LETTERS, district, encode(_letter(district, letters, one, refused_at)))
        for one in letters.refusals
    ]


def _letter(district: str, letters: Letters, refusal: Refusal, refused_at: datetime) -> DeadLetter:
    try:
        text, encoding = refusal.original.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(refusal.original).decode("ascii"), "base64"
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
        encoding="base64" if encoding == "base64" else "utf-8",
    )
