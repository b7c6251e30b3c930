"""Names on the map: beside their mark, covering nothing, the worst first."""

from dataclasses import dataclass
from itertools import combinations

import pytest

from services.console.domain.map_labels import SIZE, labels


@dataclass(frozen=True)
class Dot:
    """A mark with a name."""

    x: float
    y: float
    lines: tuple[str, ...] = ("广阳镇",)
    reach: float = 6.0
    is_in_force: bool = False


def test_a_name_stands_at_the_right_of_its_mark() -> None:
    (label,) = labels([Dot(100, 100)], 640, 400)

    assert label is not None
    assert (label.anchor, label.lines) == ("start", ("广阳镇",))
    assert label.x > 106


def test_at_the_right_edge_a_name_stands_at_the_left() -> None:
    (label,) = labels([Dot(620, 100)], 640, 400)

    assert label is not None
    assert label.anchor == "end"
    assert label.x < 614


def test_a_name_makes_way_for_a_mark_at_its_right() -> None:
    first, second = labels([Dot(100, 100), Dot(130, 100)], 640, 400)

    assert second is not None
    assert second.anchor == "start"
    assert first is not None
    assert first.anchor == "end"


def test_the_worst_chooses_first_and_what_fits_nowhere_is_left_out() -> None:
    crowd = [Dot(100 + 9 * (nth % 3), 100 + 9 * (nth // 3)) for nth in range(9)]

    found = labels(crowd, 640, 400)

    assert found[-1] is not None
    assert None in found


@pytest.mark.parametrize(("width", "shown"), [(640, 2), (170, 1)], ids=["room", "no-room"])
def test_orders_are_left_out_before_the_name(width: float, shown: int) -> None:
    dot = Dot(85, 100, lines=("广阳镇", "禁 O1 断 O3 撤 O6 撤 O8 断 O9 断 O10"))

    (label,) = labels([dot], width, 400)

    assert label is not None
    assert len(label.lines) == shown


def test_no_two_names_of_a_thousand_marks_overlap() -> None:
    dots = [Dot(20 * (nth % 32), 13 * (nth // 32)) for nth in range(1000)]
    back = {"start": 0.0, "middle": 0.5, "end": 1.0}

    found = [label for label in labels(dots, 640, 420) if label is not None]

    broad, high = 3 * SIZE, SIZE
    corners = [(label.x - broad * back[label.anchor], label.y) for label in found]
    assert corners
    assert [
        (one, other)
        for one, other in combinations(corners, 2)
        if abs(one[0] - other[0]) < broad - 1 and abs(one[1] - other[1]) < high
    ] == []
