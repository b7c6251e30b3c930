"""The map's marks tell what is in force now, also where something else was in force before."""

from itertools import count

import pytest

from schemas.cap import Status
from schemas.decision import ResponseChanged
from schemas.hazard import Hazard
from schemas.level import Level
from services.console.domain.situation import Situation
from services.console.domain.views.responses import PlaceMark
from services.demo.stage import PACK
from services.district.load import load_pack
from tests.unit.console.book import T0


class Map:
    """The marks of the demo district; responses are given for rain in one of its towns."""

    def __init__(self) -> None:
        pack = load_pack(PACK)
        self._situation = Situation(pack)
        self._district = pack.rules.district
        self._numbers = count(1)
        self.town = next(
            one.code for one in pack.rules.places if one.position and one.level.name == "TOWN"
        )

    def respond(self, level: Level | None, hazard: Hazard = Hazard.RAINSTORM) -> None:
        """A decision changes the response to *hazard* in the town."""
        self._situation.take_decision(
            ResponseChanged(
                district=self._district,
                decision_id=f"d{next(self._numbers)}",
                decided_at=T0,
                place=self.town,
                town=self.town,
                hazard=hazard,
                family="rain",
                response_level=level,
            )
        )

    def mark(self) -> PlaceMark:
        """Return the town's mark."""
        marks = self._situation.marks(Status.ACTUAL)
        return next(one for one in marks if one.place == self.town)


@pytest.fixture
def chart() -> Map:
    return Map()


def test_a_mark_follows_its_response_up_and_down_and_out(chart: Map) -> None:
    quiet = chart.mark()
    levels = []
    for level in (Level.III, Level.I, Level.IV, None):
        chart.respond(level)
        levels.append(chart.mark().level)

    assert levels == [Level.III, Level.I, Level.IV, None]
    assert chart.mark() == quiet


def test_a_mark_names_the_hazard_that_is_the_worst_now(chart: Map) -> None:
    chart.respond(Level.IV)
    rain = chart.mark().hazard_name
    chart.respond(Level.IV, Hazard.FLASH_FLOOD)
    chart.respond(None)

    assert chart.mark().hazard_name not in {"", rain}


def test_what_tells_the_same_is_the_same_mark(chart: Map) -> None:
    chart.respond(Level.III)

    assert chart.mark() is chart.mark()
