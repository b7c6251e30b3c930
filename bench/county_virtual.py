"""The county's night on the stepping clock: the whole system in one process, over HTTP on loopback."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession

from bench.carrier_seen import CarrierSeen
from bench.children import BenchError, free_port
from bench.county import KEY, County, tripping
from bench.county_result import Night, Told
from schemas.topics import Topic
from services.demo.stepping import Stepper
from services.district.load import load_pack
from services.phones.domain.account import Account
from services.phones.entrypoints.server import PhoneServer
from services.phones.main import PhoneSettings, build_server
from services.recorded import read_topic
from services.runtime.clock import SteppingClock
from services.runtime.rest import drive
from services.system.settings import CarrierSettings, SystemSettings
from services.system.together import System, open_system

START = datetime(2026, 7, 8, 4, 0, tzinfo=UTC)
"""Noon in the county."""
DEAD_FOR = timedelta(seconds=2.5)
"""How long nobody is there after a kill: detection and restart may take 3 s."""
_NIGHT = timedelta(hours=1)
_FROM = "+8610099999999"


@dataclass(slots=True)
class _Stage:
    county: County
    data: Path
    clock: SteppingClock
    phones: PhoneServer
    accounts: dict[str, Account]
    port: int

    async def open(self) -> System:
        carriers = [
            CarrierSettings(one.sid, one.auth_token, _FROM, self.phones.base_url, name=name)
            for name, one in self.accounts.items()
        ]
        settings = SystemSettings(
            self.county.folder, self.data, carriers, port=self.port, ticks=False
        )
        return await open_system(load_pack(self.county.folder), settings, self.clock)


async def live_through(county: County, data: Path, kill_after: timedelta | None) -> Night:
    """Live through the county's night; a process that is killed is back after `DEAD_FOR`."""
    async with _stage(county, data) as stage:
        system = await stage.open()
        try:
            began_at = await _trip(stage, system)
            if kill_after is not None:
                await Stepper(system, stage.phones, stage.clock).until(began_at + kill_after)
                system = await _killed(stage, system)
            stepper = Stepper(system, stage.phones, stage.clock)
            await stepper.while_chains_are_open(began_at + _NIGHT)
            await stepper.until(stage.clock.now() + timedelta(minutes=1))
            if system.dispatcher.pipeline.desk.has_open_chains:
                raise BenchError("chains are open an hour later")
        finally:
            await system.lifecycle.unwind()
        ((_, sealed),) = read_topic(data, Topic.DISPATCH)
        return Night(
            county,
            CarrierSeen.of(stage.phones.exchange),
            Told.of(sealed),
            began_at,
            began_at + kill_after if kill_after is not None else None,
            {
                number: [(one.what, one.detail) for one in happenings]
                for number, happenings in stage.phones.exchange.record.happenings.items()
            },
        )


async def _trip(stage: _Stage, system: System) -> datetime:
    began_at = stage.clock.now()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    url = f"{system.base_url}/v1/readings"
    async with (
        ClientSession() as session,
        session.post(url, data=tripping(began_at.isoformat()), headers=headers) as answer,
    ):
        if answer.status != 202:
            raise BenchError(f"the reading was refused: {await answer.text()}")
    return began_at


async def _killed(stage: _Stage, system: System) -> System:
    # What is due at this very instant has begun and is cut off; nobody answers for a while.
    stage.clock.step()
    await system.lifecycle.unwind()
    back_at = stage.clock.now() + DEAD_FOR
    await drive(
        stage.clock, (stage.phones,), lambda: (stage.clock.next_due() or back_at) >= back_at
    )
    stage.clock.move_to(back_at)
    return await stage.open()


@asynccontextmanager
async def _stage(county: County, data: Path) -> AsyncIterator[_Stage]:
    clock, port = SteppingClock(START), free_port()
    accounts = {
        one.name: Account(f"AC{nth:032}", secrets.token_hex(16), one.starts_per_s, one.lines)
        for nth, one in enumerate(load_pack(county.folder).policies.budget.accounts)
    }
    people = county.folder / "phones.yaml"
    phones = build_server(PhoneSettings(tuple(accounts.values()), "county", people), clock)
    await phones.start()
    try:
        yield _Stage(county, data, clock, phones, accounts, port)
    finally:
        await phones.stop()
