"""
The one call that is made without a record of it: to the duty officer, when nothing can be stored.

It needs no disk: who is on duty and his number are in memory, and the words are fixed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from schemas.role import Role
from services.dispatcher.adapters.carrier_desk import Spawn
from services.dispatcher.domain.calls.attempt import Attempt
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.calls.calling import ANSWER_WITHIN
from services.dispatcher.domain.commands import PlaceCall
from services.dispatcher.domain.script import Await, Script
from services.dispatcher.ports import CarrierError, CarrierRefusedError, Telephony
from services.district.domain.pack import Pack
from services.district.domain.templates import TextKey
from services.runtime.clock import Clock

PREFIX = "fault_"
"""Attempts that begin so are no attempts of the ledger: the edge answers them by itself."""
RING_AGAIN_AFTER = timedelta(minutes=2)
_CALL_LASTS_AT_MOST = timedelta(minutes=10)
_SAID_WITHIN = timedelta(seconds=30)
"""How long it takes to say it to who has picked up at the last moment, with all that is slow."""

log = structlog.get_logger()


class StoreAlarm:
    """
    Rings each duty officer at most every two minutes for as long as it is asked to, and never while
    another call of ours to him is live (invariant 6).

    *attempt_to* tells the call to a contact that was live when last anything could be stored. What a
    process before this one asked for while nothing could be stored only the carrier knows.
    """

    def __init__(
        self,
        accounts: Mapping[str, Telephony],
        pack: Pack,
        clock: Clock,
        spawn: Spawn,
        attempt_to: Callable[[str], Attempt | None],
    ) -> None:
        self._accounts = accounts
        self._pack = pack
        self._words = pack.templates.text(TextKey.VOICE_STORE_FAULT)
        self._clock = clock
        self._spawn = spawn
        self._attempt_to = attempt_to
        self._timeout = pack.policies.budget.ring_timeout
        self._rung_at: dict[str, datetime] = {}

    def ring(self) -> None:
        """Ring whoever is on duty, unless that was done a moment ago."""
        now = self._clock.now()
        for contact in self._on_duty(now):
            rung_at = self._rung_at.get(contact)
            if rung_at is None or now - rung_at >= RING_AGAIN_AFTER:
                self._rung_at[contact] = now
                attempt_id = f"{PREFIX}{contact}_{int(now.timestamp())}"
                script = Script(0, (self._words,), Await.NOTHING)
                command = PlaceCall(attempt_id, contact, self._timeout, script=script)
                self._spawn("store alarm", self._place(command))

    def occupies(self, contact: str) -> bool:
        """Whether the call from memory to *contact* may still be under way: another must wait."""
        rung_at = self._rung_at.get(contact)
        return rung_at is not None and self._clock.now() < rung_at + self._timeout + _SAID_WITHIN

    async def _place(self, command: PlaceCall) -> None:
        if await self._is_on_the_phone(command.contact) or await self._rings(command.contact):
            del self._rung_at[command.contact]  # the next write that fails asks again
            return
        for name, telephony in self._accounts.items():
            try:
                await telephony.place_call(command)
            except CarrierRefusedError:
                log.exception("duty_officer_not_rung", contact=command.contact, account=name)
                continue  # it certainly does not ring: the next account may do it
            except CarrierError:
                log.exception("duty_officer_not_rung", contact=command.contact, account=name)
            else:
                log.error("duty_officer_rung_from_memory", contact=command.contact, account=name)
            return

    async def _is_on_the_phone(self, contact: str) -> bool:
        # What the carrier told since then could not be stored, so it is asked.
        attempt = self._attempt_to(contact)
        if attempt is None:
            return False
        if attempt.provider_id is None or attempt.account not in self._accounts:
            return self._clock.now() < attempt.intended_at + ANSWER_WITHIN
        try:
            seen = await self._accounts[attempt.account].fetch(attempt.provider_id, voice=True)
        except CarrierError:
            return True  # a carrier that cannot say it would not ring him either
        return seen.progress is not Progress.ENDED

    async def _rings(self, contact: str) -> bool:
        """Whether a call of ours to *contact* is live that a process before this one asked for."""
        since = self._clock.now() - _CALL_LASTS_AT_MOST
        for name, telephony in self._accounts.items():
            try:
                found = await telephony.list_to(contact, since, voice=True)
            except CarrierError:
                # Another account may ring him, and one call too many is better than none.
                log.exception("calls_not_listed", contact=contact, account=name)
                continue
            if any(seen.progress is not Progress.ENDED for seen in found):
                return True
        return False

    def _on_duty(self, now: datetime) -> list[str]:
        roster = self._pack.roster
        found = []
        for post in roster.posts.values():
            holder = roster.shift_at(post.post_id, now).holder
            if post.role is Role.DUTY_OFFICER and holder is not None:
                contact = roster.people[holder].voice_contact
                found += [contact.contact_id] if contact is not None else []
        return found
