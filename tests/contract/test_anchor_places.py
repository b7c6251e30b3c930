"""`AnchorPlace`: what was kept is there, in order and whole, and what was not is said."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from services.dispatcher.adapters.anchor_file import AnchorFile
from services.dispatcher.adapters.anchor_post import AnchorPost
from services.dispatcher.ports import AnchorNotKeptError, AnchorPlace

TOKEN = "a-token-for-the-second-host"


@dataclass
class SecondHost:
    """What it has kept, and what it answers."""

    kept: list[bytes] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    status: int = 201

    async def take(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers.get("Authorization"))
        if self.status < 300:
            self.kept.append(await request.read())
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@dataclass
class Kept:
    """A place, what is in it, and how it is made to fail."""

    place: AnchorPlace
    content: Callable[[], list[bytes]]
    break_it: Callable[[], object]
    mend_it: Callable[[], object]


@pytest.fixture
async def second_host() -> AsyncIterator[tuple[SecondHost, str]]:
    host = SecondHost()
    app = web.Application()
    app.router.add_post("/anchors", host.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield host, f"http://127.0.0.1:{port}/anchors"
    await runner.cleanup()


@pytest.fixture(params=["file", "url"])
async def kept(
    request: pytest.FixtureRequest, tmp_path: Path, second_host: tuple[SecondHost, str]
) -> AsyncIterator[Kept]:
    if request.param == "file":
        file = tmp_path / "other-disk" / "anchors.ndjson"
        file.parent.mkdir()
        away = tmp_path / "unplugged"
        made = Kept(
            AnchorFile(file),
            lambda: file.read_bytes().splitlines() if file.exists() else [],
            lambda: file.parent.rename(away),
            lambda: away.rename(file.parent),
        )
    else:
        host, url = second_host

        made = Kept(
            AnchorPost(url, TOKEN),
            lambda: host.kept,
            lambda: setattr(host, "status", 503),
            lambda: setattr(host, "status", 200),
        )
    yield made
    await made.place.aclose()


async def test_anchors_are_kept_whole_and_in_order(kept: Kept) -> None:
    for number in range(3):
        await kept.place.keep(b'{"seq":%d}' % number)

    assert kept.content() == [b'{"seq":0}', b'{"seq":1}', b'{"seq":2}']


async def test_a_place_that_is_away_says_so_without_its_address_and_is_used_again(
    kept: Kept,
) -> None:
    await kept.place.keep(b"{}")
    kept.break_it()
    with pytest.raises(AnchorNotKeptError) as told:
        await kept.place.keep(b'{"seq":1}')
    kept.mend_it()
    await kept.place.keep(b'{"seq":1}')

    assert kept.content() == [b"{}", b'{"seq":1}']
    assert "127.0.0.1" not in str(told.value)
    assert "/" not in str(told.value)


async def test_the_second_host_is_shown_the_token(second_host: tuple[SecondHost, str]) -> None:
    host, url = second_host
    place = AnchorPost(url, TOKEN)
    await place.keep(b"{}")
    await place.aclose()

    assert host.tokens == {f"Bearer {TOKEN}"}


async def test_an_address_that_moves_has_kept_nothing(second_host: tuple[SecondHost, str]) -> None:
    host, url = second_host
    host.status = 302
    place = AnchorPost(url)
    with pytest.raises(AnchorNotKeptError, match="HTTP 302"):
        await place.keep(b"{}")
    await place.aclose()


async def test_what_is_there_already_is_never_written_over(tmp_path: Path) -> None:
    """Half a line that a power cut left does not take the next anchor with it."""
    file = tmp_path / "anchors.ndjson"
    file.write_bytes(b'{"seq":1}\n{"se')
    place = AnchorFile(file)
    await place.keep(b'{"seq":2}')
    await place.aclose()

    assert file.read_bytes().splitlines() == [b'{"seq":1}', b'{"se', b'{"seq":2}']
