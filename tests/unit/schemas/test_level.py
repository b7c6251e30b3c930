import pytest

from schemas.level import Colour, Level


def test_a_higher_level_is_worse() -> None:
    assert sorted(Level) == [Level.IV, Level.III, Level.II, Level.I]


@pytest.mark.parametrize(
    ("level", "levels", "raised"),
    [
        (Level.IV, 0, Level.IV),
        (Level.IV, 1, Level.III),
        (Level.III, 2, Level.I),
        (Level.II, 2, Level.I),
        (Level.I, 1, Level.I),
    ],
)
def test_a_raise_goes_up_and_stops_at_the_highest(level: Level, levels: int, raised: Level) -> None:
    assert level.raised(levels) is raised


def test_the_colours_are_the_levels_in_the_same_order() -> None:
    assert [colour.level for colour in Colour] == sorted(Level)
