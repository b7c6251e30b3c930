"""
Where events come out: a carrier that only takes calls and messages, and a webhook beside it.

A process of its own. It stamps the arrival of each request on the machine's monotonic clock, which
all processes share, under the number called or the alert's id; the first arrival counts. It never
calls back. Call requests are answered as the practice network answers them.

usage: python -m bench.carrier PORT
"""

import sys
import time
from itertools import count

import uvloop
from aiohttp import web

from services.phones.adapters.twilio_json import call_json, message_json
from services.phones.domain.call import API_VERSION, Call, CallStatus, Direction
from services.phones.domain.message import Message, MessageStatus
from services.runtime.clock import RealClock

STAMPS, HOOK = "/stamps", "/hook"
_CREATED = 201


class Arrivals:
    """The stamps, in nanoseconds, and the handlers that make, give and forget them."""

    def __init__(self) -> None:
        self._stamps: dict[str, int] = {}
        self._serial = count(1)
        self._clock = RealClock()

    async def call(self, request: web.Request) -> web.Response:
        """Take a request for a call."""
        form = await request.post()
        at = time.monotonic_ns()
        to = str(form["To"])
        self._stamps.setdefault(to, at)
        now = self._clock.now()
        call = Call(
            sid=f"CA{next(self._serial):032x}",
            account_sid=request.match_info["account"],
            to=to,
            from_=str(form["From"]),
            direction=Direction.OUTBOUND,
            status=CallStatus.QUEUED,
            created_at=now,
            updated_at=now,
        )
        return web.json_response(call_json(call), status=_CREATED)

    async def message(self, request: web.Request) -> web.Response:
        """Take a request for a message, which is not what is measured."""
        form = await request.post()
        now = self._clock.now()
        message = Message(
            sid=f"SM{next(self._serial):032x}",
            account_sid=request.match_info["account"],
            to=str(form["To"]),
            from_=str(form["From"]),
            body=str(form["Body"]),
            direction=Direction.OUTBOUND,
            status=MessageStatus.QUEUED,
            created_at=now,
            updated_at=now,
        )
        return web.json_response(message_json(message), status=_CREATED)

    async def hook(self, request: web.Request) -> web.Response:
        """Take a webhook with alerts."""
        body = await request.json()
        at = time.monotonic_ns()
        for alert in body["alerts"]:
            self._stamps.setdefault(alert["labels"]["id"], at)
        return web.Response()

    async def give(self, _request: web.Request) -> web.Response:
        """Tell every stamp."""
        return web.json_response(self._stamps)

    async def forget(self, _request: web.Request) -> web.Response:
        """Begin anew."""
        self._stamps.clear()
        return web.Response()


def build_app() -> web.Application:
    """Return the application."""
    arrivals = Arrivals()
    app = web.Application(client_max_size=1 << 24)
    account = f"/{API_VERSION}/Accounts/{{account}}"
    app.router.add_post(f"{account}/Calls.json", arrivals.call)
    app.router.add_post(f"{account}/Messages.json", arrivals.message)
    app.router.add_post(HOOK, arrivals.hook)
    app.router.add_get(STAMPS, arrivals.give)
    app.router.add_delete(STAMPS, arrivals.forget)
    return app


def main() -> None:
    """Serve on loopback until SIGTERM."""
    web.run_app(
        build_app(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),
    )


if __name__ == "__main__":
    main()
