"""A warning as it was read, before it is known what of it is ours and when it was accepted."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cap import MsgType, Status
from schemas.event import WarningInfo


@dataclass(frozen=True, slots=True)
class WarningDraft:
    """
    One message of a warning authority; the fields are those of `schemas.event.Warning`.

    *msg_type* is what the message does: an Update that only says it is over is a Cancel.
    """

    identifier: str
    sender: str
    sent: datetime
    msg_type: MsgType
    infos: tuple[WarningInfo, ...]
    original: str
    status: Status = Status.ACTUAL
    scope: str = "Public"
    references: tuple[str, ...] = ()
    signed: bool = False
