"""
The people at the phones, doing what their habits say: picking up, listening, pressing, ringing back.

Everything a person does is put on the agenda under a label that starts with "person", so that a
human at the page can take a phone over by dropping those.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from services.phones.domain.call import CallStatus, Direction
from services.phones.domain.ear import Asked, understand
from services.phones.domain.leg import Leg, Listening
from services.phones.domain.person import LISTENERS, Habit
from services.phones.domain.state import State

_PERSON = "person"
_MOST_KEYS = 40  # a menu that asks for 1 again after each 1 ends here
_POCKET_KEYS = "1470#"
_POCKET_ENDS_AFTER = timedelta(seconds=10)
_LETS_IT_RING = frozenset({Habit.NEVER, Habit.MANUAL, Habit.REPLIES_BY_SMS, Habit.RINGS_BACK})


class Crowd:
    """Turns what a phone does into what its owner does next."""

    def __init__(
        self,
        state: State,
        answer: Callable[[Leg], None],
        press: Callable[[Leg, str], None],
        hang_up: Callable[[Leg], None],
        ring_back: Callable[[Leg], None],
        write: Callable[[Leg, str], None],
    ) -> None:
        self._state = state
        self._answer = answer
        self._press = press
        self._hang_up = hang_up
        self._ring_back = ring_back
        self._write = write

    def rang(self, leg: Leg) -> None:
        """Decide when, and whether, to pick up."""
        if leg.habit not in _LETS_IT_RING:
            delay = self._drawn(leg, "rings", *leg.person.rings_for(leg.habit))
            self._soon(leg, "answers", delay, lambda: self._answer(leg))

    def answered(self, leg: Leg) -> None:
        """Some do not wait to hear anything."""
        if leg.call.direction is Direction.INBOUND:
            leg.habit = Habit.CODER if leg.habit is not Habit.MANUAL else Habit.MANUAL
        match leg.habit:
            case Habit.HANGS_UP:
                self._soon(leg, "leaves", leg.person.hangs_up_after, lambda: self._hang_up(leg))
            case Habit.POCKET:
                delay = timedelta(seconds=2)
                self._type(leg, "cloth", _POCKET_KEYS, self._state.now + delay)
                self._soon(leg, "leaves", _POCKET_ENDS_AFTER, lambda: self._hang_up(leg))
            case _:
                pass

    def began(self, leg: Leg) -> None:
        """A new script: forget what the last one asked, remember the code."""
        code, pressed = leg.listening.code, leg.listening.keys_pressed
        leg.listening = Listening(code=code, keys_pressed=pressed)
        self._state.agenda.drop_with_prefix(leg.call.sid, f"{_PERSON} types key")
        self._state.agenda.drop_with_prefix(leg.call.sid, f"{_PERSON} types code")

    def heard(self, leg: Leg, phrase: str) -> None:
        """Understand what has been said so far, and do it."""
        if leg.habit not in LISTENERS or leg.listening.keys_pressed >= _MOST_KEYS:
            return
        listening = leg.listening
        listening.text = f"{listening.text} {phrase}".strip()
        asked = understand(listening.text)
        listening.code = asked.code or listening.code
        if asked.by_text:
            self._answer_by_text(leg, asked)
            return
        self._press_key(leg, asked)
        if asked.urges:
            self._type_code(leg, asked)

    def fell_silent(self, leg: Leg) -> None:
        """A machine has recorded its one message; who was only told a code takes it as a question."""
        if leg.habit in LISTENERS and not understand(leg.listening.text).by_text:
            self._type_code(leg, understand(leg.listening.text))
        if leg.habit is Habit.VOICEMAIL:
            self._soon(leg, "leaves", timedelta(0), lambda: self._hang_up(leg))

    def ended(self, leg: Leg) -> None:
        """Who missed a call and rings back does so later."""
        call = leg.call
        missed = call.started_at is not None and call.answered_at is None
        is_out = call.direction is Direction.OUTBOUND
        if (
            leg.habit is Habit.RINGS_BACK
            and missed
            and is_out
            and call.status is not CallStatus.BUSY
        ):
            delay = self._drawn(leg, "rings back", *leg.person.rings_back_after)
            self._state.after(f"{call.sid} back", _PERSON, delay, lambda: self._ring_back(leg))

    def take_over(self, leg: Leg) -> None:
        """A human is at this phone for the rest of this call."""
        leg.habit = Habit.MANUAL
        self._state.agenda.drop_with_prefix(leg.call.sid, _PERSON)

    def _press_key(self, leg: Leg, asked: Asked) -> None:
        key = asked.key
        if key and leg.habit is Habit.WRONG_KEY:
            key = "9" if key != "9" else "8"
        if key and leg.listening.planned.get("key") != key:
            leg.listening.planned["key"] = key
            leg.listening.key_at = self._state.now + self._thinks(leg, "key")
            self._type(leg, "key", key, leg.listening.key_at)

    def _answer_by_text(self, leg: Leg, asked: Asked) -> None:
        """Once a call: what he was asked to write, when he has found the keyboard."""
        body = asked.code if leg.habit is not Habit.ONE_ONLY else ""
        if leg.habit is Habit.WRONG_CODE:
            body = _every_digit_wrong(body)
        if "text" in leg.listening.planned:
            return
        leg.listening.planned["text"] = body or "1"
        delay = self._drawn(leg, "writes", *leg.person.replies_after)
        # Not the call's own timer: he writes after it as well.
        self._state.after(
            f"{leg.call.sid} writes", _PERSON, delay, lambda: self._write(leg, body or "1")
        )

    def _type_code(self, leg: Leg, asked: Asked) -> None:
        if leg.habit in (Habit.ONE_ONLY, Habit.WRONG_KEY) or not asked.wants_code:
            return
        code = leg.listening.code
        if leg.habit is Habit.WRONG_CODE:
            code = _every_digit_wrong(code)
        keys = f"{code}#" if asked.ends_with_pound else code
        if not code or leg.listening.planned.get("code") == keys:
            return
        leg.listening.planned["code"] = keys
        starts_at = self._state.now + self._thinks(leg, "code")
        if leg.listening.key_at is not None:
            # Asked for the key first, he presses it first, however quickly he learned the code.
            starts_at = max(starts_at, leg.listening.key_at + self._state.tempo.between_keys)
        self._state.agenda.drop_with_prefix(leg.call.sid, f"{_PERSON} types code")
        self._type(leg, "code", keys, starts_at)

    def _type(self, leg: Leg, what: str, keys: str, starts_at: datetime) -> None:
        for ordinal, key in enumerate(keys):
            self._state.agenda.put(
                leg.call.sid,
                f"{_PERSON} types {what} {ordinal}",
                starts_at + ordinal * self._state.tempo.between_keys,
                lambda key=key: self._press(leg, key),  # type: ignore[misc] # mypy cannot infer a lambda with a default
            )

    def _thinks(self, leg: Leg, what: str) -> timedelta:
        return self._drawn(leg, f"{what} {leg.fetch_no}", *leg.person.reacts_in(leg.habit))

    def _drawn(self, leg: Leg, what: str, shortest: timedelta, longest: timedelta) -> timedelta:
        return self._state.drawn((shortest, longest), leg.call.sid, what)

    def _soon(self, leg: Leg, label: str, delay: timedelta, act: Callable[[], None]) -> None:
        self._state.after(leg.call.sid, f"{_PERSON} {label}", delay, act)


def _every_digit_wrong(code: str) -> str:
    return "".join(str((int(digit) + 1) % 10) for digit in code)
