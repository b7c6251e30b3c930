"""
The life of a call: queued, dialled, ringing, answered, ended, with a call-back at each step asked for.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Protocol

from services.phones.domain.account import Account
from services.phones.domain.budget import Budget
from services.phones.domain.call import Call, CallStatus, Direction, status_form
from services.phones.domain.callbacks import Callbacks
from services.phones.domain.errors import Code, RefusedError
from services.phones.domain.leg import CallOrder, Leg
from services.phones.domain.person import Habit
from services.phones.domain.record import What
from services.phones.domain.state import State

_SIP_BUSY, _SIP_UNAVAILABLE, _SIP_NOT_FOUND, _SIP_DECLINED = 486, 480, 404, 603


class Moments(Protocol):
    """Who wants to know what a call has come to."""

    def rang(self, leg: Leg) -> None:
        """The phone begins to ring."""
        ...

    def answered(self, leg: Leg) -> None:
        """Somebody, or something, picked up."""
        ...

    def ended(self, leg: Leg) -> None:
        """The call is over."""
        ...


@dataclass(slots=True)
class _Desk:
    account: Account
    budget: Budget
    waiting: deque[str]


class Voice:
    """All calls of all accounts. Live ones have a leg; the rest are their last resource."""

    def __init__(self, state: State, callbacks: Callbacks, moments: Moments) -> None:
        self.calls: dict[str, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.by_number: dict[str, list[str]] = {}
        self.everybody_is_manual = False
        self.chosen: dict[str, Habit] = {}
        """By number: what somebody at the page wants this phone to do with calls."""
        self._state = state
        self._callbacks = callbacks
        self._moments = moments
        self._on_the_phone: dict[str, str] = {}
        self._dialled: dict[str, int] = {}
        self._desks = {
            sid: _Desk(account, Budget(account.lines, account.starts_per_s), deque())
            for sid, account in state.accounts.items()
        }

    def place(self, account_sid: str, to: str, from_: str, order: CallOrder) -> Call:
        """Queue a call and start it if a line and a start are free. Returns it as queued."""
        desk = self._desks[account_sid]
        wanted = desk.budget.lines_used + len(desk.waiting)
        if desk.account.refuses_when_full and wanted >= desk.account.lines:
            raise RefusedError(
                Code.CONCURRENCY_EXCEEDED, "Call concurrency limit exceeded", status=429
            )
        leg = self._new_leg(account_sid, to, from_, Direction.OUTBOUND, order)
        self._state.record.requested(leg.call)
        queued = leg.call
        desk.waiting.append(queued.sid)
        self._start_waiting(desk)
        return queued

    def ring_in(self, account_sid: str, from_: str, to: str, order: CallOrder) -> Leg | None:
        """A person rings the account; None when he is on the phone already. Uses no line."""
        if from_ in self._on_the_phone:
            return None
        leg = self._new_leg(account_sid, to, from_, Direction.INBOUND, order)
        self._on_the_phone[from_] = leg.call.sid
        self._state.record.became_live(from_)
        leg.change(self._state.now, status=CallStatus.RINGING, started_at=self._state.now)
        self._note(leg, What.RANG_BACK, to)
        self.calls[leg.call.sid] = leg.call
        return leg

    def answer(self, leg: Leg) -> None:
        """The person picks up, or, when he rang, the account does."""
        if leg.call.status is not CallStatus.RINGING:
            return
        self._state.agenda.drop_all(leg.call.sid)
        self._turn(leg, CallStatus.IN_PROGRESS, answered_at=self._state.now)
        self._note(leg, What.ANSWERED, "")
        self._state.after(leg.call.sid, "time limit", leg.order.time_limit, lambda: self.end(leg))
        self._moments.answered(leg)

    def hang_up(self, leg: Leg) -> None:
        """The person hangs up, or declines what rings."""
        if leg.call.status is CallStatus.RINGING:
            self._note(leg, What.HUNG_UP, "")
            self.end(leg, CallStatus.BUSY, sip_code=_SIP_DECLINED)
        elif leg.call.status is CallStatus.IN_PROGRESS:
            self._note(leg, What.HUNG_UP, "")
            self.end(leg)

    def end(
        self,
        leg: Leg,
        status: CallStatus = CallStatus.COMPLETED,
        error_code: int | None = None,
        sip_code: int | None = None,
    ) -> None:
        """Close the call in *status*; a call that has ended stays as it is."""
        call = leg.call
        if call.status.is_final:
            return
        self._state.agenda.drop_all(call.sid)
        was_dialled = call.started_at is not None
        leg.saying = ""
        self._turn(
            leg,
            status,
            ended_at=self._state.now,
            error_code=error_code if error_code is not None else call.error_code,
            sip_code=sip_code,
        )
        del self.legs[call.sid]
        self._note(leg, What.ENDED, status.value)
        if was_dialled:
            self._state.record.no_longer_live(call.number)
        if self._on_the_phone.get(call.number) == call.sid:
            del self._on_the_phone[call.number]
        desk = self._desks[call.account_sid]
        if call.direction is Direction.OUTBOUND and was_dialled:
            desk.budget.release()
        elif not was_dialled:
            desk.waiting.remove(call.sid)
        self._moments.ended(leg)
        self._start_waiting(desk)

    def take_for(self, leg: Leg, verdict: str) -> None:
        """The machine detection has made up its mind about who answered."""
        leg.change(self._state.now, answered_by=verdict)
        self.calls[leg.call.sid] = leg.call

    def live_leg(self, number: str) -> Leg | None:
        """Return the call that rings or is talked in at *number*, or None."""
        sid = self._on_the_phone.get(number)
        return self.legs[sid] if sid else None

    def _start_waiting(self, desk: _Desk) -> None:
        owner = f"account {desk.account.sid}"
        self._state.agenda.drop(owner, "next start")
        while desk.waiting and not desk.budget.is_full:
            at = desk.budget.next_start_at(self._state.now)
            if at > self._state.now:
                self._state.agenda.put(owner, "next start", at, lambda: self._start_waiting(desk))
                return
            desk.budget.take(self._state.now)
            self._dial(self.legs[desk.waiting.popleft()], desk.budget.lines_used)

    def _dial(self, leg: Leg, lines_used: int) -> None:
        self._state.record.started(leg.call, self._state.now, lines_used)
        number = leg.call.to
        ordinal = self._dialled.get(number, 0)
        self._dialled[number] = ordinal + 1
        usual = Habit.MANUAL if self.everybody_is_manual else leg.person.habit_of_call(ordinal)
        leg.habit = self.chosen.get(leg.call.number, usual)
        self._turn(leg, CallStatus.INITIATED, started_at=self._state.now)
        self._state.after(
            leg.call.sid, "dialling", self._state.tempo.dials_for, lambda: self._reach(leg)
        )

    def _reach(self, leg: Leg) -> None:
        if leg.call.number in self._on_the_phone or leg.habit is Habit.BUSY:
            self.end(leg, CallStatus.BUSY, sip_code=_SIP_BUSY)
        elif leg.habit is Habit.OFF:
            self.end(leg, CallStatus.FAILED, sip_code=_SIP_UNAVAILABLE)
        elif leg.habit is Habit.UNALLOCATED:
            self.end(leg, CallStatus.FAILED, Code.NOT_REACHABLE, _SIP_NOT_FOUND)
        else:
            self._ring(leg)

    def _ring(self, leg: Leg) -> None:
        self._on_the_phone[leg.call.number] = leg.call.sid
        self._turn(leg, CallStatus.RINGING)
        self._note(leg, What.RANG, leg.call.from_)
        self._state.after(
            leg.call.sid,
            "ring time-out",
            leg.order.timeout,
            lambda: self.end(leg, CallStatus.NO_ANSWER),
        )
        self._moments.rang(leg)

    def _new_leg(
        self, account_sid: str, to: str, from_: str, direction: Direction, order: CallOrder
    ) -> Leg:
        now = self._state.now
        call = Call(
            sid=self._state.new_id("CA"),
            account_sid=account_sid,
            to=to,
            from_=from_,
            direction=direction,
            status=CallStatus.QUEUED,
            created_at=now,
            updated_at=now,
            status_callback=order.status_callback,
        )
        person = replace(self._state.person_of(call.number), number=call.number)
        leg = Leg(call, order, person, Habit.CODER, base_url=order.url)
        self.calls[call.sid] = call
        self.legs[call.sid] = leg
        self.by_number.setdefault(call.number, []).append(call.sid)
        return leg

    def _turn(self, leg: Leg, status: CallStatus, **changes: object) -> None:
        leg.change(self._state.now, status=status, **changes)
        self.calls[leg.call.sid] = leg.call
        self._state.record.touch(leg.call.number)
        order = leg.order
        if order.status_callback and status.event in order.events:
            form = status_form(leg.call, leg.sequence, self._state.now)
            leg.sequence += 1
            self._callbacks.emit(
                leg.call.account_sid,
                leg.call.sid,
                order.status_callback,
                order.status_callback_method,
                form,
            )

    def _note(self, leg: Leg, what: What, detail: str) -> None:
        self._state.record.note(self._state.now, leg.call.number, what, detail, leg.call.sid)
