"""A night told in lines, for whoever must find out why it failed."""

from collections.abc import Iterator
from typing import Any

from schemas.topics import Topic
from tests.simulation.evidence import Evidence
from tests.simulation.faults import COUNTED, Count

_TOLD = ("callout_id", "post", "person", "attempt_id")
_MOST_LINES = 120


def tell(evidence: Evidence, around_s: float | None = None) -> list[str]:
    """Return the night's lines in the order of their time, those before *around_s* if it is long."""
    lines = sorted(_lines(evidence), key=lambda line: line[0])
    if len(lines) > _MOST_LINES and around_s is not None:
        before = [line for line in lines if line[0] <= around_s + 5]
        lines = before[-_MOST_LINES:] or lines[:_MOST_LINES]
    return [f"{at_s:10.3f}  {text}" for at_s, text in lines[:_MOST_LINES]]


def _lines(evidence: Evidence) -> Iterator[tuple[float, str]]:
    for said in evidence.plan.said.values():
        yield said.at_s, f"SAID      {said}"
    for fault in evidence.plan.faults.values():
        if COUNTED[fault.kind] is Count.SECOND:
            yield float(fault.at), f"FAULT     {fault}"
    for begin, end in evidence.down:
        yield begin, f"FAULT     the process died; another one came after {end - begin:.3f}s"
    for request in evidence.requests:
        kind = "call" if request.voice else "SMS"
        yield request.left_at, f"REQUEST   {kind} {request.attempt_id[:8]} to {request.contact}"
    for number, happened in evidence.exchange.record.happenings.items():
        who = _contact(evidence, number)
        for one in happened:
            detail = one.detail[:24]
            yield (
                evidence.second(one.at),
                f"PHONE     {who} {one.what.value} {detail} ({one.sid[:6]})",
            )
    for topic, name in ((Topic.DISPATCH, "LEDGER"), (Topic.DECISIONS, "DECISION")):
        for kept in evidence.of(topic):
            body = kept.body
            told = " ".join(str(body[key])[:10] for key in _TOLD if body.get(key))
            what = body.get("fact") or body["kind"]
            about: dict[str, Any] = body.get("detail") or {
                key: body[key] for key in ("place", "response_level") if key in body
            }
            short = {key: value for key, value in about.items() if key not in _LONG}
            yield kept.at_s, f"{name:9} {what} {told} {short}"


_LONG = {"why", "causes", "rungs", "decision_id", "place", "town", "hazard"}


def _contact(evidence: Evidence, number: str) -> str:
    numbers = evidence.plan.pack.numbers
    return next((contact for contact, one in numbers.items() if one == number), "somebody")
