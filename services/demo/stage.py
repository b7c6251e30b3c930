"""The stage: one district's system and its practice network, wired to one another."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.demo.side_by_side import mount_side_by_side
from services.demo.stopwatch import RingStopwatch
from services.district.domain.pack import Pack
from services.district.load import load_pack
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
    """A running system whose calls ring on practice phones."""

    system: EmbeddedSystem
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
) -> AsyncIterator[Stage]:
    """Open the stage of the pack in *folder*, with the state in *data*, and close it at the end."""
    pack = load_pack(folder)
    budget = pack.policies.budget
    token = secrets.token_hex(16)
    account = Account(ACCOUNT, token, starts_per_s=budget.starts_per_s, lines=budget.lines)
    people = PhoneSettings((account,), people_file=folder / PEOPLE, labels=_labels(pack))
    phones = build_server(people, clock, faster)
    stopwatch = RingStopwatch()
    await phones.start()
    try:
        carrier = CarrierSettings(ACCOUNT, token, FROM, api_url=phones.base_url)
        settings = SystemSettings(folder, data, carrier, port=port, ticks=ticks)
        around = Around(
            telephony=stopwatch.around,
            app=lambda app: mount_side_by_side(app, lambda: phones.base_url),
            links=((f"{phones.base_url}/phones", "练习电话"),),
        )
        system = await open_system(pack, settings, clock, around)
        try:
            phones.exchange.point_account(
                ACCOUNT,
                voice_url=f"{system.base_url}/twilio/voice/inbound",
                sms_url=f"{system.base_url}/twilio/sms",
            )
            system.lifecycle.spawn("stopwatch", stopwatch.watch(system.bus, pack.rules.district))
            yield Stage(system, phones, stopwatch)
        finally:
            await system.lifecycle.unwind()
    finally:
        await phones.stop()


def _labels(pack: Pack) -> dict[str, str]:
    """Return by number the first post that its owner holds or stands in for."""
    posts: dict[str, str] = {}
    for shift in (one for shifts in pack.roster.shifts.values() for one in shifts):
        name = pack.roster.posts[shift.post].name
        if shift.holder is not None:
            posts.setdefault(shift.holder, name)
        for deputy in shift.deputies:
            posts.setdefault(deputy, f"{name} 副岗")
    return {
        pack.numbers[contact.contact_id]: posts[person.person_id]
        for person in pack.roster.people.values()
        if person.person_id in posts
        for contact in person.contacts
    }
