"""
An account at the carrier: its secret, what it may use, and where it is rung and written to.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from services.phones.domain.draw import Span, seconds


@dataclass(frozen=True, slots=True)
class Account:
    """
    One customer of the carrier.

    Outgoing calls share *lines* and *starts_per_s*; a call over them waits in the carrier's queue,
    or is refused with 10004 when *refuses_when_full*. *voice_url* and *sms_url* are asked when
    somebody rings or writes back.
    """

    sid: str
    auth_token: str
    starts_per_s: float = 1.0
    lines: int = 100
    refuses_when_full: bool = False
    voice_url: str = ""
    sms_url: str = ""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast speech, keys and the network are."""

    chars_per_s: float = 4.5
    recording_lasts: timedelta = timedelta(seconds=5)
    dials_for: timedelta = timedelta(milliseconds=200)
    between_keys: timedelta = timedelta(milliseconds=300)
    text_sent_after: Span = field(default_factory=lambda: seconds(0.3, 1))
    text_ends_after: Span = field(default_factory=lambda: seconds(1, 4))

    def faster(self, times: float) -> "Tempo":
        """Return the same network, in which everything takes a fraction of its time."""
        return Tempo(
            chars_per_s=self.chars_per_s * times,
            recording_lasts=self.recording_lasts / times,
            dials_for=self.dials_for / times,
            between_keys=self.between_keys / times,
            text_sent_after=_faster(self.text_sent_after, times),
            text_ends_after=_faster(self.text_ends_after, times),
        )


def _faster(span: Span, times: float) -> Span:
    shortest, longest = span
    return shortest / times, longest / times
