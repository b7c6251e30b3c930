"""Which variant of a text is said: the rule of precedence, row by row."""

import pytest

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.district.domain.wording import ANYTHING, About, Variant, Wording

_RAIN, _SLOPE = frozenset({Hazard.RAINSTORM}), frozenset({Hazard.LANDSLIDE})
_WORST = frozenset({Level.I})
_MONITOR = frozenset({Role.POINT_MONITOR})

PLAIN = Variant("plain")
ROLE = Variant("role", roles=_MONITOR)
LEVEL = Variant("level", levels=_WORST)
HAZARD = Variant("hazard", hazards=_SLOPE)
LEVEL_ROLE = Variant("level and role", levels=_WORST, roles=_MONITOR)
HAZARD_ROLE = Variant("hazard and role", hazards=_SLOPE, roles=_MONITOR)
HAZARD_LEVEL = Variant("hazard and level", hazards=_SLOPE, levels=_WORST)
ALL_THREE = Variant("all three", _SLOPE, _WORST, _MONITOR)
BY_RANK = [PLAIN, ROLE, LEVEL, HAZARD, LEVEL_ROLE, HAZARD_ROLE, HAZARD_LEVEL, ALL_THREE]
EVERYTHING = About(Hazard.LANDSLIDE, Level.I, Role.POINT_MONITOR)


@pytest.mark.parametrize("nth", range(len(BY_RANK)), ids=[one.text for one in BY_RANK])
def test_of_all_that_fit_the_most_particular_is_said(nth: int) -> None:
    up_to_here = BY_RANK[: nth + 1]

    assert Wording(tuple(up_to_here)).of(EVERYTHING) == BY_RANK[nth].text
    assert Wording(tuple(reversed(up_to_here))).of(EVERYTHING) == BY_RANK[nth].text


@pytest.mark.parametrize(
    ("about", "said"),
    [
        pytest.param(
            About(Hazard.RAINSTORM, Level.I, Role.POINT_MONITOR), "level and role", id="1"
        ),
        pytest.param(
            About(Hazard.LANDSLIDE, Level.II, Role.POINT_MONITOR), "hazard and role", id="2"
        ),
        pytest.param(About(Hazard.LANDSLIDE, Level.I, Role.TOWN_DUTY), "hazard and level", id="3"),
        pytest.param(About(Hazard.RAINSTORM, Level.II, Role.TOWN_DUTY), "plain", id="4"),
        pytest.param(About(Hazard.LANDSLIDE, Level.I), "hazard and level", id="no role is known"),
        pytest.param(ANYTHING, "plain", id="nothing is known"),
    ],
)
def test_a_variant_that_is_for_something_else_is_not_said(about: About, said: str) -> None:
    assert Wording(tuple(BY_RANK)).of(about) == said


def test_without_a_variant_that_fits_there_is_no_text() -> None:
    with pytest.raises(LookupError):
        Wording((HAZARD,)).of(About(Hazard.RAINSTORM))


@pytest.mark.parametrize(
    ("one", "other", "rivals"),
    [
        pytest.param(PLAIN, Variant("again"), True, id="two for everything"),
        pytest.param(HAZARD, Variant("again", _RAIN | _SLOPE), True, id="hazards overlap"),
        pytest.param(HAZARD, Variant("other", _RAIN), False, id="hazards apart"),
        pytest.param(HAZARD, LEVEL, False, id="hazard before level"),
        pytest.param(HAZARD_ROLE, Variant("x", _SLOPE, roles=_MONITOR), True, id="both the same"),
        pytest.param(HAZARD_ROLE, Variant("x", _RAIN, roles=_MONITOR), False, id="one apart"),
    ],
)
def test_two_variants_for_the_same_are_rivals(one: Variant, other: Variant, rivals: bool) -> None:
    assert one.rivals(other) is rivals
    assert other.rivals(one) is rivals
