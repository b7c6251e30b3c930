"""The demo's script: real series re-based to the instant at which it starts."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from schemas.act import LevelConfirmed
from services.district.domain.pack import Pack
from services.district.replay_files import InventedEntry
from services.district.replay_script import Script, load_script
from services.district.replay_times import fill_times, time_after
from services.phones.adapters.habits_file import load_town
from tests.unit.district.conftest import DEMO


@pytest.fixture(scope="module")
def script() -> Script:
    return load_script(DEMO)


def readings(script: Script, start: datetime) -> dict[str, list[tuple[datetime, Decimal]]]:
    found: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for step in script.steps:
        if step.path != "/v1/readings":
            continue
        for line in step.body(start).splitlines():
            reading = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            at = datetime.fromisoformat(reading["occurred_at"])
            if reading["metric"] != "discharge":
                found[reading["sensor_id"]].append((at, reading["value"]))
    return found


def test_the_script_is_long_enough_to_be_a_night(script: Script) -> None:
    assert len(script.steps) >= 500
    assert script.length <= timedelta(hours=24)
    assert [step.after for step in script.steps] == sorted(step.after for step in script.steps)


def test_nothing_is_measured_after_it_is_posted(script: Script) -> None:
    for step in script.steps:
        if step.path == "/v1/readings":
            times = [
                json.loads(line)["occurred_at"] for line in step.body(script.start).splitlines()
            ]
            assert all(datetime.fromisoformat(at) <= script.start + step.after for at in times)


def test_an_hour_of_rain_is_spread_without_losing_a_thousandth(script: Script) -> None:
    rain = readings(script, script.start)["RG-15A"]
    hour = [
        value for at, value in rain if timedelta(hours=4) < at - script.start <= timedelta(hours=5)
    ]

    # 30 September 2015, 10:00: 33.8 mm.
    assert len(hour) == 12
    assert sum(hour) == Decimal("33.8")


def test_the_slope_passes_the_published_threshold_within_the_script(script: Script) -> None:
    rain = readings(script, script.start)["RG-HP-0101"]

    def total(now: datetime) -> Decimal:
        recent, before = timedelta(days=3), timedelta(days=18)
        three = sum(value for at, value in rain if now - recent < at <= now)
        fifteen = sum(value for at, value in rain if now - before < at <= now - recent)
        return three + Decimal("0.67") * fifteen

    times = [at for at, _ in rain if at >= script.start]
    passed = [at for at in times if total(at) >= Decimal("88.9")]

    assert total(script.start) < Decimal("88.9")
    assert passed
    assert timedelta(hours=11) < passed[0] - script.start < timedelta(hours=12)


def test_the_flood_passes_every_mark_but_the_highest(script: Script, demo: Pack) -> None:
    stages = [value for _, value in readings(script, script.start)["ST-KUZHUXI"]]
    marks = next(p.marks for p in demo.rules.points if p.point_id == "G-KUZHUXI")

    assert marks["保证"] <= max(stages) * 1000 < marks["历史最高"]


def test_the_times_follow_the_start(script: Script) -> None:
    later = script.start + timedelta(days=30, minutes=7)
    then = readings(script, later)

    for sensor, values in readings(script, script.start).items():
        assert [(at + timedelta(days=30, minutes=7), value) for at, value in values] == then[sensor]


def test_warnings_say_the_same_instant_when_they_refer_to_one_another(script: Script) -> None:
    caps = [
        step.body(script.start).decode()
        for step in script.steps
        if step.media_type == "application/cap+xml"
    ]

    identifier = caps[0].split("<identifier>")[1].split("<")[0]
    sent = caps[0].split("<sent>")[1].split("<")[0]
    assert f",{identifier},{sent}</references>" in caps[1]
    assert not any("@{" in cap for cap in caps)


def test_an_act_of_the_script_is_one_that_the_contract_knows(script: Script) -> None:
    assert isinstance(script.acts[0].body, LevelConfirmed)


def test_invented_values_may_be_written_many_at_once() -> None:
    invented = InventedEntry.model_validate(
        {
            "sensors": ["G"],
            "metric": "methane",
            "unit": "%LEL",
            "start": "PT0S",
            "every": "PT60S",
            "values": ["0.5 x 3", 12],
        }
    )

    assert invented.spelled_out() == (Decimal("0.5"),) * 3 + (Decimal(12),)


@pytest.mark.parametrize("minutes", [-3, 0, 90])
def test_a_time_left_open_is_filled_in(minutes: int) -> None:
    start = datetime.fromisoformat("2026-09-19T20:00:00+08:00")
    offset = timedelta(minutes=minutes)

    assert fill_times(time_after(offset), start) == (start + offset).isoformat()
    assert fill_times("@{-PT1H|%H时}", start) == "19时"


def test_everybody_whose_habits_are_told_has_a_number_in_the_pack(demo: Pack) -> None:
    habits = {person.number for person in load_town(DEMO / "phones.yaml").people}

    assert habits <= set(demo.numbers.values())
