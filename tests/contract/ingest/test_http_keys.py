"""Who may speak at ingest's door, of what, and how often."""

from datetime import timedelta

import pytest

from tests.contract.ingest.bodies import RAIN, TIP, cap, j
from tests.unit.ingest.small_district import (
    START,
    XIAKOU,
    Door,
)


@pytest.mark.parametrize(
    ("path", "key", "type_", "body", "status", "reason"),
    [
        ("/v1/readings", None, "application/json", b"[]", 401, "wrong_key"),
        ("/v1/readings", "nobody", "application/json", b"[]", 401, "wrong_key"),
        ("/v1/warnings", "sensors", "application/json", b"[]", 403, "not_your_kind"),
        ("/v1/readings", "sensors", "text/csv", b"", 415, "wrong_type"),
        ("/v1/tips", "hotline", "application/json", b" " * 2_001, 413, "too_large"),
    ],
)
async def test_who_may_not_come_in_is_turned_away_unread(
    ingest: Door, path: str, key: str | None, type_: str, body: bytes, status: int, reason: str
) -> None:
    answer = await ingest.post(path, body, key, type_)

    assert (answer.status, answer.json["reason"]) == (status, reason)
    assert await ingest.letters() == []


async def test_a_source_over_its_rate_is_told_when_to_come_again(ingest: Door) -> None:
    statuses = [(await ingest.post("/v1/readings", j(RAIN), "slow")).status for _ in range(3)]
    turned_away = await ingest.post("/v1/readings", j(RAIN), "slow")
    ingest.clock.move_to(START + timedelta(seconds=1))
    later = await ingest.post("/v1/readings", j(RAIN), "slow")

    assert statuses == [202, 202, 429]
    assert turned_away.headers["retry-after"] == "1"
    assert later.status == 202


async def test_invariant_16_a_key_speaks_only_for_its_own_sensors(ingest: Door) -> None:
    named = await ingest.post("/v1/readings", j({**RAIN, "sensor_id": "RG-2"}), "xiakou")
    elsewhere = await ingest.post("/v1/readings", j(RAIN), "xiakou")
    unnamed = await ingest.post("/v1/readings", j({**RAIN, "sensor_id": "GL-77"}), "xiakou")

    assert named.status == 202
    assert (elsewhere.status, elsewhere.json["reason"]) == (403, "not_your_sensor")
    assert (unnamed.status, unnamed.json["reason"]) == (403, "not_your_sensor")
    assert [event.readings[0].sensor_id for event in await ingest.events()] == ["RG-2"]


async def test_invariant_16_a_key_speaks_only_for_its_own_area(ingest: Door) -> None:
    other_town = cap(area="弹子石街道", code="500108006000")
    district = await ingest.post("/v1/warnings", cap(), "town-office", "text/xml")
    foreign = await ingest.post("/v1/warnings", other_town, "town-office", "text/xml")
    tip = await ingest.post("/v1/tips", j(TIP), "xiakou-hotline")

    assert district.status == 202
    (event,) = await ingest.events()
    assert event.infos[0].targets == (XIAKOU,)
    assert (foreign.status, foreign.json["reason"]) == (403, "not_your_area")
    assert (tip.status, tip.json["reason"]) == (403, "not_your_area")


async def test_the_three_calls_are_documented(ingest: Door) -> None:
    paths = ingest._app.openapi()["paths"]

    assert set(paths) == {"/v1/readings", "/v1/warnings", "/v1/tips"}
    assert all(paths[path]["post"]["responses"].keys() == {"202"} for path in paths)
