"""
What a page may show of one phone: a masked number, the person's label, what happens there now.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.phones.domain.call import CallStatus
from services.phones.domain.draw import opaque_id
from services.phones.domain.exchange import Exchange
from services.phones.domain.leg import Leg
from services.phones.domain.record import Happening, What

_SHOWN = 4
_HEARD = (What.HEARD, What.PRESSED)
_WEB_ID = 12
_HEAD, _TAIL = 3, 4
_MAINLAND = "+86"
_MAINLAND_LENGTH = 14


class Doing(StrEnum):
    """What a phone is doing."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"


@dataclass(frozen=True, slots=True)
class PhoneView:
    """One phone at one moment. *lines* are the last calls and texts, newest last."""

    phone_id: str
    masked: str
    label: str
    doing: Doing
    since: datetime | None
    caller: str
    saying: str
    heard: str
    pressed: str
    lines: tuple[Happening, ...]
    chosen: str = ""
    """What was chosen for it at the page; empty: what its owner usually does."""


def phone_id(seed: str, number: str) -> str:
    """Return the name of a phone on the page: it does not tell the number."""
    return opaque_id("", seed, "phone", number)[:_WEB_ID]


def masked(number: str) -> str:
    """Return 138****0231 for +8613800000231; other countries keep their first digits alike."""
    is_mainland = number.startswith(_MAINLAND) and len(number) == _MAINLAND_LENGTH
    local = number.removeprefix(_MAINLAND) if is_mainland else number
    return f"{local[:_HEAD]}****{local[-_TAIL:]}"


def phone_view(exchange: Exchange, number: str) -> PhoneView:
    """Look at the phone with *number*."""
    leg = exchange.live_leg(number)
    history = exchange.record.of(number)
    sid = leg.call.sid if leg else next((one.sid for one in reversed(history)), "")
    call = [one for one in history if one.sid == sid]
    return PhoneView(
        phone_id=phone_id(exchange.seed, number),
        masked=masked(number),
        label=exchange.person_of(number).label,
        doing=_doing(leg),
        since=None if leg is None else leg.call.answered_at or leg.call.started_at,
        caller=leg.call.from_ if leg else "",
        saying=leg.saying if leg else "",
        heard=next((one.detail for one in reversed(call) if one.what is What.HEARD), ""),
        pressed="".join(one.detail for one in call if one.what is What.PRESSED),
        lines=tuple(one for one in history if one.what not in _HEARD)[-_SHOWN:],
        chosen=(exchange.handsets.chosen(number) or ""),
    )


def _doing(leg: Leg | None) -> Doing:
    if leg is None:
        return Doing.IDLE
    return Doing.TALKING if leg.call.status is CallStatus.IN_PROGRESS else Doing.RINGING
