"""Where things are, and which sensors speak for a place."""

import pytest

from schemas.metric import Metric
from services.correlator.domain.register import Register, distance_m, is_within
from tests.builders import (
    CHAMBER,
    CITY,
    GAUGE,
    OTHER_TOWN,
    SLOPE,
    TOWN,
    VILLAGE,
    a_pack,
    a_sensor,
    position,
)


def register(**mounted: str) -> Register:
    sensors = [
        a_sensor(name.replace("_", "-"), place, Metric.RAIN, Metric.METHANE)
        for name, place in mounted.items()
    ]
    return Register(a_pack(sensors=sensors))


@pytest.mark.parametrize(
    ("code", "town"),
    [(SLOPE, TOWN), (VILLAGE, TOWN), (TOWN, TOWN), (GAUGE, OTHER_TOWN), (CITY, CITY)],
)
def test_the_town_of_a_place(code: str, town: str) -> None:
    assert register().town_of(code) == town


@pytest.mark.parametrize(
    ("at", "code", "metric", "found"),
    [
        ({"A": SLOPE, "B": VILLAGE}, SLOPE, Metric.RAIN, ("A",)),
        ({"A": CHAMBER, "B": TOWN}, SLOPE, Metric.RAIN, ("A",)),
        ({"A": TOWN, "B": OTHER_TOWN}, SLOPE, Metric.RAIN, ("A",)),
        ({"A": SLOPE, "B": CHAMBER, "C": OTHER_TOWN}, TOWN, Metric.RAIN, ("A", "B")),
        ({"A": OTHER_TOWN, "B": CITY}, SLOPE, Metric.RAIN, ()),
        ({"A": CHAMBER, "B": VILLAGE}, SLOPE, Metric.METHANE, ("B",)),
        ({"A": CHAMBER}, SLOPE, Metric.METHANE, ()),
        ({"A": CHAMBER}, TOWN, Metric.METHANE, ()),
    ],
    ids=[
        "its own",
        "a neighbour's rain in the village",
        "the town's",
        "all in the town",
        "not the district's",
        "mounted at the village",
        "not a neighbour's gas",
        "nor for the town",
    ],
)
def test_which_sensors_speak_for_a_place(
    at: dict[str, str], code: str, metric: Metric, found: tuple[str, ...]
) -> None:
    assert register(**at).feeding(code, metric) == found


def test_distances_are_along_the_earth() -> None:
    assert distance_m(position(), position(1000)) == pytest.approx(1000, abs=1)
    assert is_within(position(), position(1000), 1001)
    assert not is_within(position(), None, 1_000_000)
