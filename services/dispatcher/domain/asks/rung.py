"""One person of a chain: the numbers he is rung at, in their order, and what was tried so far."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class RungKind(StrEnum):
    """Whom a rung reaches: same post first, then one layer up."""

    HOLDER = "holder"
    DEPUTY = "deputy"
    SUPERIOR = "superior"


@dataclass(frozen=True, slots=True)
class Rung:
    """
    One person of a chain. *voices* are the contact ids he is rung at, in their order, *sms* the one
    he is written to; empty and None where he has none or is not to be rung. *place* is where his
    post is. *due_at* is when the next call may start; None while one is live, or when used up.
    """

    kind: RungKind
    person: str
    voices: tuple[str, ...]
    sms: str | None
    place: str = ""
    opened_at: datetime | None = None
    due_at: datetime | None = None
    calls: int = 0
    live: str | None = None
    text_at: datetime | None = None
    """When his SMS may go; None when it has gone."""
    given_up: bool = False
    """He asked for his deputy (key 2), none of his numbers can be called, or he has handed over."""
    cut_off: bool = False
    """No call reaches where he is: he is passed over, which is not the same as no answer."""
    barred: bool = False
    """The carrier's limits for his number keep him from being rung until *due_at*."""
    machine: bool = False
    """A machine seems to have taken his last call: whoever comes next is rung without waiting."""

    @property
    def voice(self) -> str | None:
        """
        The contact that the next call goes to: each call tries the next of his numbers, so that a
        mobile phone that lies switched off does not keep the landline from ringing.
        """
        return self.voices[self.calls % len(self.voices)] if self.voices else None

    def is_used_up(self, attempts: int) -> bool:
        """Whether no further call will be made to this person for this ask."""
        if self.opened_at is None or self.live is not None:
            return False
        return self.given_up or not self.voices or self.calls >= attempts


def opened(rung: Rung, now: datetime) -> Rung:
    """Return *rung* opened at *now*: due for a call and an SMS at once."""
    return replace(
        rung,
        opened_at=now,
        due_at=now if rung.voices else None,
        text_at=now if rung.sms is not None else None,
    )


def without(rung: Rung, contact: str) -> Rung:
    """Return *rung* without the number *contact*, which cannot be rung; given up if it was the last."""
    left = tuple(voice for voice in rung.voices if voice != contact)
    return replace(rung, voices=left, given_up=rung.given_up or not left)


def is_passed_over(rung: Rung, attempts: int) -> bool:
    """Whether the next rung may open without waiting for this one any longer."""
    if rung.opened_at is None:
        return False
    if rung.cut_off:
        return True  # a call into a dead network may ring on for ever at the carrier
    return rung.live is None and (rung.barred or rung.machine or rung.is_used_up(attempts))
