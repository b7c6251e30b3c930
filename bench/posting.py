"""Requests sent at a fixed pace, whether or not the ones before were answered, each one stamped."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from aiohttp import ClientError, ClientSession, TCPConnector

from bench.children import BenchError

_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Shot:
    """One request: *key* is the name under which it arrives at the other end."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post, with which headers, and the status that means yes."""

    url: str
    headers: Mapping[str, str]
    status: int


def open_session() -> ClientSession:
    """Return a session of kept-alive connections."""
    return ClientSession(connector=TCPConnector(limit=_CONNECTIONS, keepalive_timeout=300))


async def post_at(
    session: ClientSession,
    target: Target,
    shots: Sequence[Shot],
    per_s: float,
    sent: Callable[[], object] = lambda: None,
) -> dict[str, int]:
    """
    Post *shots* at *per_s*; return by key the nanosecond at which each POST began.

    *sent* is told of each. BenchError at the first answer that is not a yes.
    """
    begun: dict[str, int] = {}
    loop = asyncio.get_running_loop()

    async def post(shot: Shot) -> None:
        begun[shot.key] = time.monotonic_ns()
        await post_one(session, target, shot.body)

    first_at = loop.time()
    tasks = []
    for nth, shot in enumerate(shots):
        await asyncio.sleep(first_at + nth / per_s - loop.time())
        tasks.append(asyncio.create_task(post(shot)))
        sent()
    await asyncio.gather(*tasks)
    return begun


async def post_all(
    session: ClientSession, target: Target, bodies: Iterator[bytes], at_once: int = 8
) -> None:
    """Post *bodies* as fast as they are answered, *at_once* of them under way."""

    async def sender() -> None:
        for body in bodies:
            await post_one(session, target, body)

    await asyncio.gather(*(sender() for _ in range(at_once)))


class Stream:
    """A load beside what is measured: *bodies*, one after the other, *per_s*, until stopped."""

    def __init__(
        self, session: ClientSession, target: Target, bodies: Callable[[int], bytes], per_s: float
    ) -> None:
        self._session = session
        self._target = target
        self._bodies = bodies
        self._per_s = per_s
        self._began_at = asyncio.get_running_loop().time()
        self._answered = 0
        self._failure: BenchError | None = None
        self._posts: set[asyncio.Task[None]] = set()
        self._sending = asyncio.create_task(self._send())

    def answered_per_s(self) -> float:
        """Return how many bodies a second were taken so far; BenchError when one was refused."""
        if self._failure is not None:
            raise self._failure
        return self._answered / (asyncio.get_running_loop().time() - self._began_at)

    async def stop(self) -> None:
        """Send no more, and drop what is under way."""
        self._sending.cancel()
        for post in self._posts:
            post.cancel()
        await asyncio.gather(self._sending, *self._posts, return_exceptions=True)

    async def _send(self) -> None:
        for nth in count():
            await asyncio.sleep(
                self._began_at + nth / self._per_s - asyncio.get_running_loop().time()
            )
            post = asyncio.create_task(self._post(self._bodies(nth)))
            self._posts.add(post)
            post.add_done_callback(self._posts.discard)

    async def _post(self, body: bytes) -> None:
        try:
            await post_one(self._session, self._target, body)
        except BenchError as error:
            self._failure = error
        else:
            self._answered += 1


async def post_one(session: ClientSession, target: Target, body: bytes) -> None:
    """Post *body*; BenchError when the answer is not a yes."""
    try:
        async with session.post(target.url, data=body, headers=target.headers) as answer:
            if answer.status != target.status:
                raise BenchError(f"{target.url} answered {answer.status}: {await answer.text()}")
            await answer.read()
    except ClientError as error:
        raise BenchError(f"{target.url}: {error}") from error
