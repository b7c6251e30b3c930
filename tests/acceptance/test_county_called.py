"""A county's whole order is called, as its rule asks: 506 in three minutes, here with fewer people."""

from datetime import timedelta
from pathlib import Path

import pytest

from bench.county import OFFICER, County, write_county
from bench.county_result import Night
from bench.county_virtual import live_through
from services.phones.domain.person import Habit
from services.phones.domain.record import What

POSTS = 60
KILLED_AFTER = timedelta(seconds=11.3)


def one_who(county: County, habit: Habit | str) -> str:
    """The number of the first who behaves so."""
    return next(number for number, named in county.habits.items() if named == habit)


@pytest.fixture
def county(tmp_path: Path) -> County:
    return write_county(tmp_path / "pack", "acceptance", POSTS)


def calls_to(night: Night, number: str) -> int:
    return len(night.seen.calls_by_number()[number])


async def test_a_county_is_called_once_around_as_fast_as_its_carrier_permits(
    county: County, tmp_path: Path
) -> None:
    """Whoever answers for a village hears twenty seconds that concern him, within his minutes."""
    night = await live_through(county, tmp_path / "data", None)

    assert night.failures() == []
    told = night.as_json()
    assert told["confirmed"] == round(POSTS * 0.8)
    assert told["not_woken"] == round(POSTS * 0.2)
    assert calls_to(night, one_who(county, Habit.CODER)) == 1
    assert calls_to(night, one_who(county, "never then coder")) == 2
    for habit in (Habit.VOICEMAIL, Habit.HANGS_UP, Habit.NEVER):
        assert calls_to(night, one_who(county, habit)) == 4
    assert f"{told['not_woken']}个岗位未叫应" in "".join(night.seen.texts[OFFICER])
    phone = night.heard[one_who(county, Habit.CODER)]
    assert [what for what, _ in phone if what is not What.HEARD] == [
        What.RANG,
        What.ANSWERED,
        *[What.PRESSED] * 5,
        What.ENDED,
    ]
    heard = [detail for what, detail in phone if what is What.HEARD]
    assert "江镇暴雨二级响应已经启动" in heard[1]
    assert heard[-1].startswith("记录江镇村")


async def test_a_county_is_called_to_its_end_though_the_process_was_killed_on_the_way(
    county: County, tmp_path: Path
) -> None:
    """Nobody is forgotten, and nobody is rung twice, because a machine died and came back."""
    night = await live_through(county, tmp_path / "data", KILLED_AFTER)

    # With so few people the seconds in which nobody was there are more than two in a hundred.
    assert set(night.failures()) <= {"the last first call came too late"}
    assert night.as_json()["kills"] == 1
    lost = night.as_json()["restart_s"]
    assert night.as_json()["started_s"] <= POSTS / 3 * 1.005 + lost
