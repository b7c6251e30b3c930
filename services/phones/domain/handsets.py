"""
What a human does at a practice phone: whoever touches one has it for the rest of that call.
"""

from datetime import datetime

from services.phones.domain.call import CallStatus
from services.phones.domain.crowd import Crowd
from services.phones.domain.errors import Code
from services.phones.domain.leg import CallOrder, Leg
from services.phones.domain.person import Habit
from services.phones.domain.playback import Playback
from services.phones.domain.state import State
from services.phones.domain.texting import Texting
from services.phones.domain.voice import Voice


class Handsets:
    """The keypads; every act answers False when there was nothing to do it to."""

    def __init__(
        self, state: State, voice: Voice, playback: Playback, crowd: Crowd, texting: Texting
    ) -> None:
        self._state = state
        self._voice = voice
        self._playback = playback
        self._crowd = crowd
        self._texting = texting

    def answer(self, number: str, now: datetime) -> bool:
        """Pick up what rings at *number*."""
        leg = self._taken_over(number, now)
        if leg is None or leg.call.status is not CallStatus.RINGING:
            return False
        self._voice.answer(leg)
        return True

    def press(self, number: str, key: str, now: datetime) -> bool:
        """Press *key* at *number* while somebody talks there."""
        leg = self._taken_over(number, now)
        if leg is None or leg.call.status is not CallStatus.IN_PROGRESS:
            return False
        self._playback.press(leg, key)
        return True

    def hang_up(self, number: str, now: datetime) -> bool:
        """Hang up, or decline what rings."""
        leg = self._taken_over(number, now)
        if leg is None:
            return False
        self._voice.hang_up(leg)
        return True

    def write(self, number: str, body: str, now: datetime) -> bool:
        """Answer the last text that came to *number*."""
        self._state.run_to(now)
        last = self._texting.last_writer_to(number)
        if last is None:
            return False
        self._texting.write(last.account_sid, number, last.from_, body)
        return True

    def choose(self, number: str, habit: Habit | None, now: datetime) -> bool:
        """Have *number* do this with every further call; None: what its owner usually does."""
        self._state.run_to(now)
        if habit is None:
            self._voice.chosen.pop(number, None)
        else:
            self._voice.chosen[number] = habit
        return True

    def call_back(self, number: str, now: datetime) -> bool:
        """Ring whoever rang, or wrote to, *number* last, and speak with him by hand."""
        self._state.run_to(now)
        rung = [self._voice.calls[sid] for sid in self._voice.by_number.get(number, ())]
        last = next((one for one in reversed(rung) if one.to == number), None)
        text = self._texting.last_writer_to(number)
        known = last or text
        if known is None or not self._ring_in(known.account_sid, number, known.from_):
            return False
        leg = self._voice.live_leg(number)
        if leg is not None:
            self._crowd.take_over(leg)
        return True

    def chosen(self, number: str) -> Habit | None:
        """Return what somebody at the page chose for *number*."""
        return self._voice.chosen.get(number)

    def ring_in(self, account_sid: str, number: str, to: str, now: datetime) -> bool:
        """Have the person at *number* ring the account, unless he is on the phone."""
        self._state.run_to(now)
        return self._ring_in(account_sid, number, to)

    def ring_back(self, missed: Leg) -> None:
        """Have the person ring whoever he missed."""
        self._ring_in(missed.call.account_sid, missed.call.to, missed.call.from_)

    def _ring_in(self, account_sid: str, number: str, to: str) -> bool:
        url = self._state.accounts[account_sid].voice_url
        if not url:
            detail = "the account has no voice URL"
            self._state.record.complain(self._state.now, Code.SCRIPT_NOT_FETCHED, detail, "")
            return False
        leg = self._voice.ring_in(account_sid, number, to, CallOrder(url=url))
        if leg is None:
            return False
        if self._voice.everybody_is_manual or leg.person.habits[0] is Habit.MANUAL:
            leg.habit = Habit.MANUAL
        self._playback.fetch(leg, url, "POST", {})
        return True

    def _taken_over(self, number: str, now: datetime) -> Leg | None:
        self._state.run_to(now)
        leg = self._voice.live_leg(number)
        if leg is not None:
            self._crowd.take_over(leg)
        return leg
