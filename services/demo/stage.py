"""The stage: one district's system and its practice network, wired to one another."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from services.demo.network import FROM, practice_accounts, practice_network
from services.demo.side_by_side import mount_side_by_side
from services.demo.stopwatch import RingStopwatch
from services.district.domain.pack import Pack, Station
from services.district.load import load_pack
from services.phones.entrypoints.server import PhoneServer
from services.phones.main import build_server
from services.runtime.clock import Clock
from services.system.engines import OpenEngines, embedded_engines
from services.system.settings import Around, CarrierSettings, SystemSettings
from services.system.together import System, open_system

PACK = Path(__file__).parents[2] / "deploy" / "districts" / "demo"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running system whose calls ring on practice phones."""

    system: System
    phones: PhoneServer
    stopwatch: RingStopwatch


@asynccontextmanager
async def set_stage(
    folder: Path,
    data: Path,
    clock: Clock,
    *,
    port: int = 0,
    ticks: bool,
    faster: Callable[[], None] | None = None,
    webhooks: bool = True,
    engines: OpenEngines = embedded_engines,
) -> AsyncIterator[Stage]:
    """Open the stage of the pack in *folder*, with the state in *data*, and close it at the end."""
    pack = load_pack(folder)
    station_secrets = {one.station_id: secrets.token_bytes(32) for one in pack.stations}
    token = secrets.token_hex(16)
    accounts = practice_accounts(pack, token)
    people = practice_network(pack, folder, accounts, station_secrets)
    phones = build_server(people, clock, faster)
    stopwatch = RingStopwatch()
    await phones.start()
    try:
        carriers = [
            CarrierSettings(
                account.sid, token, FROM, phones.base_url, name=one.name, webhooks=webhooks
            )
            for account, one in zip(accounts, pack.policies.budget.accounts, strict=True)
        ]
        # The practice network is where it was given a port: the pack's stations are there.
        pack = replace(pack, stations=_moved(pack, phones.base_url))
        settings = SystemSettings(
            folder, data, carriers, port=port, ticks=ticks, station_secrets=station_secrets
        )
        around = Around(
            telephony=stopwatch.around,
            app=lambda app: mount_side_by_side(app, lambda: phones.base_url),
            links=((f"{phones.base_url}/phones", "练习电话"),),
        )
        system = await open_system(pack, settings, clock, around, engines)
        try:
            for account in accounts if webhooks else ():
                phones.exchange.point_account(
                    account.sid,
                    voice_url=f"{system.base_url}/twilio/voice/inbound",
                    sms_url=f"{system.base_url}/twilio/sms",
                )
            system.lifecycle.spawn("stopwatch", stopwatch.watch(system.bus, pack.rules.district))
            yield Stage(system, phones, stopwatch)
        finally:
            await system.lifecycle.unwind()
    finally:
        await phones.stop()


def _moved(pack: Pack, base_url: str) -> tuple[Station, ...]:
    return tuple(replace(one, url=f"{base_url}/stations/{one.station_id}") for one in pack.stations)
