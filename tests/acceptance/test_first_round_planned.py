"""What is said of a first round before anybody is rung is what then happens, to 5 %."""

from pathlib import Path
from typing import Any

import pytest

from bench.county import write_county
from bench.county_virtual import live_through

SHAPES: dict[str, tuple[int, list[dict[str, Any]]]] = {
    "the starts decide": (110, [{"starts_per_s": 2, "lines": 90}]),
    "the lines decide": (70, [{"starts_per_s": 10, "lines": 12}]),
    "both decide": (80, [{"starts_per_s": 1.2, "lines": 32}]),
    "two accounts": (80, [{"starts_per_s": 1, "lines": 50}, {"starts_per_s": 3, "lines": 15}]),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_plan_of_a_first_round_is_within_five_per_cent_of_what_happens(
    shape: str, tmp_path: Path
) -> None:
    """Whoever must decide whether the lines are enough can rely on the minutes he is told."""
    posts, accounts = SHAPES[shape]
    named = [{"name": f"a{n}", "sms_per_s": 5, **one} for n, one in enumerate(accounts)]
    county = write_county(tmp_path / "pack", shape, posts, {"accounts": named}, attempts=1)

    night = await live_through(county, tmp_path / "data", None)

    last_s, over_s = night.first_round_s()
    assert last_s == pytest.approx(night.told.planned_s, rel=0.05)
    assert over_s == pytest.approx(night.told.over_s, rel=0.05)
    assert len(night.seen.calls) == posts
    assert len({call.account for call in night.seen.calls}) == len(accounts)
