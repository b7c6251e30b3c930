"""Invariant 12, judged from the ledger and from what people heard and read."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.cap import Status
from schemas.dispatch import Fact
from services.phones.domain.call import Call
from services.phones.domain.record import What
from tests.simulation.evidence import Evidence, attempt_of
from tests.simulation.violation import Violation

_PREFIX = "演练"
_FIRST = 6
"""Characters: 【演练】 is in the first of them or it is not said first."""
_ASKS = "岗位"
"""What every message that asks something names: the post."""
_TRIES = {Fact.ATTEMPT_INTENDED.value, Fact.ATTEMPT_JOINED.value}


def exercises_never_mix(evidence: Evidence) -> Iterator[Violation]:
    """12: Exercises never mix: one travels the same code, says so first, and is counted apart."""
    yield from _callouts_keep_their_status(evidence)
    statuses: dict[str, set[str]] = defaultdict(set)
    for kept in evidence.facts():
        if kept.body["fact"] in _TRIES:
            statuses[kept.body["attempt_id"]].add(kept.body["status"])
    for attempt_id, found in statuses.items():
        if len(found) > 1:
            yield Violation("12", evidence.ended_at, f"{attempt_id} carries {sorted(found)}")
    for message in evidence.texts():
        found = statuses.get(attempt_of(message.status_callback), set())
        at_s = evidence.second(message.created_at)
        yield from _says_so(message.body, found, "an SMS", at_s)
    for attempt_id, calls in evidence.calls_by_attempt().items():
        said = _first_words(evidence, calls[0])
        if _ASKS in said:  # else its first script did not come, or nothing was to be asked any more
            at_s = evidence.second(calls[0].created_at)
            yield from _says_so(said, statuses.get(attempt_id, set()), "a call", at_s)


def _callouts_keep_their_status(evidence: Evidence) -> Iterator[Violation]:
    status_of: dict[str, str] = {}
    for kept in evidence.facts():
        body, callout = kept.body, kept.body.get("callout_id")
        if callout is None:
            continue
        if status_of.setdefault(callout, body["status"]) != body["status"]:
            yield Violation("12", kept.at_s, f"{callout} is {status_of[callout]} and another")
        follows = body["detail"].get("follows")
        if status_of.get(follows, body["status"]) != body["status"]:
            yield Violation("12", kept.at_s, "an exercise superseded the real thing, or it one")


def _says_so(said: str, statuses: set[str], what: str, at_s: float) -> Iterator[Violation]:
    if not said or len(statuses) != 1:
        return
    is_exercise = statuses == {Status.EXERCISE.value}
    if is_exercise is not (_PREFIX in said[:_FIRST]):
        told = "does not say that it is an exercise" if is_exercise else "says it is an exercise"
        yield Violation("12", at_s, f"{what} {told}")


def _first_words(evidence: Evidence, call: Call) -> str:
    for one in evidence.exchange.record.of(call.number, What.HEARD):
        if one.sid == call.sid:
            return one.detail
    return ""
