"""The county's night in real time: the shipped system under a supervisor, the network beside it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import orjson
from aiohttp import ClientSession

from bench.carrier_seen import CarrierSeen
from bench.children import BenchError, free_port, running
from bench.county import DISTRICT, KEY, LINES, STARTS_PER_S, County, tripping
from bench.county_result import Night, Told
from bench.town import ACCOUNTS
from schemas.dispatch import Fact
from schemas.topics import Topic
from services.phones.domain.account import Account
from services.recorded import read_topic
from services.runtime.clock import RealClock
from services.runtime.embedded_bus import FILE
from services.runtime.log_reader import LogReader

_SID, _TOKEN, _FROM = "AC" + "0" * 31 + "6", "bench", "+8610099999999"
_ENDS_WITHIN = timedelta(minutes=12)
_ALL = 1_000_000

Tell = Callable[[str, int], None]
"""Shows how far it is: what is counted, and how many."""

_clock = RealClock()


async def live_through(county: County, folder: Path, kill_after: timedelta, tell: Tell) -> Night:
    """Live through the county's night, the process killed *kill_after* the event was posted."""
    town, port = free_port(), free_port()
    door, seen = f"http://127.0.0.1:{port}", folder / "seen.json"
    network = f"http://127.0.0.1:{town}"
    account = Account(_SID, _TOKEN, starts_per_s=STARTS_PER_S, lines=LINES)
    system = [
        *(str(Path(sys.executable).with_name("jiaoying")), "up", "--guard"),
        *("--pack", str(county.folder), "--data", str(folder / "data")),
        *("--port", str(port), "--carrier-url", network),
        *("--carrier-account", _SID, "--carrier-from", _FROM),
    ]
    phones = [sys.executable, "-m", "bench.town", str(town), str(county.folder), door, str(seen)]
    accounts = {ACCOUNTS: json.dumps([asdict(account)])}
    token = {"JIAOYING_CARRIER_TOKEN": _TOKEN}
    log = folder / "system.log"
    async with (
        running(phones, f"{network}/phones", folder / "town.log", environment=accounts),
        running(system, f"{door}/readyz", log, environment=token) as guard,
    ):
        began_at = _clock.now()
        await _trip(door)
        await _clock.sleep_until(began_at + kill_after)
        worker = _worker_of(guard)
        os.kill(worker, signal.SIGKILL)
        killed_at = _clock.now()
        await _all_ended(folder / "data", county.posts, tell)
        # The list of those not woken has gone out; what it says is still to be delivered.
        await _clock.sleep_until(_clock.now() + timedelta(seconds=6))
        if _worker_of(guard) == worker:
            raise BenchError("nothing was killed")
    if (deaths := log.read_text(encoding="utf-8").count("process_died")) != 1:
        raise BenchError(f"it died {deaths} times")
    ((_, sealed),) = read_topic(folder / "data", Topic.DISPATCH)
    return Night(county, CarrierSeen.read(seen), Told.of(sealed), began_at, killed_at)


def _worker_of(guard: int) -> int:
    """Return the process that does the work, which the one that guards it has started."""
    children = Path(f"/proc/{guard}/task/{guard}/children").read_text(encoding="ascii").split()
    if len(children) != 1:
        raise BenchError(f"the guard has {len(children)} children")
    return int(children[0])


async def _trip(door: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = tripping(_clock.now().isoformat())
    async with (
        ClientSession() as session,
        session.post(f"{door}/v1/readings", data=body, headers=headers) as answer,
    ):
        if answer.status != 202:
            raise BenchError(f"the reading was refused: {await answer.text()}")


async def _all_ended(data: Path, posts: int, tell: Tell) -> None:
    deadline = _clock.now() + _ENDS_WITHIN
    offset = rung = ended = 0
    while ended < posts:
        if _clock.now() > deadline:
            raise BenchError(f"{posts - ended} chains are still open")
        await asyncio.sleep(2)
        with closing(LogReader(data / FILE)) as reader:
            for stored in reader.read(Topic.DISPATCH, DISTRICT, offset, _ALL):
                offset = stored.offset + 1
                body = orjson.loads(stored.data)
                ended += body["fact"] == Fact.CHAIN_ENDED
                rung += body["fact"] == Fact.ATTEMPT_INTENDED and "chain_id" in body
        tell("呼叫 calls", rung)
        tell("结束 posts at their end", ended)
