"""
A night lived through in a test: the whole system, the practice network over HTTP, the moved clock.

Times are given as the scenario gives them, "23:40" or "00:12:30", local to the district.
"""

import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from aiohttp import ClientSession

from schemas.act import ActBody
from schemas.cap import Status
from schemas.decision import DECISION, AnyDecision
from schemas.dispatch import Fact, LedgerRecord
from schemas.event import Act
from schemas.topics import Topic
from schemas.wire import encode
from services.demo.stage import PACK, set_stage
from services.demo.stepping import Stepper
from services.demo.tally import Tally, every, tally
from services.district.domain.pack import Pack
from services.phones.entrypoints.server import PhoneServer
from services.runtime.bus import Outgoing
from services.runtime.clock import SteppingClock
from services.system.engines import OpenEngines, embedded_engines
from services.system.together import System

_NOON = 12


def copy_pack(given: Path, into: Path, rules: Sequence[str]) -> Path:
    """Put the demo pack's own rules, policies and templates beside the files of *given*."""
    folder = into / "pack"
    shutil.copytree(given, folder)
    (folder / "rules").mkdir(exist_ok=True)
    for name in rules:
        shutil.copy(PACK / "rules" / name, folder / "rules" / name)
    for name in ("policies.yaml", "templates.zh-CN.yaml", "approved_texts.yaml"):
        shutil.copy(PACK / name, folder / name)
    return folder


class Live:
    """One district's night."""

    def __init__(
        self, system: System, phones: PhoneServer, clock: SteppingClock, midnight: datetime
    ) -> None:
        self.system = system
        self.phones = phones
        self.clock = clock
        self.midnight = midnight
        self._stepper = Stepper(system, phones, clock)
        self._session = ClientSession()
        self._acts = 0

    @property
    def pack(self) -> Pack:
        """The district pack."""
        return self.system.pack

    def instant(self, at: str) -> datetime:
        """Return the instant that *at* names: an evening before midnight, or a morning after."""
        hour, minute, *rest = (int(part) for part in at.split(":"))
        span = timedelta(hours=hour, minutes=minute, seconds=rest[0] if rest else 0)
        day = timedelta(days=1) if hour >= _NOON else timedelta(0)
        return self.midnight + span - day

    async def until(self, at: str) -> None:
        """Live on until *at*."""
        await self._stepper.until(self.instant(at))

    async def until_that(self, happened: Callable[[], bool], limit: datetime) -> bool:
        """Live on until *happened*, at the latest until *limit*; return whether it has."""
        return await self._stepper.until_that(happened, limit)

    async def rest(self) -> None:
        """Let everything at this instant come to rest."""
        await self._stepper.settle()

    async def to_the_end(self) -> None:
        """Live on until nobody is still to be reached."""
        await self._stepper.while_chains_are_open(self.clock.now() + timedelta(hours=4))

    async def post(self, path: str, key: str, body: object, media_type: str) -> dict[str, Any]:
        """Post *body* to the system's door, and let it come to rest."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": media_type}
        url = self.system.base_url + path
        async with self._session.post(url, data=data, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
            answered: dict[str, Any] = await answer.json()
        await self.rest()
        return answered

    async def reads(
        self, sensor: str, metric: str, unit: str, *values: tuple[datetime, float]
    ) -> dict[str, Any]:
        """A source reports *values* of one sensor."""
        return await self.post(
            "/v1/readings",
            "sensors",
            [
                {
                    "sensor_id": sensor,
                    "metric": metric,
                    "value": value,
                    "unit": unit,
                    "occurred_at": occurred_at.isoformat(),
                }
                for occurred_at, value in values
            ],
            "application/json",
        )

    async def warns(self, cap: str) -> dict[str, Any]:
        """The weather bureau warns with a CAP message."""
        return await self.post("/v1/warnings", "weather", cap.encode(), "application/cap+xml")

    async def acts(self, user: str, body: ActBody, *, exercise: bool = False) -> None:
        """A person does something."""
        self._acts += 1
        who, now = self.pack.users[user], self.clock.now()
        district = self.pack.rules.district
        act = Act(
            district=district,
            event_id=f"act-{self._acts}",
            accepted_at=now,
            status=Status.EXERCISE if exercise else Status.ACTUAL,
            user=who.user_id,
            role=who.role,
            mandate=who.mandate,
            body=body,
        )
        await self.system.bus.publish([Outgoing(Topic.EVENTS, district, encode(act))])
        await self.rest()

    async def decisions(self) -> list[AnyDecision]:
        """Everything decided so far."""
        district = self.pack.rules.district
        return [
            DECISION.validate_json(data)
            async for data in every(self.system.bus, Topic.DECISIONS, district)
        ]

    async def ledger(self, *facts: Fact) -> list[LedgerRecord]:
        """What the ledger says so far, of *facts* or of everything."""
        district = self.pack.rules.district
        records = [
            LedgerRecord.model_validate(orjson.loads(data))
            async for data in every(self.system.bus, Topic.DISPATCH, district)
        ]
        return [record for record in records if not facts or record.fact in facts]

    async def tally(self) -> Tally:
        """The numbers of the night so far."""
        return await tally(self.system.bus, self.pack.rules.district)

    async def close(self) -> None:
        """End the night."""
        await self._session.close()


@asynccontextmanager
async def live(
    folder: Path,
    data: Path,
    start: datetime,
    midnight: datetime,
    *,
    webhooks: bool = True,
    engines: OpenEngines = embedded_engines,
) -> AsyncIterator[Live]:
    """Open the district of the pack in *folder* at *start*; without *webhooks* the carrier is asked."""
    clock = SteppingClock(start)
    async with set_stage(
        folder, data, clock, ticks=False, webhooks=webhooks, engines=engines
    ) as stage:
        night = Live(stage.system, stage.phones, clock, midnight)
        try:
            await night.rest()
            yield night
        finally:
            await night.close()
    assert stage.system.lifecycle.exit_code == 0


CHONGQING = ZoneInfo("Asia/Shanghai")
