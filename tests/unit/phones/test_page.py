"""The practice page."""

import json

import pytest

from services.phones.domain.phone_view import phone_id
from tests.unit.phones.scene import Scene
from tests.unit.phones.town import ANNA

ASKING = {"X-Requested-With": "phones"}


async def test_the_page_shows_the_phones_and_runs_no_foreign_script(scene: Scene) -> None:
    await scene.call()
    await scene.live(1)

    async with scene.session.get("/phones") as response:
        html = await response.text()

    policy = response.headers["Content-Security-Policy"]
    assert "村书记" in html
    assert ANNA not in html
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("name", ["phones.js", "phones.css"])
async def test_the_pages_files_are_served(scene: Scene, name: str) -> None:
    async with scene.session.get(f"/phones/static/{name}") as response:
        assert response.status == 200


async def test_no_other_file_is_served(scene: Scene) -> None:
    async with scene.session.get("/phones/static/phones.html") as response:
        assert response.status == 404


async def test_a_phone_is_answered_pressed_and_hung_up_from_the_page(scene: Scene) -> None:
    phone = phone_id("scene", ANNA)
    await scene.call()
    await scene.live(1)

    for act, fields in (("answer", {}), ("press", {"key": "5"}), ("hangup", {})):
        async with scene.session.post(
            f"/phones/{phone}/{act}", json=fields, headers=ASKING
        ) as response:
            assert await response.json() == {"done": True}
        await scene.live(0)

    assert scene.server.exchange.record.pressed(ANNA) == "5"
    assert scene.server.exchange.live_leg(ANNA) is None


async def test_everybody_can_be_put_in_human_hands_from_the_page(scene: Scene) -> None:
    async with scene.session.post(
        "/phones/hands", json={"manual": True}, headers=ASKING
    ) as response:
        assert response.status == 200

    assert scene.server.exchange.everybody_is_manual


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        pytest.param("hangup", {}, "{}", 403, id="from a foreign page"),
        pytest.param("hangup", {**ASKING, "Host": "evil.test"}, "{}", 403, id="another host"),
        pytest.param("hangup", {**ASKING, "Content-Type": "text/plain"}, "{}", 415, id="a form"),
        pytest.param("hangup", ASKING, "[]", 400, id="not an object"),
        pytest.param("hangup", ASKING, "{", 400, id="not JSON"),
        pytest.param("hangup", ASKING, f'"{"x" * 5000}"', 413, id="too much"),
        pytest.param("press", ASKING, '{"key": "12"}', 400, id="two keys"),
        pytest.param("sms", ASKING, '{"body": " "}', 400, id="no text"),
    ],
)
async def test_the_page_refuses_what_it_did_not_send(
    scene: Scene, path: str, headers: dict[str, str], body: str, status: int
) -> None:
    sent = {"Content-Type": "application/json", **headers}
    phone = phone_id("scene", ANNA)

    async with scene.session.post(f"/phones/{phone}/{path}", data=body, headers=sent) as response:
        assert response.status == status


async def test_a_phone_nobody_knows_is_not_found(scene: Scene) -> None:
    async with scene.session.post("/phones/abc/answer", json={}, headers=ASKING) as response:
        assert response.status == 404


async def test_the_page_hears_of_changes_as_they_happen(scene: Scene) -> None:
    async with scene.session.get("/phones/events?seen=0") as response:
        await scene.call()
        await scene.live(1)
        lines = list[str]()
        while not any("ringing" in line for line in lines):
            lines.append((await response.content.readline()).decode())

    data = next(line for line in reversed(lines) if line.startswith("data: "))
    (phone,) = json.loads(data.removeprefix("data: "))
    assert (phone["id"], phone["doing"]) == (phone_id("scene", ANNA), "ringing")


async def test_what_a_phone_does_with_its_next_calls_is_chosen_at_the_page(scene: Scene) -> None:
    phone = phone_id("scene", ANNA)
    for habit, status in (("off", 200), ("unallocated", 400), ("", 200), ("busy", 200)):
        async with scene.session.post(
            f"/phones/{phone}/habit", json={"habit": habit}, headers=ASKING
        ) as response:
            assert response.status == status
    await scene.call()
    await scene.live(30)

    assert [call.status.value for call in scene.server.exchange.calls.values()] == ["busy"]


async def test_nobody_rings_back_who_was_never_rung(scene: Scene) -> None:
    phone = phone_id("scene", ANNA)
    async with scene.session.post(f"/phones/{phone}/ringback", json={}, headers=ASKING) as response:
        assert await response.json() == {"done": False}
