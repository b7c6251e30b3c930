"""What a person's key or text means. Judged here, so that no code goes any further."""

import re
import unicodedata
from collections.abc import Iterable

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.domain.inputs import Heard, SmsAnswer
from services.dispatcher.domain.script import CODE_DIGITS

_KEYS = {"1": Heard.CONFIRM, "2": Heard.DEPUTY, "3": Heard.REPEAT, "": Heard.NOTHING}
_CODE = re.compile(rf"(?<!\d)\d{{{CODE_DIGITS}}}(?!\d)", re.ASCII)
_CLAUSE = re.compile(r"[\s,.;:!、。]+")
_ASKS = re.compile(r"[?吗]")


def heard_key(digits: str) -> Heard:
    """Return what a key pressed in the menu means (domain.md D.2.1)."""
    return _KEYS.get(digits, Heard.OTHER_KEY)


def heard_code(codes: Codes, attempt_id: str, digits: str) -> Heard:
    """Return whether *digits* are the code spoken in the call of *attempt_id*."""
    if not digits:
        return Heard.NOTHING
    return Heard.CODE_RIGHT if codes.judge(attempt_id, digits) else Heard.CODE_WRONG


def read_sms(body: str, codes: Codes, attempt_ids: Iterable[str]) -> tuple[SmsAnswer, str | None]:
    """
    Return what the text *body* says, and the attempt whose code it holds.

    *attempt_ids* are the SMS that its sender was recently sent. A question, or a sentence that only
    starts with a 1 ("1号楼进水"), confirms nothing.
    """
    text = unicodedata.normalize("NFKC", body).strip()
    groups = _CODE.findall(text)
    fitting = [
        attempt_id
        for attempt_id in attempt_ids
        if any([codes.judge(attempt_id, group) for group in groups])  # noqa: C419 - all, always
    ]
    if fitting:
        return SmsAnswer.CODE_RIGHT, fitting[0]
    if text == "2":
        return SmsAnswer.CANNOT, None
    return (SmsAnswer.CONFIRM if _confirms(text) else SmsAnswer.OTHER), None


def _confirms(text: str) -> bool:
    match [clause for clause in _CLAUSE.split(text) if clause]:
        case ["1" | "收到" | "1收到"]:
            return True
        case ["收到" | "1收到", *_] | ["1", "收到", *_]:
            return not _ASKS.search(text)
        case _:
            return False
