"""
The carrier's guess whether a human or a machine answered. It takes seconds, and it may be wrong:
what it says of somebody is his own trait here, so that a test can have it err.
"""

from datetime import timedelta

from services.phones.domain.call import API_VERSION, CallStatus
from services.phones.domain.callbacks import Callbacks
from services.phones.domain.leg import Leg
from services.phones.domain.person import Habit
from services.phones.domain.state import State
from services.phones.domain.voice import Voice

_HUMAN_TAKES, _MACHINE_TAKES = timedelta(seconds=2), timedelta(seconds=4)
"""A greeting longer than 2.4 s (the usual threshold for speech) is a machine's."""


class Detection:
    """Listens to each answered call whose order asks for it, and tells what it believes."""

    def __init__(self, state: State, voice: Voice, callbacks: Callbacks) -> None:
        self._state = state
        self._voice = voice
        self._callbacks = callbacks

    def answered(self, leg: Leg) -> None:
        """Begin to listen."""
        if not leg.order.detects_machines:
            return
        is_machine = leg.habit is Habit.VOICEMAIL or leg.person.sounds_like_a_machine
        takes = _MACHINE_TAKES if is_machine else _HUMAN_TAKES
        verdict = "machine_start" if is_machine else "human"
        self._state.after(leg.call.sid, "detection", takes, lambda: self._tell(leg, verdict, takes))

    def _tell(self, leg: Leg, verdict: str, took: timedelta) -> None:
        if leg.call.status is not CallStatus.IN_PROGRESS:
            return
        self._voice.take_for(leg, verdict)
        if leg.order.amd_callback:
            form = {
                "AccountSid": leg.call.account_sid,
                "ApiVersion": API_VERSION,
                "CallSid": leg.call.sid,
                "AnsweredBy": verdict,
                "MachineDetectionDuration": str(round(took.total_seconds() * 1000)),
            }
            self._callbacks.emit(
                leg.call.account_sid, leg.call.sid, leg.order.amd_callback, "POST", form
            )
