"""
How a status call-back leaves the carrier: as it should, or late, twice, out of order or not at all.
"""

from collections.abc import Mapping
from datetime import timedelta

from services.phones.domain.draw import opaque_id
from services.phones.domain.effects import PostCallback
from services.phones.domain.faults import CallbackFault
from services.phones.domain.state import State

_HELD_AT_MOST = timedelta(seconds=5)


class Callbacks:
    """Emits call-backs; a re-ordered one waits for the next of its call, but not for ever."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: dict[str, PostCallback] = {}
        self._count = 0

    def emit(
        self, account_sid: str, sid: str, url: str, method: str, form: Mapping[str, str]
    ) -> None:
        """Send one status call-back of *sid* to *url*, or let the fault of the moment have it."""
        self._count += 1
        token = opaque_id("", self._state.seed, "callback", self._count)
        callback = PostCallback(account_sid, sid, url, method, form, token)
        match self._state.faults.on_callback():
            case CallbackFault.LOST:
                self._state.record.callbacks_lost += 1
            case CallbackFault.LATE:
                self._later(callback, "late")
            case CallbackFault.DOUBLED:
                self._send(callback)
                self._later(callback, "again")
            case CallbackFault.REORDERED if sid not in self._held:
                self._hold(callback)
                return
            case _:
                self._send(callback)
        self._release(sid)

    def _hold(self, callback: PostCallback) -> None:
        self._held[callback.sid] = callback
        self._state.after(
            _owner(callback.sid), "held", _HELD_AT_MOST, lambda: self._release(callback.sid)
        )

    def _release(self, sid: str) -> None:
        held = self._held.pop(sid, None)
        if held is not None:
            self._state.agenda.drop(_owner(sid), "held")
            self._send(held)

    def _later(self, callback: PostCallback, label: str) -> None:
        delay = self._state.drawn(self._state.faults.late_by, callback.token, label)
        owner = _owner(callback.sid)
        self._state.after(owner, callback.token + label, delay, lambda: self._send(callback))

    def _send(self, callback: PostCallback) -> None:
        self._state.record.callbacks_emitted += 1
        self._state.effects.append(callback)


def _owner(sid: str) -> str:
    return f"callbacks {sid}"
