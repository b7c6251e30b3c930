"""Ids of spans, and whether traces are told at all."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.traces import Step, Told, trace_id, trace_of
from services.runtime.traces_setting import TracesError, TracesSettings, open_traces


@given(
    st.lists(st.text(), min_size=1).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some))
    )
)
def test_every_service_finds_the_same_trace_for_the_same_causes(
    both: tuple[list[str], list[str]],
) -> None:
    """One of them may know the causes in another order."""
    causes, shuffled = both

    assert trace_of(causes, "d") == trace_of(shuffled, "d") in causes


def test_what_no_event_caused_begins_a_trace_of_its_own() -> None:
    assert trace_of((), "decision-1") == "decision-1"


def test_a_step_has_the_same_id_in_every_process_and_another_than_the_next() -> None:
    ids = {Told(step, of).span_id for step in Step for of in ("a", "b")}

    assert len(ids) == 2 * len(Step)
    assert Told(Step.ACCEPT, "a").span_id == 0x3BA6FB591D606F19
    assert trace_id("a") == 0x75D018BA0D215CEF90F1786A15CFA170


@given(st.text())
def test_an_id_fits_its_field_and_is_never_0(of: str) -> None:
    """0 means "none" to those who collect traces."""
    assert 0 < Told(Step.DECIDE, of).span_id < 2**64
    assert 0 < trace_id(of) < 2**128


def test_without_an_address_there_are_no_traces() -> None:
    assert open_traces(TracesSettings(url=""), "jiaoying") is None


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "services.runtime.otlp_traces", None)

    with pytest.raises(TracesError, match="--extra traces"):
        open_traces(TracesSettings(url="http://127.0.0.1:9/v1/traces"), "jiaoying")
