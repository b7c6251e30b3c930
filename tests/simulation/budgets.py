"""
Invariant 8, judged from the ledger and from what left for the carrier: never exceeded, never wasted.

Who waited, and whether he might have been rung, is worked out anew from the ledger alone.
"""

import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.dispatch import Fact
from schemas.level import Level
from services.dispatcher.adapters.store_alarm import PREFIX as FROM_MEMORY
from services.dispatcher.domain.calls.attempt import Channel
from services.phones.domain.call import Direction
from tests.simulation.carrier import Request
from tests.simulation.evidence import Evidence, attempt_of
from tests.simulation.violation import Violation

_WASTE_S = 0.05
_EXACT_S = 0.002
"""A decision leaves when it is on disk; two commits are not equally quick."""
_GUARD_S = 0.005
"""Kept by the budget between a window's end and the next start; it costs 0.5 % of the starts."""
_UP_AGAIN_S = 0.1
_SLEWED = 600e-6
"""By how much a clock that was set back may run slower until the machine has caught up."""
_INFINITE = float("inf")


def the_budget_is_never_exceeded(evidence: Evidence) -> Iterator[Violation]:
    """8: The carrier's budget is never exceeded: starts per second, lines, per callee and hour."""
    # Nobody whose clock is set forwards can know that a minute of it was none.
    leaps = [at_s for at_s, by_s in evidence.steps_of_clock if by_s > 0]
    # And whoever takes over from a process whose disk was slow knows when a call was decided, not
    # when it left.
    leaps += [begin for begin, _ in evidence.down if any(at <= begin for at, _ in evidence.choked)]
    # A start is counted when it is decided and leaves when it is on disk: on one that is slow two may
    # leave closer together than they were decided, and the carrier's queue spaces them.
    leaps += [
        one.left_at
        for one in evidence.requests
        if any(begin <= one.left_at <= end for begin, end in evidence.choked)
    ]
    yield from _starts_exceeded(evidence, leaps)
    yield from _callees_exceeded(evidence, leaps)
    yield from _lines_exceeded(evidence)


def _left(evidence: Evidence, *, voice: bool) -> Iterator[Request]:
    for one in evidence.requests:
        if one.voice is voice and not one.attempt_id.startswith(FROM_MEMORY):
            yield one


def _starts_exceeded(evidence: Evidence, leaps: Sequence[float]) -> Iterator[Violation]:
    (account,) = evidence.plan.pack.policies.budget.accounts
    for voice, per_s, what in (
        (True, account.starts_per_s, "calls"),
        (False, account.sms_per_s, "SMS"),
    ):
        times = sorted(one.left_at for one in _left(evidence, voice=voice))
        for at_s in _too_close(times, *_rate(per_s), leaps):
            yield Violation("8", at_s, f"more than {per_s:g} {what} a second left")


def _callees_exceeded(evidence: Evidence, leaps: Sequence[float]) -> Iterator[Violation]:
    callee = evidence.plan.pack.policies.budget.callee
    for_highest = _attempts_for_highest(evidence)
    by_contact: dict[str, list[Request]] = defaultdict(list)
    for one in sorted(_left(evidence, voice=True), key=lambda one: one.left_at):
        by_contact[one.contact].append(one)
    for contact, rung in by_contact.items():
        times = [one.left_at for one in rung]
        long_limits = ((callee.per_hour, 3600), (callee.per_day, 86400))
        for count, span_s in ((callee.per_minute, 60), *long_limits):
            for at_s in _too_close(times, count, span_s, leaps):
                what = f"{contact} was rung more than {count} times in {span_s}s"
                yield Violation("8", at_s, what)
        lower = {one.left_at for one in rung if one.attempt_id not in for_highest}
        for most, span_s in long_limits:
            for at_s in _too_close(times, _most(most, Level.IV), span_s, leaps):
                if at_s in lower:
                    what = f"{contact}'s last call in {span_s}s was not kept for the highest level"
                    yield Violation("8", at_s, what)


def _attempts_for_highest(evidence: Evidence) -> set[str]:
    """Return the attempts that were made for an ask of the highest level, among others or alone."""
    levels = _levels(evidence)
    return {
        kept.body["attempt_id"]
        for kept in evidence.facts(Fact.ATTEMPT_INTENDED)
        if levels.get(str(kept.body.get("chain_id"))) is max(Level)
    }


def _levels(evidence: Evidence) -> dict[str, Level]:
    return {
        kept.body["chain_id"]: Level[kept.body["detail"]["level"]]
        for kept in evidence.facts(Fact.CHAIN_OPENED)
    }


def _lines_exceeded(evidence: Evidence) -> Iterator[Violation]:
    lines = evidence.plan.pack.policies.budget.lines
    edges: list[tuple[float, int]] = []
    for call in evidence.exchange.calls.values():
        is_ours = not attempt_of(call.status_callback).startswith(FROM_MEMORY)
        if call.direction is not Direction.INBOUND and is_ours:
            edges.append((evidence.second(call.created_at), 1))
            if call.ended_at is not None:
                edges.append((evidence.second(call.ended_at), -1))
    used = 0
    for at_s, change in sorted(edges):
        used += change
        if used > lines:
            yield Violation("8", at_s, f"{used} calls on {lines} lines")


def _rate(per_s: float) -> tuple[int, float]:
    count = max(1, int(per_s))
    return count, count / per_s


def _too_close(
    times: Sequence[float], count: int, span_s: float, leaps: Sequence[float]
) -> Iterator[float]:
    """Yield each of *times* that is the (*count* + 1)-th within *span_s*, but for the clock's leaps."""
    for before, after in zip(times, times[count:], strict=False):
        if after - before < span_s - _EXACT_S and not any(
            before - _EXACT_S <= leap <= after + _EXACT_S for leap in leaps
        ):
            yield after


@dataclass(slots=True)
class _Book:
    """What the ledger says of starts and of who is on the phone."""

    starts: list[float] = field(default_factory=list)
    by_contact: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    busy: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    """By contact: [begin, end] of each attempt that may have been live."""
    lines: list[list[float]] = field(default_factory=list)


def the_budget_is_never_wasted(evidence: Evidence) -> Iterator[Violation]:
    """8: While a permitted call waits, no permitted start is left unused for more than 50 ms."""
    book = _book(evidence)
    budget = evidence.plan.pack.policies.budget
    count, window_s = _rate(budget.starts_per_s)
    window_s += _GUARD_S
    long_limits = ((budget.callee.per_hour, 3600.0), (budget.callee.per_day, 86400.0))
    set_back_s = -sum(by_s for _, by_s in evidence.steps_of_clock if by_s < 0)
    idle = sorted(
        [(begin, end + _UP_AGAIN_S) for begin, end in evidence.down]
        + [*evidence.choked]
        + [(end, _INFINITE) for begin, end in evidence.down if _was_set_back(evidence, end)]
    )

    def is_permitted(contact: str, level: Level, at_s: float) -> bool:
        if any(begin <= at_s < end for begin, end in idle):
            return False
        if any(begin <= at_s < end for begin, end in book.busy[contact]):
            return False
        if sum(begin <= at_s < end for begin, end in book.lines) >= budget.lines:
            return False
        if _within(book.starts, at_s, window_s) >= count:
            return False
        rung = book.by_contact[contact]
        limits = [
            (budget.callee.per_minute, 60.0),
            *[(_most(most, level), span_s) for most, span_s in long_limits],
        ]
        return all(_within(rung, at_s, span_s) < most for most, span_s in limits)

    for contact, level, due_s, started_s, post in _waits(evidence):
        if started_s - due_s <= _WASTE_S:
            continue
        edges = {due_s, started_s}
        edges |= {edge for span in (*book.busy[contact], *book.lines, *idle) for edge in span}
        edges |= {at_s + window_s for at_s in book.starts} | set(book.starts)
        edges |= {at_s + span for at_s in book.by_contact[contact] for span in (60.0, 3600.0)}
        inside = sorted(edge for edge in edges if due_s <= edge <= started_s)
        unused_s = 0.0
        for begin, end in itertools.pairwise(inside):
            is_unused = is_permitted(contact, level, (begin + end) / 2)
            unused_s = unused_s + end - begin if is_unused else 0.0
            if unused_s > _WASTE_S + min(set_back_s, _SLEWED * end):
                what = f"{post} waited {started_s - due_s:.3f}s, {contact} might have been rung"
                yield Violation("8", end, what)
                break


def _most(permitted: int, level: Level) -> int:
    """Return how often an ask of *level* may ring: the last call is kept for the highest level."""
    return permitted if level is max(Level) else max(1, permitted - 1)


def _was_set_back(evidence: Evidence, at_s: float) -> bool:
    """Whether who starts at *at_s* cannot know how long nobody was there: the clock was set back."""
    return any(at <= at_s and by_s < 0 for at, by_s in evidence.steps_of_clock)


def _within(times: Sequence[float], at_s: float, span_s: float) -> int:
    return bisect_right(times, at_s) - bisect_left(times, at_s - span_s)


def _book(evidence: Evidence) -> _Book:
    book = _Book()
    open_spans: dict[str, list[float]] = {}
    for kept in evidence.facts(Fact.ATTEMPT_INTENDED, Fact.ATTEMPT_ENDED, Fact.CALLED_BACK):
        attempt_id, fact = kept.body["attempt_id"], kept.body["fact"]
        if fact == Fact.ATTEMPT_ENDED.value:
            if (span := open_spans.pop(attempt_id, None)) is not None:
                span[1] = kept.at_s
            continue
        is_in = fact == Fact.CALLED_BACK.value
        if attempt_id in open_spans or not (
            is_in or kept.body["detail"]["channel"] == Channel.VOICE.value
        ):
            continue
        span = open_spans[attempt_id] = [kept.at_s, _INFINITE]
        book.busy[kept.body["contact"]].append(span)
        book.lines.append(span)
        if not is_in:
            book.starts.append(kept.at_s)
            book.by_contact[kept.body["contact"]].append(kept.at_s)
    return book


def _waits(evidence: Evidence) -> Iterator[tuple[str, Level, float, float, str]]:
    """Yield (contact, level, due, started or over, post) of each person first rung for an ask."""
    people = evidence.plan.pack.roster.people
    levels = _levels(evidence)
    due: dict[tuple[str, str], tuple[float, str]] = {}
    over: dict[tuple[str, str], float] = {}
    ended: dict[str, float] = {}
    for kept in evidence.facts():
        body, fact = kept.body, kept.body["fact"]
        chain_id, person = body.get("chain_id"), str(body.get("person"))
        if chain_id is None:
            continue
        if fact == Fact.CHAIN_OPENED.value and body["detail"]["rungs"]:
            due[chain_id, body["detail"]["rungs"][0][1]] = kept.at_s, body["post"]
        elif fact == Fact.CHAIN_ESCALATED.value and "to" in body["detail"]:
            due.setdefault((chain_id, person), (kept.at_s, body["post"]))
        elif fact == Fact.ATTEMPT_JOINED.value or (
            fact == Fact.ATTEMPT_INTENDED.value and body["detail"]["channel"] == Channel.VOICE.value
        ):
            over.setdefault((chain_id, person), kept.at_s)
        elif fact == Fact.CHAIN_ENDED.value:
            ended[chain_id] = kept.at_s
    for (chain_id, person), (due_s, post) in due.items():
        contact = people[person].voice_contact
        if contact is None:
            continue
        last = min(
            over.get((chain_id, person), _INFINITE),
            ended.get(chain_id, _INFINITE),
            evidence.ended_at,
        )
        yield contact.contact_id, levels[chain_id], due_s, last, post
