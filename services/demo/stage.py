"""The stage of the demo: practice network, system and script, wired to one another."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.demo.feed import Feed
from services.demo.stopwatch import RingStopwatch
from services.district.load import load_pack
from services.district.replay_script import load_script
from services.phones.domain.account import Account
from services.phones.entrypoints.server import PhoneServer
from services.phones.main import PhoneSettings, build_server
from services.runtime.clock import Clock
from services.system import Around, CarrierSettings, EmbeddedSystem, SystemSettings, open_system

PACK = Path(__file__).parents[2] / "deploy" / "districts" / "demo"
PEOPLE = "phones.yaml"
ACCOUNT = "AC" + "0" * 31 + "1"
FROM = "+861000000000"


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs in a demo. The script is not yet being posted."""

    system: EmbeddedSystem
    phones: PhoneServer
    feed: Feed
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
) -> AsyncIterator[Stage]:
    """Open the stage of the pack in *folder*, with the state in *data*, and close it at the end."""
    pack, script = load_pack(folder), load_script(folder)
    budget = pack.policies.budget
    token = secrets.token_hex(16)
    account = Account(ACCOUNT, token, starts_per_s=budget.starts_per_s, lines=budget.lines)
    phones = build_server(PhoneSettings((account,), people_file=folder / PEOPLE), clock, faster)
    stopwatch = RingStopwatch()
    await phones.start()
    try:
        carrier = CarrierSettings(ACCOUNT, token, FROM, api_url=phones.base_url)
        settings = SystemSettings(folder, data, carrier, port=port, ticks=ticks)
        system = await open_system(pack, settings, clock, Around(telephony=stopwatch.around))
        try:
            phones.exchange.point_account(
                ACCOUNT,
                voice_url=f"{system.base_url}/twilio/voice/inbound",
                sms_url=f"{system.base_url}/twilio/sms",
            )
            system.lifecycle.spawn("stopwatch", stopwatch.watch(system.bus, pack.rules.district))
            feed = Feed(script, pack, system.base_url, system.bus, clock, clock.now())
            yield Stage(system, phones, feed, stopwatch)
        finally:
            await system.lifecycle.unwind()
    finally:
        await phones.stop()
