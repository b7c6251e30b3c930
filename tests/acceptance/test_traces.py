"""Traces, as whoever runs the system sees them: from one reading to the phones that it made ring."""

from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from schemas.dispatch import Fact
from schemas.level import Level
from services.runtime.traces import Step
from tests.acceptance.live import copy_pack, live
from tests.acceptance.otlp_receiver import Receiver, receiver
from tests.acceptance.valley import DATA, MIDNIGHT, Valley


def _attributes(span: Span) -> dict[str, str]:
    return {one.key.removeprefix("jiaoying."): one.value.string_value for one in span.attributes}


def _way_to(span: Span, collected: Receiver) -> list[str]:
    """Return the names from the beginning of the trace to *span*, which must all be there."""
    by_id = {(one.trace_id, one.span_id): one for one in collected.spans}
    way = [span.name]
    while span.parent_span_id:
        span = by_id[span.trace_id, span.parent_span_id]
        way.insert(0, span.name)
    return way


async def test_one_reading_and_the_ring_it_leads_to_are_one_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks in the morning why a phone rang late sees each step of the way, with its time."""
    folder = copy_pack(DATA, tmp_path, ())
    async with receiver() as collected:
        monkeypatch.setenv("JIAOYING_TRACES_URL", collected.url)
        async with live(folder, tmp_path / "data", MIDNIGHT, MIDNIGHT) as opened:
            valley = Valley(opened)
            await valley.pours(84)
            await opened.until_that(lambda: False, opened.clock.now() + timedelta(minutes=1))
            called = [
                fact
                for fact in await valley.facts(Fact.ATTEMPT_INTENDED)
                if fact.detail["channel"] == "voice"
            ]
            ledger = await opened.ledger()
            numbers = list(opened.pack.numbers.values())

    assert called
    (accepted,) = [
        span for span in collected.named(Step.ACCEPT) if _attributes(span)["kind"] == "Readings"
    ]
    requests = {_attributes(span)["attempt_id"]: span for span in collected.named(Step.REQUEST)}
    for fact in called:
        request = requests[str(fact.attempt_id)]
        assert request.trace_id == accepted.trace_id
        assert _way_to(request, collected) == [step.value for step in Step]
        assert _attributes(request)["answer"] == "RequestAnswered"
    assert collected.services == {"jiaoying"}
    (opened_span,) = [
        span
        for span in collected.named(Step.OPEN)
        if _attributes(span)["callout_id"] == called[0].callout_id
    ]
    assert _attributes(opened_span)["level"] in {level.name for level in Level}
    told = {value for span in collected.spans for value in _attributes(span).values()}
    assert told.isdisjoint({record.person for record in ledger} - {None})
    assert told.isdisjoint({record.contact for record in ledger} - {None})
    whole = b"".join(collected.bodies)
    assert numbers
    assert not any(number.encode() in whole for number in numbers)


async def test_without_a_collector_nothing_is_told_and_nothing_is_different(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Traces are for those who look on; a decision's bytes are the same with them and without."""
    decided = []
    for name, is_on in (("on", True), ("off", False)):
        async with receiver() as collected:
            monkeypatch.setenv("JIAOYING_TRACES_URL", collected.url if is_on else "")
            folder = copy_pack(DATA, tmp_path / name, ())
            data = tmp_path / name / "data"
            async with live(folder, data, MIDNIGHT, MIDNIGHT) as opened:
                await Valley(opened).pours(84)
                decided.append(await opened.decisions())
        assert bool(collected.spans) is is_on

    assert decided[0] == decided[1] != []


async def test_a_collector_that_is_away_costs_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only looks on must never keep a phone from ringing, nor the process from ending."""
    folder = copy_pack(DATA, tmp_path, ())
    monkeypatch.setenv("JIAOYING_TRACES_URL", "http://127.0.0.1:9/v1/traces")
    async with live(folder, tmp_path / "data", MIDNIGHT, MIDNIGHT) as opened:
        await Valley(opened).pours(84)
        await opened.until_that(lambda: False, opened.clock.now() + timedelta(minutes=1))

        assert opened.phones.exchange.calls
