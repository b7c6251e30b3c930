"""
A Redis that two workers reach by a cable each. One can be cut, and nobody is told.

As root they are pairs of virtual network cards that lead into a namespace in which the server runs:
what is sent along the cut one gets no answer, not even a refusal. Elsewhere proxies swallow.
"""

import asyncio
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local.redis_server import RedisServer
from tests.resilience.swallowing_proxy import SwallowingProxy


class Cable(Protocol):
    """What leads to a server, or does not."""

    async def cut(self) -> None:
        """Let nothing through from now on, in neither direction."""
        ...

    async def mend(self) -> None:
        """Let everything through again."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """The server as it is reached along one *cable*."""

    url: str
    cable: Cable


@dataclass(frozen=True, slots=True)
class VirtualCable:
    """The far end *card* of a pair of cards, in *namespace*."""

    namespace: str
    card: str

    async def cut(self) -> None:
        await asyncio.to_thread(_ip, "-n", self.namespace, "link", "set", self.card, "down")

    async def mend(self) -> None:
        await asyncio.to_thread(_ip, "-n", self.namespace, "link", "set", self.card, "up")


@dataclass(frozen=True, slots=True)
class ProxiedCable:
    """A proxy that holds up what is sent."""

    proxy: SwallowingProxy

    async def cut(self) -> None:
        self.proxy.cut()

    async def mend(self) -> None:
        self.proxy.mend()


@asynccontextmanager
async def redis_with_two_ways(folder: Path) -> AsyncIterator[tuple[Way, Way]]:
    """Start a Redis with its data in *folder*, and yield the two ways to it."""
    if may_make_namespaces():
        with _namespace() as (name, cables, hosts):
            server = RedisServer(folder, hosts=hosts, within=("ip", "netns", "exec", name))
            async with _running(server):
                first, second = map(Way, map(server.url_at, hosts), cables)
                yield first, second
        return
    server = RedisServer(folder)
    async with _running(server), proxied(server.port) as first, proxied(server.port) as second:
        yield first, second


@asynccontextmanager
async def proxied(port: int) -> AsyncIterator[Way]:
    """Yield a way to the server at *port* of loopback, for machines that let nobody else be root."""
    proxy = SwallowingProxy(port)
    await proxy.start()
    try:
        yield Way(f"redis://127.0.0.1:{proxy.port}/0", ProxiedCable(proxy))
    finally:
        await proxy.stop()


def may_make_namespaces() -> bool:
    """Whether this machine lets us."""
    if os.geteuid() != 0:
        return False
    try:
        with _namespace():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@asynccontextmanager
async def _running(server: RedisServer) -> AsyncIterator[None]:
    await asyncio.to_thread(server.start)
    try:
        yield
    finally:
        await asyncio.to_thread(server.stop)


@contextmanager
def _namespace() -> Iterator[tuple[str, list[VirtualCable], tuple[str, ...]]]:
    """Make a namespace with two cables to it; yield its name, them, and its addresses on them."""
    # A name and a network that no other run on this machine has, as far as dice can tell.
    name = f"jy{secrets.token_hex(3)}"
    net = f"10.231.{secrets.randbelow(256)}"
    _ip("netns", "add", name)
    try:
        _ip("-n", name, "link", "set", "lo", "up")
        cables, hosts = [], []
        for nth in range(2):
            near, far = f"{name}-{nth}n", f"{name}-{nth}f"
            ours, theirs = f"{net}.{4 * nth + 1}", f"{net}.{4 * nth + 2}"
            _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
            _ip("addr", "add", f"{ours}/30", "dev", near)
            _ip("link", "set", near, "up")
            _ip("-n", name, "addr", "add", f"{theirs}/30", "dev", far)
            _ip("-n", name, "link", "set", far, "up")
            cables.append(VirtualCable(name, far))
            hosts.append(theirs)
        yield name, cables, tuple(hosts)
    finally:
        # The near ends go with the far ones.
        _ip("netns", "del", name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
