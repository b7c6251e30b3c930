"""Twenty mistakes at once, over all files of a pack: twenty lines, each with file, line and reason."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.district.faults import Fault
from tests.unit.district.conftest import BreakablePack

MISTAKES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "twenty_mistakes" / "mistakes.yaml").read_text(
        encoding="utf-8"
    )
)


@pytest.fixture
def planted(breakable: BreakablePack) -> dict[tuple[str, int, str], str]:
    """Plant all of them; return by file, line and reason what was planted."""
    return {
        (
            mistake["file"],
            breakable.replace(mistake["file"], mistake["right"], mistake["wrong"])
            + mistake.get("line_after", 0),
            mistake["reason"],
        ): mistake["wrong"]
        for mistake in MISTAKES
    }


def is_about(fault: Fault, place: tuple[str, int, str]) -> bool:
    file, line, reason = place
    return (fault.file, fault.line) == (file, line) and reason in fault.reason


def test_twenty_mistakes_are_twenty_faults_each_at_its_line(
    breakable: BreakablePack, planted: dict[tuple[str, int, str], str]
) -> None:
    faults = breakable.faults()

    assert [place for place in planted if not any(is_about(fault, place) for fault in faults)] == []
    assert [
        str(fault) for fault in faults if not any(is_about(fault, place) for place in planted)
    ] == []
    assert len(faults) == len(MISTAKES) == 20


def test_no_number_stands_in_a_reason(
    breakable: BreakablePack, planted: dict[tuple[str, int, str], str]
) -> None:
    assert planted
    assert not any("20019409" in str(fault) for fault in breakable.faults())
