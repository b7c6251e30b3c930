"""The fast county is the county, twenty times faster, with a code of its own."""

from datetime import timedelta
from pathlib import Path

from schemas.level import Level
from schemas.place import PlaceLevel
from services.district.load import load_pack
from services.phones.adapters.habits_file import load_town
from tests.resilience.cluster.fast_county import WITNESSES, gauge_of, write_fast_county

_DISTRICT = "610901"


def test_its_phones_and_its_policy_take_a_twentieth_of_the_time(tmp_path: Path) -> None:
    scene = write_fast_county(tmp_path / "pack", _DISTRICT)

    pack = load_pack(scene.folder)
    people = load_town(scene.folder / "phones.yaml").people

    assert len(people) == 506
    assert {person.rings for person in people} == {
        (timedelta(milliseconds=250), timedelta(milliseconds=750))
    }
    assert [account.starts_per_s for account in pack.policies.budget.accounts] == [60]
    assert pack.policies.levels[Level.II].day.ack_limit == timedelta(minutes=8) / 20


def test_it_has_a_gauge_in_each_town_where_nobody_is_called(tmp_path: Path) -> None:
    scene = write_fast_county(tmp_path / "pack", _DISTRICT)

    pack = load_pack(scene.folder)
    gauges = {sensor.place: sensor.sensor_id for sensor in pack.rules.sensors}
    posts = {post.place for post in pack.roster.posts.values()}

    assert {place.code[:6] for place in pack.rules.places} == {_DISTRICT}
    assert [gauges[town] for town in scene.towns] == [gauge_of(n) for n in range(WITNESSES)]
    assert not posts & set(scene.towns)
    assert all(
        place.level is PlaceLevel.TOWN for place in pack.rules.places if place.code in scene.towns
    )
