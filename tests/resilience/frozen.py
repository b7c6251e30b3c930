"""A worker that is stopped between record and request: its own process, for `test_frozen.py`."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, NoReturn

from services.dispatcher.adapters.carrier_desk import Carrier
from services.dispatcher.domain.commands import PlaceCall
from services.dispatcher.domain.inputs import Input
from services.district.domain.policy import MAIN
from services.runtime.clock import RealClock
from services.runtime.redis.connection import connect
from services.runtime.redis.lease import Leases
from services.runtime.redis.settings import RedisSettings
from services.runtime.redis.values import RedisValues


class Line:
    """Says whom it is asked to ring; nobody answers here."""

    async def place_call(self, command: PlaceCall) -> str:
        say(f"rings {command.contact}")
        return f"CA{command.attempt_id}"

    def __getattr__(self, name: str) -> NoReturn:
        raise NotImplementedError(name)


class Desk:
    """Says what it is told."""

    def __init__(self) -> None:
        self.told = asyncio.Event()

    async def tell(self, what: Input) -> None:
        say(repr(what))
        self.told.set()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def main(url: str, prefix: str, *, stops: bool) -> None:
    server = connect(RedisSettings(url=url))
    lease = await Leases(server, prefix, "frozen", "").take("500101")
    assert lease is not None
    tasks = []

    def spawn(_name: str, work: Coroutine[Any, Any, None]) -> None:
        tasks.append(asyncio.ensure_future(work))

    desk = Desk()
    carrier = Carrier({MAIN: Line()}, spawn, RealClock(), None, lease.send_window)
    carrier.bind(desk)
    await RedisValues(server, lease.keys, lease).reserve([])
    carrier.run([PlaceCall("a_1", "c_1", timedelta(seconds=30))])
    say("on record")
    if stops:
        os.kill(os.getpid(), signal.SIGSTOP)
    await desk.told.wait()
    await server.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], stops=sys.argv[3] == "stops"))
