"""
The one call that is made without a record of it: to the duty officer, when nothing can be stored.

It needs no disk: who is on duty and his number are in memory, and the words are fixed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from schemas.role import Role
from services.dispatcher.adapters.carrier_desk import Spawn
from services.dispatcher.domain.commands import PlaceCall
from services.dispatcher.domain.script import Await, Script
from services.dispatcher.ports import CarrierError, CarrierRefusedError, Telephony
from services.district.domain.pack import Pack
from services.district.domain.templates import TextKey
from services.runtime.clock import Clock

PREFIX = "fault_"
"""Attempts that begin so are no attempts of the ledger: the edge answers them by itself."""
RING_AGAIN_AFTER = timedelta(minutes=2)

log = structlog.get_logger()


class StoreAlarm:
    """Rings the duty officer at most every two minutes for as long as it is asked to."""

    def __init__(
        self, accounts: Mapping[str, Telephony], pack: Pack, clock: Clock, spawn: Spawn
    ) -> None:
        self._accounts = accounts
        self._pack = pack
        self._words = pack.templates.text(TextKey.VOICE_STORE_FAULT)
        self._clock = clock
        self._spawn = spawn
        self._rung_at: datetime | None = None

    def ring(self) -> None:
        """Ring whoever is on duty, unless that was done a moment ago."""
        now = self._clock.now()
        if self._rung_at is not None and now - self._rung_at < RING_AGAIN_AFTER:
            return
        self._rung_at = now
        timeout = self._pack.policies.budget.ring_timeout
        for contact in self._on_duty(now):
            attempt_id = f"{PREFIX}{contact}_{int(now.timestamp())}"
            script = Script(0, (self._words,), Await.NOTHING)
            call = PlaceCall(attempt_id, contact, timeout, script=script)
            self._spawn("store alarm", self._place(call))

    async def _place(self, command: PlaceCall) -> None:
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

    def _on_duty(self, now: datetime) -> list[str]:
        roster = self._pack.roster
        found = []
        for post in roster.posts.values():
            holder = roster.shift_at(post.post_id, now).holder
            if post.role is Role.DUTY_OFFICER and holder is not None:
                contact = roster.people[holder].voice_contact
                found += [contact.contact_id] if contact is not None else []
        return found
