"""
People and their habits: what somebody does when his phone rings, and when a text arrives.

A person may have a habit for each call in turn (never, then coder): the last one stays.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from services.phones.domain.draw import Span, seconds


class Habit(StrEnum):
    """What a person does with one call."""

    CODER = "coder"
    """Listens, presses the key asked for, hears the code and types it."""
    AT_ONCE = "at_once"
    """A coder who picks up within two seconds."""
    SLOWLY = "slowly"
    """A coder who takes twenty seconds to find the phone and thinks between keys."""
    ONE_ONLY = "one_only"
    """Presses the key, never a code."""
    WRONG_KEY = "wrong_key"
    WRONG_CODE = "wrong_code"
    POCKET = "pocket"
    """The phone answers itself in a pocket and presses what the cloth touches."""
    VOICEMAIL = "voicemail"
    """A machine answers, presses nothing and hangs up after one message."""
    HANGS_UP = "hangs_up"
    NEVER = "never"
    BUSY = "busy"
    OFF = "off"
    UNALLOCATED = "unallocated"
    """No such number any more."""
    REPLIES_BY_SMS = "replies_by_sms"
    """Lets it ring and answers the text."""
    RINGS_BACK = "rings_back"
    """Misses the call and rings the number he sees, then acts as a coder."""
    MANUAL = "manual"
    """A human at the page."""


class Reply(StrEnum):
    """What a person writes back to a text."""

    NONE = "none"
    ONE = "one"
    RECEIVED = "received"
    CODE = "code"
    """The code in the text; nothing when it has none."""


class Delivery(StrEnum):
    """What the network says about texts to this number."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNREPORTED = "unreported"
    """Sent, and nobody ever says what became of it."""


LISTENERS = frozenset(
    {
        Habit.CODER,
        Habit.AT_ONCE,
        Habit.SLOWLY,
        Habit.ONE_ONLY,
        Habit.WRONG_KEY,
        Habit.WRONG_CODE,
    }
)
"""Those who do what they hear, rightly or wrongly."""

_RINGS: dict[Habit, Span] = {
    Habit.AT_ONCE: seconds(1, 2),
    Habit.SLOWLY: seconds(18, 25),
    Habit.VOICEMAIL: seconds(15, 25),
    Habit.POCKET: seconds(4, 8),
}
_REACTS: dict[Habit, Span] = {Habit.SLOWLY: seconds(2, 3.5)}


@dataclass(frozen=True, slots=True)
class Person:
    """
    One number and how its owner behaves.

    *rings* is how long the phone rings before he answers, *reacts* how long he thinks after
    hearing what to do; None means what is usual for the habit.
    """

    number: str
    label: str = ""
    habits: tuple[Habit, ...] = (Habit.CODER,)
    rings: Span | None = None
    reacts: Span | None = None
    hangs_up_after: timedelta = timedelta(seconds=6)
    reply: Reply = Reply.NONE
    replies_after: Span = field(default_factory=lambda: seconds(8, 20))
    rings_back_after: Span = field(default_factory=lambda: seconds(10, 30))
    delivery: Delivery | None = None
    refuses_texts_with: int | None = None
    sounds_like_a_machine: bool = False
    """The carrier's machine detection takes him for one, wrongly."""

    def habit_of_call(self, ordinal: int) -> Habit:
        """Return what he does with his call number *ordinal*, counted from 0."""
        return self.habits[min(ordinal, len(self.habits) - 1)]

    def rings_for(self, habit: Habit) -> Span:
        """Return how long he lets it ring under *habit*: 5 to 15 s unless something says else."""
        return self.rings or _RINGS.get(habit, seconds(5, 15))

    def reacts_in(self, habit: Habit) -> Span:
        """Return how long he thinks before a key under *habit*."""
        return self.reacts or _REACTS.get(habit, seconds(0.5, 1.5))

    @property
    def answers_texts_with(self) -> Reply:
        """Who replies by SMS and says nothing else writes 1."""
        if self.reply is Reply.NONE and Habit.REPLIES_BY_SMS in self.habits:
            return Reply.ONE
        return self.reply

    @property
    def texts_end(self) -> Delivery:
        """What becomes of a text: a phone that is off gets none."""
        if self.delivery is not None:
            return self.delivery
        if self.habits[0] is Habit.UNALLOCATED:
            return Delivery.FAILED
        return Delivery.UNDELIVERED if self.habits[0] is Habit.OFF else Delivery.DELIVERED
