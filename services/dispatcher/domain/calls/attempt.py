"""One try of one contact, and how what the carrier says moves it: only ever forward."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from schemas.cap import Status
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.script import CODE_DIGITS, CODE_HERE, Script
from services.district.domain.policy import MAIN
from services.district.domain.segments import segments


class Channel(StrEnum):
    """How a contact is tried."""

    VOICE = "voice"
    SMS = "sms"
    LOUDSPEAKER = "loudspeaker"
    """A station that speaks, or shows, to everybody around it."""


class Purpose(StrEnum):
    """What an attempt is for: an ask of chains, or a word to somebody without an ask."""

    ASK = "ask"
    INFORM = "inform"


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One try. *chains* are the asks it carries: a person in several callouts gets one call, and each
    of them records it. *script* is the step of the call that waits for an answer.
    """

    attempt_id: str
    channel: Channel
    purpose: Purpose
    person: str
    contact: str
    chains: tuple[str, ...]
    intended_at: datetime
    progress: Progress = Progress.INTENDED
    provider_id: str | None = None
    sequence: int | None = None
    outcome: Outcome | None = None
    code: str | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    look_at: datetime | None = None
    """When to ask the carrier, if it has not said the last word by then."""
    looks: int = 0
    withdrawn: bool = False
    inbound: bool = False
    script: Script | None = None
    unheard: int = 0
    """How often in a row nobody pressed a key."""
    code_tries: int = 0
    text: str = ""
    status: Status = Status.ACTUAL
    """Of a text without an ask; an attempt that carries asks is what they are."""
    account: str = MAIN
    """The carrier account that it was made, or came in, through."""
    words_went_along: bool = False
    """What the call says was fixed by its request; its code comes back by SMS."""
    machine: bool = False
    """The carrier believes that a machine took the call: a hint, which confirms and refuses nothing."""

    @property
    def is_live(self) -> bool:
        """Whether it may still ring, speak or be delivered."""
        return self.progress is not Progress.ENDED

    @property
    def segments(self) -> int:
        """In how many parts the carrier sends it, its code in place: one, but for a long SMS."""
        if self.channel is not Channel.SMS:
            return 1
        return segments(self.text.replace(CODE_HERE, "0" * CODE_DIGITS))

    @property
    def can_be_joined(self) -> bool:
        """Whether a further ask may still be put in it: a call that nobody has answered yet."""
        return (
            self.channel is Channel.VOICE
            and self.is_live
            and self.progress < Progress.ANSWERED
            and not self.withdrawn
            and not self.words_went_along
            and self.script is None
        )


def seen(
    attempt: Attempt,
    progress: Progress,
    now: datetime,
    *,
    outcome: Outcome | None = None,
    provider_id: str | None = None,
    sequence: int | None = None,
    code: str | None = None,
) -> Attempt:
    """
    Return *attempt* after the carrier showed it at *progress*; an older word changes nothing.

    The provider does not promise order: progress only grows, and an end stays the end.
    """
    attempt = replace(attempt, provider_id=attempt.provider_id or provider_id)
    if progress <= attempt.progress:
        return attempt
    return replace(
        attempt,
        progress=progress,
        sequence=sequence if sequence is not None else attempt.sequence,
        outcome=outcome if progress is Progress.ENDED else None,
        code=code or attempt.code,
        answered_at=now
        if progress >= Progress.ANSWERED
        and _was_answered(progress, outcome)
        and attempt.answered_at is None
        else attempt.answered_at,
        ended_at=now if progress is Progress.ENDED else None,
        look_at=None if progress is Progress.ENDED else attempt.look_at,
    )


def hinted(attempt: Attempt) -> Attempt:
    """Return *attempt* with the carrier's hint that a machine answered it."""
    return replace(attempt, machine=True)


def _was_answered(progress: Progress, outcome: Outcome | None) -> bool:
    return progress is Progress.ANSWERED or outcome is Outcome.COMPLETED
