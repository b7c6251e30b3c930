"""The four levels, and the colours that warning authorities give them."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """
    IV, III, II, I: higher is worse.

    Three kinds of level use this scale and are never mixed: the authority's `warning_level`, the
    computed `hazard_level` and the decided `response_level`.
    """

    IV = 1
    III = 2
    II = 3
    I = 4  # noqa: E741 - the field's own numeral

    def raised(self, levels: int) -> "Level":
        """Return the level *levels* higher, with I as the ceiling."""
        return Level(min(self + levels, Level.I))


class Colour(StrEnum):
    """The colours of warning signals, worst last."""

    BLUE = "BLUE"
    YELLOW = "YELLOW"
    ORANGE = "ORANGE"
    RED = "RED"

    @property
    def level(self) -> Level:
        """The level of a warning of this colour: blue IV, yellow III, orange II, red I."""
        return _LEVEL_OF[self]


_LEVEL_OF = {
    Colour.BLUE: Level.IV,
    Colour.YELLOW: Level.III,
    Colour.ORANGE: Level.II,
    Colour.RED: Level.I,
}
