from datetime import UTC, datetime, timedelta

from schemas.ids import hash_id
from services.runtime.clock import SteppingClock
from services.runtime.ids import RandomIds
from tests.fakes.ids import CountingIds

START = datetime(2025, 7, 1, tzinfo=UTC)


def test_an_id_made_of_the_same_parts_is_the_same_for_ever() -> None:
    made = hash_id("dec", "500108", "rain-2", 3, ["e1", "e2"], None)

    assert made == "dec_kdyu2aqeyycrzm2ccimxrpf3ta"


def test_parts_keep_their_borders_and_their_kinds() -> None:
    made = {
        hash_id("x", "ab", "c"),
        hash_id("x", "a", "bc"),
        hash_id("x", "abc"),
        hash_id("x", ["ab", "c"]),
        hash_id("x", "1"),
        hash_id("x", 1),
        hash_id("x", None),
        hash_id("x"),
    }

    assert len(made) == 8


def test_random_ids_sort_by_their_time_and_differ_within_it() -> None:
    clock = SteppingClock(START)
    ids = RandomIds(clock)
    made = []
    for second in range(50):
        clock.move_to(START + timedelta(seconds=second))
        made.append(ids.new("att"))

    assert sorted(made) == made
    assert len({ids.new("att") for _ in range(100)}) == 100
    assert all(name.startswith("att_") and len(name) == 30 for name in made)


def test_counting_ids_count_for_each_prefix() -> None:
    ids = CountingIds()

    assert [ids.new("a"), ids.new("a"), ids.new("b")] == ["a_1", "a_2", "b_1"]
