"""Wires the console: the fold, the log-in, the pages, the API."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from schemas.role import Role
from services.console.adapters.act_log import BusActs
from services.console.adapters.ledger_pages import BusLedger
from services.console.adapters.sessions import StoredSessions
from services.console.domain.situation import Situation
from services.console.entrypoints.acts_api import build_acts_api
from services.console.entrypoints.api import build_api
from services.console.entrypoints.attempts import LogInAttempts
from services.console.entrypoints.guard import Guard, SessionSources
from services.console.entrypoints.live import Live
from services.console.entrypoints.login import build_login
from services.console.entrypoints.page import PageKit, build_environment
from services.console.entrypoints.pages.board import build_board
from services.console.entrypoints.pages.callouts import build_callouts
from services.console.entrypoints.pages.channels import build_channels
from services.console.entrypoints.pages.field import build_field
from services.console.entrypoints.pages.ledger import build_ledger
from services.console.entrypoints.pages.levels import build_levels
from services.console.entrypoints.pages.orders import build_orders
from services.console.entrypoints.pages.quarantine import build_quarantine
from services.console.entrypoints.pages.roster import build_roster
from services.console.entrypoints.pages.static_files import build_static
from services.console.entrypoints.pages.tips import build_tips
from services.console.pipeline import EVENTS_READ, ConsolePipeline
from services.district.domain.pack import Pack
from services.runtime.bus import Bus
from services.runtime.clock import Clock
from services.runtime.ids import RandomIds
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces

OUTLINE = "outline.geojson"
_MAY_REPORT = (Role.OPERATOR, Role.DUTY_OFFICER, Role.DUTY_LEADER, Role.COMMANDER)

Spawn = Callable[[str, Coroutine[Any, Any, object]], None]


@dataclass(frozen=True, slots=True)
class Console:
    """One district's console, wired and not yet started."""

    router: APIRouter
    situation: Situation
    pipeline: ConsolePipeline
    sessions: StoredSessions
    guard: Guard
    session_source: SessionSources
    live: Live

    @property
    def at_rest(self) -> bool:
        """Whether everything durable is shown."""
        return self.pipeline.at_rest

    async def start(self, spawn: Spawn) -> None:
        """Load who is logged in, then read what is there and what comes."""
        await self.sessions.load()
        spawn("console decisions", self.pipeline.decisions.run())
        spawn("console ledger", self.pipeline.ledger.run())
        spawn("console events", self.pipeline.events.run(EVENTS_READ))

    async def stop(self) -> None:
        """Let go of the pages that are open, so that the door can be closed."""
        self.live.stop()
        self.pipeline.wake()


def build_console(
    bus: Bus,
    clock: Clock,
    real_clock: Clock,
    pack: Pack,
    folder: Path,
    links: tuple[tuple[str, str], ...],
    metrics: Metrics,
    traces: Traces | None = None,
) -> Console:
    """
    Return the console of *pack*, which was read from *folder*.

    *real_clock* is the machine's: sessions age by it, also where *clock* is scaled for a demo.
    *links* are further entries of the navigation, (address, name). *traces* are told of acts.
    """
    district = pack.rules.district
    situation = Situation(pack)
    pipeline = ConsolePipeline(bus, district, situation)
    sessions = StoredSessions(bus, real_clock)
    guard = Guard(pack, sessions)
    acts = BusActs(bus, clock, RandomIds(real_clock), district, pipeline, traces)
    ledger = BusLedger(bus, district)
    environment = build_environment(ZoneInfo(pack.rules.timezone))
    kit = PageKit(pack, clock, guard, situation, environment, links)
    live = Live(guard, situation, clock, pipeline.changed_after)
    router = APIRouter()
    for part in (
        build_static(),
        build_login(kit, sessions, LogInAttempts(real_clock), metrics),
        build_board(kit, live, _outline(folder)),
        build_callouts(kit, live),
        build_field(kit, acts),
        build_channels(kit, acts, pipeline.changed_after),
        build_orders(kit, live, acts),
        build_levels(kit, acts),
        build_quarantine(kit, acts),
        build_tips(kit, live),
        build_roster(kit),
        build_ledger(kit, ledger),
        build_api(guard, situation, ledger, clock),
        build_acts_api(guard, acts, situation, clock),
        live.router,
    ):
        router.include_router(part)
    source = SessionSources(guard, _MAY_REPORT)
    return Console(router, situation, pipeline, sessions, guard, source, live)


def _outline(folder: Path) -> dict[str, Any] | None:
    path = folder / OUTLINE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
