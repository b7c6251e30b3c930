"""
Where names stand on the map: beside their mark, where they cover neither a mark nor another name.

A name that fits nowhere is left out; the mark stays, and the list beside the map names it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol

SIZE = 12.0
"""The names' type size in the map's units, as in the style sheet; names in force are larger."""
SIZE_IN_FORCE = 13.5
_SMALL = 11.0
_LINE = 1.25
_CELL = 48.0
_TRIED = 80
"""Names tried, the worst first: more than fit on a map that is still read."""
_WIDE_FROM = "\u2e80"  # CJK and full-width forms take a whole square, others about half of one


class Spot(Protocol):
    """A mark at (*x*, *y*): *reach* from its middle to its edge, *lines* to stand beside it."""

    @property
    def x(self) -> float:
        """Rightwards."""

    @property
    def y(self) -> float:
        """Downwards."""

    @property
    def reach(self) -> float:
        """From its middle to its edge."""

    @property
    def lines(self) -> Sequence[str]:
        """Its name, then what is ordered there; empty when it needs no name."""

    @property
    def is_in_force(self) -> bool:
        """Whether its name is written large."""


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text from (*x*, *y*), the first one's base line; *anchor* as in SVG."""

    x: float
    y: float
    anchor: str
    lines: tuple[str, ...]


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def cells(self) -> Iterator[tuple[int, int]]:
        for column in range(int(self.left // _CELL), int(self.right // _CELL) + 1):
            for row in range(int(self.top // _CELL), int(self.bottom // _CELL) + 1):
                yield column, row


class _Taken:
    """
    What is drawn already, by cells of a grid: a thousand marks are not compared in pairs. A mark is
    kept in the cell of its middle alone, so whoever asks looks as far around as marks reach.
    """

    def __init__(self, spots: Iterable[Spot]) -> None:
        self._boxes: dict[tuple[int, int], list[_Box]] = {}
        self._spots: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
        self._reach = 0.0
        for spot in spots:
            x, y, reach = spot.x, spot.y, spot.reach
            cell = int(x // _CELL), int(y // _CELL)
            self._spots.setdefault(cell, []).append((x, y, reach))
            self._reach = max(self._reach, reach)

    def take(self, box: _Box) -> None:
        for cell in box.cells():
            self._boxes.setdefault(cell, []).append(box)

    def is_free(self, box: _Box) -> bool:
        if any(box.meets(other) for cell in box.cells() for other in self._boxes.get(cell, ())):
            return False
        reach = self._reach
        around = _Box(box.left - reach, box.top - reach, box.right + reach, box.bottom + reach)
        return not any(
            box.left < x + reach
            and x - reach < box.right
            and box.top < y + reach
            and y - reach < box.bottom
            for cell in around.cells()
            for x, y, reach in self._spots.get(cell, ())
        )


def labels(spots: Sequence[Spot], width: float, height: float) -> list[Label | None]:
    """
    Return the label of each of *spots*, in their order; the last spot chooses first.

    Each may stand right, left, below or above its mark, within *width* and *height*; with its
    orders where they fit, else its name alone, else None.
    """
    taken = _Taken(spots)
    whole = _Box(0, 0, width, height)
    found: list[Label | None] = [None] * len(spots)
    named = (nth for nth in reversed(range(len(spots))) if spots[nth].lines)
    for nth in islice(named, _TRIED):
        for box, anchor, size, lines in _choices(spots[nth]):
            is_inside = (
                whole.left <= box.left
                and whole.top <= box.top
                and box.right <= whole.right
                and box.bottom <= whole.bottom
            )
            if is_inside and taken.is_free(box):
                taken.take(box)
                found[nth] = _label(box, anchor, size, lines)
                break
    return found


def _choices(spot: Spot) -> Iterator[tuple[_Box, str, float, tuple[str, ...]]]:
    size = SIZE_IN_FORCE if spot.is_in_force else SIZE
    for count in range(len(spot.lines), 0, -1):
        lines = tuple(spot.lines[:count])
        sizes = (size, *(_SMALL for _ in lines[1:]))
        broad = max(_width(line, one) for line, one in zip(lines, sizes, strict=True))
        high = sum(one * _LINE for one in sizes)
        gap = spot.reach + 3
        middle = spot.y - high / 2
        for left, top, anchor in (
            (spot.x + gap, middle, "start"),
            (spot.x - gap - broad, middle, "end"),
            (spot.x - broad / 2, spot.y + gap - 1, "middle"),
            (spot.x - broad / 2, spot.y - gap + 1 - high, "middle"),
        ):
            yield _Box(left, top, left + broad, top + high), anchor, size, lines


def _label(box: _Box, anchor: str, size: float, lines: tuple[str, ...]) -> Label:
    at = {"start": box.left, "end": box.right, "middle": (box.left + box.right) / 2}[anchor]
    return Label(round(at, 1), round(box.top + size, 1), anchor, lines)


def _width(line: str, size: float) -> float:
    return size * sum(_units(line))


def _units(line: str) -> Iterable[float]:
    return (1.0 if character >= _WIDE_FROM else 0.6 for character in line)
