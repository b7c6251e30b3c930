"""A sign of life to another system, and none from one that is not well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry

from services.runtime.clock import SteppingClock
from services.runtime.heartbeat import Heartbeat
from services.runtime.metrics import Metrics

START = datetime(2026, 7, 9, 2, 10, tzinfo=UTC)


@asynccontextmanager
async def listener(status: int = 200) -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    """Another system, and what it was told."""
    told: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/alive", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/alive", told
    finally:
        await runner.cleanup()


def counted(metrics: Metrics, result: str) -> float:
    value = metrics.registry.get_sample_value("heartbeats_total", {"result": result})
    return value or 0.0


async def beats(url: str, answers: list[bool], metrics: Metrics) -> None:
    """Beat once for each of *answers* to "are you well?"."""
    clock = SteppingClock(START)
    left = list(answers)
    over = asyncio.Event()

    async def is_well() -> bool:
        if not left:
            over.set()
            await asyncio.Event().wait()
        return left.pop(0)

    task = asyncio.create_task(Heartbeat(url, "500199", is_well, clock, metrics).run())
    try:
        while not over.is_set():
            if clock.next_due() is not None:
                clock.move_to(clock.now() + timedelta(minutes=1))
            await asyncio.sleep(0)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_it_beats_each_minute_with_the_time_and_whose_heart_it_is() -> None:
    metrics = Metrics(CollectorRegistry())
    async with listener() as (url, told):
        await beats(url, [True, True], metrics)

    assert told == [
        {"system": "500199", "at": START.isoformat()},
        {"system": "500199", "at": (START + timedelta(minutes=1)).isoformat()},
    ]
    assert counted(metrics, "sent") == 2


async def test_one_that_is_not_well_stays_silent() -> None:
    metrics = Metrics(CollectorRegistry())
    async with listener() as (url, told):
        await beats(url, [False], metrics)

    assert told == []
    assert counted(metrics, "unwell") == 1


async def test_a_listener_that_refuses_or_is_gone_is_counted_and_tried_again() -> None:
    metrics = Metrics(CollectorRegistry())
    async with listener(status=500) as (url, _):
        await beats(url, [True], metrics)
    await beats(url, [True, True], metrics)

    assert counted(metrics, "failed") == 3
