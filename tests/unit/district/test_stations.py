"""`stations.yaml`: optional, and every mistake in it has its line."""

import pytest

from services.district.load import load_pack
from tests.unit.district.conftest import BreakablePack

MISTAKES = [
    ("place: 500108007000", "place: 500108907000", "unknown place or point '500108907000'"),
    ("id: LS-GY", "id: LS-NS", "the station 'LS-NS' stands here twice"),
    ("kind: screen", "kind: drone", "found 'drone'"),
    ('"http://127.0.0.1:8089/stations/LS-NS"', '"http://10.0.0.9/x"', "is on this machine"),
    ('"http://127.0.0.1:8089/stations/LS-NS"', '"ftp://127.0.0.1/x"', "url"),
    ('"http://127.0.0.1:8089/stations/LS-NS"', '"http://me:pw@127.0.0.1/x"', "url"),
]


@pytest.mark.parametrize(("old", "new", "reason"), MISTAKES, ids=[m[1][:24] for m in MISTAKES])
def test_a_mistake_is_found_with_its_line(
    breakable: BreakablePack, old: str, new: str, reason: str
) -> None:
    line = breakable.replace("stations.yaml", old, new)

    (fault,) = breakable.faults()

    assert (str(fault.file), fault.line) == ("stations.yaml", line)
    assert reason in fault.reason


def test_a_district_may_have_no_stations(breakable: BreakablePack) -> None:
    (breakable.folder / "stations.yaml").unlink()

    assert load_pack(breakable.folder).stations == ()


def test_the_demos_stations_stand_at_places_of_the_district(breakable: BreakablePack) -> None:
    found = load_pack(breakable.folder)

    assert [one.station_id for one in found.stations] == ["LS-NS", "LS-GY", "SC-NP"]
    assert "127.0.0.1" not in repr(found.stations)
