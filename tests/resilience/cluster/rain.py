"""
The sources of a case: rain over the towns without people, and tips, posted for as long as it lasts.

Whoever is not told 202 says the same again until he is. What he was told 202 for is written down:
all of it must be found in the log, once, and in what was decided.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from bench.county import GAUGE, KEY
from services.runtime.clock import RealClock
from tests.resilience.cluster.fast_county import (
    READING_MM,
    READINGS_A_TOWN,
    WITNESSES,
    FastCounty,
    gauge_of,
)

_TICK_S = 0.25
_TOWN_BEGINS_EVERY = 2
"""Ticks: four towns have rain at once, and two a second come to their level."""
_TIP_EVERY = 4
_TRIPPING_MM = 45
_AGAIN_AFTER_S = 0.25
_PATIENCE = ClientTimeout(total=5)
_ACCEPTED, _NOT_DURABLE = 202, 503

_clock = RealClock()


@dataclass(frozen=True, slots=True)
class Said:
    """A reading that was answered with 202, *thousandths* of a millimetre at *occurred_at*."""

    sensor_id: str
    thousandths: int
    occurred_at: str


@dataclass(slots=True)
class Accepted:
    """What was answered with 202, and how often it was answered otherwise, or not at all."""

    readings: list[Said] = field(default_factory=list)
    tips: list[str] = field(default_factory=list)
    full_towns: list[int] = field(default_factory=list)
    """The towns whose last reading was accepted."""
    refused: int = 0
    """503: it could not be made durable."""
    unanswered: int = 0


class Rain:
    """Posts to the *door* of ingest until it is told to stop, and then lets no town half rained on."""

    def __init__(self, session: ClientSession, door: str, scene: FastCounty) -> None:
        self.accepted = Accepted()
        self._session = session
        self._door = door
        self._scene = scene
        self._stopping = False
        self._tips: set[asyncio.Task[None]] = set()
        self._falling: asyncio.Task[None] | None = None

    async def trip(self) -> None:
        """Say the reading for which the county's 506 are called."""
        said = _reading(GAUGE, _TRIPPING_MM)
        await self._say("readings", [said])
        self.accepted.readings.append(_as_said(said))

    def begin(self) -> None:
        """Let it rain from now on."""
        self._falling = asyncio.create_task(self._fall())

    async def stop(self) -> None:
        """Let no further town begin; return once everything said is accepted."""
        self._stopping = True
        if self._falling is not None:
            await self._falling
        await asyncio.gather(*self._tips)

    async def cancel(self) -> None:
        """Say nothing more, whatever was accepted."""
        tasks = [*self._tips, *([self._falling] if self._falling else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fall(self) -> None:
        for tick, towns in enumerate(self._towns_by_tick()):
            began_at = asyncio.get_running_loop().time()
            if tick % _TIP_EVERY == 0:
                self._tips.add(asyncio.create_task(self._tip(tick)))
            said = [_reading(gauge_of(town), READING_MM) for town in towns]
            await self._say("readings", said)
            self.accepted.readings += map(_as_said, said)
            self.accepted.full_towns += [
                town for town in towns if tick - town * _TOWN_BEGINS_EVERY == READINGS_A_TOWN - 1
            ]
            await asyncio.sleep(began_at + _TICK_S - asyncio.get_running_loop().time())

    def _towns_by_tick(self) -> Iterator[list[int]]:
        begun, raining, tick = 0, [0], 0
        while raining:
            yield raining
            tick += 1
            if tick % _TOWN_BEGINS_EVERY == 0 and not self._stopping and begun < WITNESSES - 1:
                begun += 1
                raining = [*raining, begun]
            raining = [
                town for town in raining if tick - town * _TOWN_BEGINS_EVERY < READINGS_A_TOWN
            ]

    async def _tip(self, tick: int) -> None:
        told = {
            "text": f"路灯不亮，第{tick}次反映。",
            "occurred_at": _clock.now().isoformat(),
            "code": self._scene.towns[tick % WITNESSES],
        }
        answer = await self._say("tips", told)
        self.accepted.tips.append(answer["tip_id"])

    async def _say(self, kind: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {KEY}"}
        while True:
            try:
                async with self._session.post(
                    f"{self._door}/v1/{kind}", json=body, headers=headers, timeout=_PATIENCE
                ) as answer:
                    if answer.status == _ACCEPTED:
                        return await answer.json()
                    assert answer.status == _NOT_DURABLE, await answer.text()
                    self.accepted.refused += 1
            except (ClientError, TimeoutError):
                self.accepted.unanswered += 1  # it may have been accepted all the same
            await asyncio.sleep(_AGAIN_AFTER_S)


def _reading(sensor: str, millimetres: float) -> dict[str, Any]:
    return {
        "sensor_id": sensor,
        "metric": "rain",
        "value": millimetres,
        "unit": "mm",
        "occurred_at": _clock.now().isoformat(),
    }


def _as_said(reading: dict[str, Any]) -> Said:
    return Said(reading["sensor_id"], round(reading["value"] * 1000), reading["occurred_at"])
