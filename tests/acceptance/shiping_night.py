"""Scenario E.1's inputs, one after the other, and what one asks of the night."""

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from schemas.decision import OrderChanged, OrderProposed, ResponseChanged
from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.measure import Measure
from schemas.order import Order
from services.system.engines import OpenEngines
from tests.acceptance.live import CHONGQING, Live, copy_pack, live

DATA = Path(__file__).parents[1] / "data" / "shiping"
MIDNIGHT = datetime(2026, 7, 9, tzinfo=CHONGQING)
TOWN, POINT = "500999001000", "HP-0231"


def rain() -> list[tuple[datetime, float]]:
    with (DATA / "rain.csv").open(encoding="utf-8", newline="") as file:
        return [
            (datetime.fromisoformat(row["at"]), float(row["rain_mm"]))
            for row in csv.DictReader(file)
        ]


def cap(identifier: str, colour: str, sent: str, *, references: str = "") -> str:
    msg_type = "Update" if references else "Alert"
    words = {"Yellow": "黄色", "Orange": "橙色", "Red": "红色"}[colour]
    named = f"<references>{references}</references>" if references else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifier}</identifier><sender>石坪区气象台</sender><sent>{sent}</sent>
  <status>Actual</status><msgType>{msg_type}</msgType><scope>Public</scope>{named}
  <info>
    <language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>
    <severity>{colour}</severity><certainty>Likely</certainty>
    <expires>2026-07-09T08:00:00+08:00</expires>
    <headline>石坪区气象台发布暴雨{words}预警信号</headline>
    <area><areaDesc>石坪镇</areaDesc>
      <geocode><valueName>CPEAS Geographic Code</valueName><value>{TOWN}</value></geocode></area>
  </info>
</alert>"""


class Night:
    """The scenario's inputs, one after the other."""

    def __init__(self, live_night: Live) -> None:
        self.live = live_night
        self._rain = rain()

    async def rains_until(self, at: str) -> None:
        """RG-17 reports every five minutes up to *at*, each value when it is measured."""
        until = self.live.instant(at)
        while self._rain and self._rain[0][0] <= until:
            occurred_at, value = self._rain.pop(0)
            await self.live.until(f"{occurred_at.astimezone(CHONGQING):%H:%M}")
            await self.live.reads("RG-17", "rain", "mm", (occurred_at, value))
            if occurred_at.minute % 15 == 0:
                await self.live.reads("GN-0231", "gnss_rate", "mm/d", (occurred_at, 0.3))

    async def response(self, place: str, hazard: Hazard) -> ResponseChanged:
        """The last word about *hazard* at *place*."""
        return [
            decision
            for decision in await self.live.decisions()
            if isinstance(decision, ResponseChanged)
            and (decision.place, decision.hazard) == (place, hazard)
        ][-1]

    async def callouts(self) -> list[str]:
        """The callouts for responses, by level, in the order in which they were opened."""
        return [
            f"{record.detail['level']}"
            for record in await self.live.ledger(Fact.CALLOUT_OPENED)
            if record.detail["kind"] == "response"
        ]

    async def newest_callout(self) -> str:
        """The newest callout for a response, by id."""
        opened = [
            record
            for record in await self.live.ledger(Fact.CALLOUT_OPENED)
            if record.detail["kind"] == "response"
        ]
        return str(opened[-1].callout_id)

    async def order(self, measure: Measure, target: str) -> Order:
        """The newest state of the point's order for *measure* whose target holds *target*."""
        return [
            decision.order
            for decision in await self.live.decisions()
            if isinstance(decision, OrderProposed | OrderChanged)
            and decision.order.measure is measure
            and (decision.order.place, target in decision.order.target) == (POINT, True)
        ][-1]

    async def calls(self, person: str) -> list[datetime]:
        """When calls to *person* were asked for."""
        seen: dict[str, datetime] = {}
        for record in await self.live.ledger(Fact.ATTEMPT_INTENDED):
            if record.person == person and record.detail["channel"] == "voice":
                seen.setdefault(str(record.attempt_id), record.at)
        return list(seen.values())

    async def texts(self, person: str, since: str) -> int:
        """How many SMS to *person* were asked for since *since*."""
        return len(
            {
                record.attempt_id
                for record in await self.live.ledger(Fact.ATTEMPT_INTENDED)
                if record.person == person
                and record.detail["channel"] == "sms"
                and record.at >= self.live.instant(since)
            }
        )


@pytest.fixture
async def night(tmp_path: Path, engines: OpenEngines) -> AsyncIterator[Night]:
    """21:30: 130 mm of rain lie behind, and the yellow warning is out."""
    async with open_night(tmp_path, engines) as opened:
        yield opened


@asynccontextmanager
async def open_night(
    tmp_path: Path, engines: OpenEngines, *, webhooks: bool = True
) -> AsyncIterator[Night]:
    """Open the scenario's night; without *webhooks* the carrier is asked."""
    folder = copy_pack(DATA, tmp_path, ("rainstorm.yaml", "landslide.yaml"))
    start = MIDNIGHT - timedelta(hours=2, minutes=31)
    async with live(
        folder, tmp_path / "data", start, MIDNIGHT, webhooks=webhooks, engines=engines
    ) as opened:
        scene = Night(opened)
        backlog = [pair for pair in scene._rain if pair[0] < start]
        scene._rain = scene._rain[len(backlog) :]
        await opened.reads("RG-17", "rain", "mm", *backlog)
        await opened.reads("GN-0231", "gnss_rate", "mm/d", (opened.clock.now(), 0.3))
        await opened.until("21:30")
        await opened.warns(cap("Y1", "Yellow", "2026-07-08T21:30:00+08:00"))
        await scene.rains_until("23:35")
        yield scene


async def until_the_slide_moves(night: Night) -> None:
    """The scenario from 23:40 to 00:12, without looking."""
    await night.rains_until("00:05")
    await night.live.until("00:07")
    await night.live.warns(
        cap(
            "O1",
            "Orange",
            "2026-07-09T00:07:00+08:00",
            references="石坪区气象台,Y1,2026-07-08T21:30:00+08:00",
        )
    )
    await night.rains_until("00:10")
    for at, rate in (("00:10", 34), ("00:11", 36), ("00:12", 41)):
        await night.live.until(at)
        await night.live.reads("GN-0231", "gnss_rate", "mm/d", (night.live.instant(at), rate))
