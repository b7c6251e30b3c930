"""
A night lived through: the towns' phones and sources outside, one process after the other inside.

The same plan gives the same night, step for step. Nothing here judges; `invariants.py` does.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from schemas.cap import Status
from schemas.topics import Topic
from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.secrets_file import EdgeSecrets
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.entrypoints.twilio_edge import Answer, TwilioEdge
from services.dispatcher.main import SECRETS
from services.dispatcher.ports import Telephony
from services.ingest.domain.errors import NotDurableError
from services.phones.domain.account import Account, Tempo
from services.phones.domain.exchange import Exchange
from services.recorded import recorded_logs
from services.runtime.bus import BusUnavailableError, Stored
from tests.fakes.telephony import FakeTelephony
from tests.simulation.carrier import Line, Request
from tests.simulation.disk import Disk
from tests.simulation.door import CountedFaults, Door
from tests.simulation.evidence import Evidence
from tests.simulation.faults import Count, Fault, FaultKind, Mishaps
from tests.simulation.ground import Ground, Machine, MachineClock, TrueClock
from tests.simulation.happenings import Situation, act_of, reading_of
from tests.simulation.life import DiedError, Life
from tests.simulation.loop import SimulatedLoop
from tests.simulation.plan import Plan, Said, SaidKind

_SID, _FROM, _BASE = "AC" + "0" * 31 + "3", "+861000000000", "http://jiaoying.test"
_TEMPO = Tempo(chars_per_s=30)
_ROOT = b"a secret of simulated nights, 32 bytes and more"
_SAY_AGAIN_S = 2.0
_LOOK_EVERY_S = 10.0
_QUIET_S = 60.0
"""The night goes on so long after the last chain has ended: whoever rings then, rings too much."""
PATIENCE_S = 4 * 3600.0
"""What is still open so long after the last input and the last fault will never end."""
_CHOKED_BEHIND_S = 12.0


class World:
    """*folder* is empty and on the machine's disk; *errors* is filled by who hears them."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        loop: SimulatedLoop,
        change: Callable[[Life], None],
        errors: list[str],
    ) -> None:
        self._plan = plan
        self._change = change
        self._mishaps = Mishaps(tuple(plan.faults.values()))
        self._requests: list[Request] = []
        machine = Machine(plan.start, loop)
        budget = plan.pack.policies.budget
        account = Account(_SID, "night", starts_per_s=budget.starts_per_s, lines=budget.lines)
        self._exchange = Exchange(
            [account],
            seed=f"phones {plan.seed}",
            start=plan.start,
            people=plan.people.values(),
            tempo=_TEMPO,
        )
        self._exchange.point_account(
            _SID, voice_url=f"{_BASE}/twilio/voice/inbound", sms_url=f"{_BASE}/twilio/sms"
        )
        self._exchange._state.faults = CountedFaults(self._mishaps)
        secrets = EdgeSecrets.derived_from(_ROOT)
        codes = Codes(secrets.codes)
        ours = TwilioAccount(_SID, "night", _FROM, webhooks_base_url=_BASE)
        self.evidence = Evidence(plan, self._exchange, codes, self._requests, errors=errors)
        self._ground = Ground(plan.pack, folder, machine, ours)
        (folder / SECRETS).write_bytes(_ROOT)
        (folder / SECRETS).chmod(0o600)
        self._disk = Disk(self._mishaps, self._became_durable, beside=plan.commits_beside)
        self._telephony = FakeTelephony(
            self._exchange,
            TrueClock(plan.start),
            ours,
            PhoneBook(plan.pack.numbers),
            WebhookUrls(_BASE, UrlMac(secrets.urls, MachineClock(machine))),
            codes,
        )
        self._telephony.edge = Door(self.deliver)  # type: ignore[assignment]
        self._situation = Situation()
        self._life: Life | None = None
        self._lives: list[Life] = []
        self._outside = copy_context()
        self._to_say = len(plan.said)
        self._busy_until = 0.0
        self._down_since = 0.0

    async def live(self) -> None:
        """Live through the night."""
        await self._telephony.phones.start()
        self._be_born()
        for name, said in self._plan.said.items():
            self._spawn(self._say(name, said))
        for fault in self._mishaps.timed():
            self._spawn(self._strike(fault))
        quiet_since: float | None = None
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            now = self._now()
            if not self._is_over():
                quiet_since = None
                last = max([self._busy_until, *[s.at_s for s in self._plan.said.values()]])
                if now > last + PATIENCE_S:
                    return
            elif quiet_since is None:
                quiet_since = now
            elif now >= quiet_since + _QUIET_S:
                self.evidence.is_finished = True
                return

    def close(self, loop: SimulatedLoop) -> None:
        """Take stock, and let nobody wake up any more."""
        evidence = self.evidence
        evidence.ended_at, evidence.steps = loop.time(), loop.steps
        evidence.struck = self._mishaps.struck
        if self._life is None:
            evidence.down.append((self._down_since, evidence.ended_at))
        for life in self._lives:
            if life.lifecycle is not None and life.lifecycle.exit_code:
                evidence.errors.append("a task crashed")
            if isinstance(life.failure, BaseException) and not isinstance(
                life.failure, BusUnavailableError
            ):
                evidence.errors.append(f"the start failed: {life.failure!r}")
            life.is_dead = True
        failures = self._telephony.phones.network._failures
        evidence.errors += [f"a webhook failed: {one!r}" for one in failures]
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            with contextlib.suppress(BaseException):
                task.get_coro().close()
        if self._lives:
            self._lives[-1].bury()
        for log in recorded_logs(self._ground.data, Topic.DISPATCH, values_under="dispatcher"):
            evidence.sealed, evidence.rows = list(log.records), log.values

    # The process.

    def _be_born(self) -> None:
        life = Life(self._ground, self._disk, self._mishaps, self._wrap, self._mourn)
        life.on_ready = lambda: self._change(life)
        self._life = life
        self._lives.append(life)
        life.begin()

    def _wrap(self, _life: Life, _real: Telephony) -> Telephony:
        return Line(
            self._telephony,
            self._exchange,
            self._mishaps,
            self._run_outside,
            self._requests,
            lambda: len(self.evidence.kept),
        )

    def _mourn(self, life: Life, downtime_s: float) -> None:
        self._life = None
        self._down_since = self._now()

        async def bury() -> None:
            life.bury()
            await asyncio.sleep(downtime_s)
            self.evidence.down.append((self._down_since, self._now()))
            self._busy_until = max(self._busy_until, self._now())
            self._be_born()

        self._run_outside(bury)

    def _became_durable(self, records: Sequence[Stored]) -> None:
        now = self._now()
        for stored in records:
            self.evidence.kept.append((now, stored))
            if stored.topic is Topic.DECISIONS:
                self._situation.learn(orjson.loads(stored.data))

    # What is outside.

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _spawn(self, work: Any) -> None:
        asyncio.get_running_loop().create_task(work, context=self._outside.copy())

    def _run_outside(self, work: Callable[[], Awaitable[None]]) -> None:
        self._spawn(work())

    def _is_over(self) -> bool:
        life = self._life
        if life is None or not life.is_ready or self._to_say or self._now() < self._busy_until:
            return False
        if life.dispatcher is None or life.correlator is None:
            return False
        return (
            life.correlator.lag == 0
            and life.dispatcher.decisions.lag == 0
            and not life.dispatcher.pipeline.desk.has_open_chains
        )

    async def _say(self, name: str, said: Said) -> None:
        await asyncio.sleep(said.at_s)
        status = Status.EXERCISE if said.exercise else Status.ACTUAL
        clock, pack = TrueClock(self._plan.start), self._plan.pack
        body = act = None
        if said.kind is SaidKind.RAIN:
            body = reading_of(said, status, clock.now())
        else:
            act = act_of(name, said, status, pack, self._situation, clock.now())
        again = [said.again_after_s] if said.again_after_s else []
        for pause_s in (0.0, *again):
            await asyncio.sleep(pause_s)
            while body is not None or act is not None:
                try:
                    life = self._life
                    if life is None:
                        raise DiedError("nobody is there")
                    if body is not None:
                        await life.enter(lambda life=life: life.read(body))  # type: ignore[misc]
                    else:
                        await life.enter(lambda life=life: life.act(act))  # type: ignore[misc]
                except (NotDurableError, BusUnavailableError):
                    await asyncio.sleep(_SAY_AGAIN_S)
                else:
                    break
        self.evidence.accepted[name] = self._now()
        self._to_say -= 1

    async def _strike(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        self._mishaps.struck.append(fault)
        now, disk = self._now(), self._disk
        match fault.kind:
            case FaultKind.DISK_FULL:
                disk.full_until, disk.grace = now + fault.size, fault.at % 40
                lasts_s = fault.size
            case FaultKind.SLOW_DISK:
                disk.latency_s = fault.size
                lasts_s = 20.0
            case FaultKind.LIST_LAG:
                self._exchange.faults.list_lag = timedelta(seconds=fault.size)
                lasts_s = 60.0
            case _:
                self._ground.machine.off_by += timedelta(seconds=fault.size)
                self.evidence.steps_of_clock.append((now, fault.size))
                return
        self._busy_until = max(self._busy_until, now + lasts_s)
        if fault.kind is not FaultKind.LIST_LAG:
            self.evidence.choked.append((now, now + lasts_s + _CHOKED_BEHIND_S))
        await asyncio.sleep(lasts_s)
        if fault.kind is FaultKind.SLOW_DISK:
            disk.latency_s = Disk.usual_s
        elif fault.kind is FaultKind.LIST_LAG:
            self._exchange.faults.list_lag = timedelta(0)

    async def deliver(self, act: Callable[[TwilioEdge], Awaitable[Answer]]) -> Answer:
        """Carry a webhook to whichever process is alive, and its answer back."""
        faults = {fault.kind: fault for fault in self._mishaps.next(Count.DELIVERY)}
        if FaultKind.DELIVERY_LOST in faults:
            raise DiedError("lost on the way")
        slow = faults.get(FaultKind.DELIVERY_SLOW)
        await asyncio.sleep(0.01 if slow is None else slow.size)
        life = self._life
        if life is None:
            raise DiedError("nobody listens")
        answer = await life.enter(lambda: act(life.edge))
        if FaultKind.DELIVERY_DOUBLED in faults and not life.is_dead:
            answer = await life.enter(lambda: act(life.edge))
        if FaultKind.ANSWER_LOST in faults:
            raise DiedError("lost on the way back")
        return answer
