"""The exact windows against the plainest thing that could be right: a dict, summed anew each time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.correlator.domain.window import Series

SPANS = (3, 10, 40)
READINGS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=40)


def filled(readings: list[tuple[int, int]]) -> Series:
    series = Series(max(SPANS))
    for span in SPANS:
        series.running(span)
    for number, (at_us, value) in enumerate(readings):
        if series.times and at_us <= series.times[-1]:
            series.insert(at_us, value, f"e{number}")
        else:
            series.append(at_us, value, f"e{number}")
    return series


@given(READINGS)
@settings(max_examples=200)
def test_running_sums_are_the_sums_of_what_lies_in_the_window(
    readings: list[tuple[int, int]],
) -> None:
    """A sum that drifts from its readings would miss a threshold, or ring a town for nothing."""
    series = filled(readings)
    newest = max(at for at, _ in readings)
    last_said = dict(readings)

    for span in SPANS:
        expected = sum(value for at, value in last_said.items() if newest - span < at)
        assert series.running(span).total == expected
        assert series.sum_until(newest, span) == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(-2, 9), st.sampled_from([None, "prune", *SPANS])),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=300)
def test_a_sum_is_the_same_however_often_it_was_asked_for(
    happenings: list[tuple[int, int, str | int | None]],
) -> None:
    """Whether a rule looked at a sensor before must not change what it sees now."""
    series = filled([(0, 1)])
    said = {0: 1}

    for number, (at_us, value, then) in enumerate(happenings):
        newest = series.times[-1]
        if at_us > newest:
            series.append(at_us, value, f"f{number}")
        elif at_us > newest - max(SPANS):
            series.insert(at_us, value, f"f{number}")
        else:
            continue  # forgotten, perhaps
        said[at_us] = value
        newest = max(said)
        for running in series.sums.values():
            expected = sum(value for at, value in said.items() if newest - running.span_us < at)
            assert series.has_negative or series.sum - running.before >= expected
            if then == running.span_us:
                assert running.total == expected
        if then == "prune":
            series.prune(newest)

    for running in series.sums.values():
        assert running.total == sum(v for at, v in said.items() if newest - running.span_us < at)


@given(READINGS, st.integers(0, 120))
@settings(max_examples=200)
def test_the_standing_sum_is_that_of_the_window_that_ends_now(
    readings: list[tuple[int, int]], now_us: int
) -> None:
    """Clearing must follow the log's time alone, and never the moment somebody looks."""
    series = filled(readings)
    end = max(now_us, *(at for at, _ in readings))

    for span in SPANS:
        expected = sum(value for at, value in dict(readings).items() if end - span < at)
        assert series.standing(series.running(span), now_us) == expected


@given(READINGS, st.integers(0, 60))
@settings(max_examples=200)
def test_pruning_changes_no_window_that_can_still_be_asked_for(
    readings: list[tuple[int, int]], oldest_end: int
) -> None:
    """What is forgotten to save memory must never be missed."""
    series, whole = filled(readings), filled(readings)

    series.prune(oldest_end)

    for end in (at for at in whole.times if at >= min(oldest_end, whole.times[-1])):
        for span in SPANS:
            assert series.sum_until(end, span) == whole.sum_until(end, span)
    assert [series.running(span).total for span in SPANS] == [
        whole.running(span).total for span in SPANS
    ]
