"""
What the parts of one fold share: the log's time, the pack in force, timers, and the desk on which
decisions are laid.
"""

from typing import Any

from schemas.cap import Status
from schemas.decision import Decision
from schemas.hazard import Hazard
from schemas.ids import IdPart, hash_id
from schemas.reason import Reason
from schemas.rulepack import RulePack
from services.correlator.domain.instants import from_us
from services.correlator.domain.register import Register
from services.correlator.domain.timers import Timers

Key = tuple[str, Hazard]
"""A place (its code, or a point's id) and a hazard: what a response is about."""


class Scene:
    """
    The shared state of a district's fold under one status.

    *touched* are the responses to look at again before the next event, *stirred* the towns in which
    that goes for all of them, *ended* the reasons that went away since they were last told, *silent*
    the sensors that do not report.
    """

    __slots__ = (
        "cause",
        "decisions",
        "district",
        "ended",
        "now_us",
        "ordinals",
        "pack",
        "register",
        "silent",
        "status",
        "stirred",
        "timers",
        "touched",
    )

    def __init__(self, district: str, status: Status, pack: RulePack) -> None:
        self.district = district
        self.status = status
        self.pack = pack
        self.register = Register(pack)
        self.now_us = 0
        self.cause: str | None = None
        self.timers = Timers()
        self.decisions: list[Decision] = []
        self.touched: set[Key] = set()
        self.stirred: set[str] = set()
        self.ended: dict[Key, list[Reason]] = {}
        self.silent: set[str] = set()
        self.ordinals: dict[str, int] = {}

    def touch(self, key: Key) -> None:
        """Look at the response of *key* again once the event at hand is dealt with."""
        self.touched.add(key)

    def decide(self, kind: type[Decision], subject: tuple[IdPart, ...], **fields: Any) -> None:
        """
        Lay down a decision of *kind* about *subject*.

        Its id follows from the district, the subject, the ordinal of this among the decisions
        about it, and the event that caused it (design.md section 2.1).
        """
        name = "|".join([kind.__name__, *(str(part) for part in subject[:2])])
        ordinal = self.ordinals[name] = self.ordinals.get(name, 0) + 1
        causes = () if self.cause is None else (self.cause,)
        decision_id = hash_id(
            "dec", self.district, self.status.value, kind.__name__, subject, ordinal, causes
        )
        self.decisions.append(
            kind(
                district=self.district,
                decision_id=decision_id,
                decided_at=from_us(self.now_us),
                status=self.status,
                causes=causes,
                **fields,
            )
        )
