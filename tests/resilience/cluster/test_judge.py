"""The judge of the nights on real servers finds each fault that is planted in an honest one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench.carrier_seen import CallSeen, CarrierSeen
from bench.county import OFFICER, County, number_of
from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.level import Level
from schemas.topics import Topic
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.record.ledger import Head, seal
from tests.resilience.cluster.fast_county import READINGS_A_TOWN, FastCounty, gauge_of
from tests.resilience.cluster.judge import Evidence, last_first_call, longest_pause
from tests.resilience.cluster.rain import Accepted, Said
from tests.resilience.cluster.watch import Kept

_NOON = datetime(2026, 7, 8, 4, 0, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_SCENE = FastCounty(
    County(
        Path(),
        dict(zip(map(number_of, range(4)), ["coder", "coder", "coder", "never"], strict=True)),
    ),
    "610901",
)
_CONFIRMED = (0, 1, 2)


def kept(body: dict[str, Any]) -> Kept:
    return Kept(_NOON, orjson.dumps(body), body)


def readings(nth: int, sensor: str = gauge_of(0), thousandths: int = 1250) -> dict[str, Any]:
    reading = {"sensor_id": sensor, "value": thousandths, "occurred_at": f"{_NOON + nth * _SECOND}"}
    return {"kind": "Readings", "event_id": f"e{nth}", "readings": [reading]}


def decision(last: int = READINGS_A_TOWN) -> dict[str, Any]:
    return {
        "kind": "ResponseChanged",
        "decision_id": f"d{last}",
        "place": _SCENE.towns[0],
        "response_level": Level.IV,
        "causes": [f"e{nth}" for nth in range(1, last + 1)],
    }


def ledger(drafts: list[Draft]) -> list[Kept]:
    sealed, _ = seal(drafts, _SCENE.district, Head(), _NOON)
    return [Kept(_NOON, data, orjson.loads(data)) for data in sealed]


def drafts() -> list[Draft]:
    return [
        *(draft(Fact.CHAIN_OPENED, post) for post in range(4)),
        *(draft(Fact.ACKNOWLEDGED, post) for post in _CONFIRMED),
        *(draft(Fact.CHAIN_ENDED, post, end="acknowledged") for post in _CONFIRMED),
        draft(Fact.NOT_WOKEN_LISTED, 3),
        draft(Fact.CHAIN_ENDED, 3, end="exhausted"),
    ]


def draft(fact: Fact, post: int, **detail: Any) -> Draft:
    values = {"chain_id": f"c{post}", "post": f"P-{post}", "contact": f"p{post:03d}.1"}
    return Draft(fact, Status.ACTUAL, dict(values), detail)


def call(post: int, at: float, attempt: str, lasts: float = 2) -> CallSeen:
    asked_at = _NOON + at * _SECOND
    sid = f"CA{post}-{at}"
    return CallSeen(
        sid, "AC", number_of(post), attempt, asked_at, asked_at, asked_at + lasts * _SECOND
    )


def honest() -> Evidence:
    said = [Said(gauge_of(0), 1250, f"{_NOON + nth * _SECOND}") for nth in range(1, 9)]
    return Evidence(
        _SCENE,
        Accepted(said, ["t1"], full_towns=[0]),
        {
            Topic.EVENTS: [
                *(kept(readings(nth)) for nth in range(1, 9)),
                kept({"kind": "Tip", "event_id": "e9", "tip_id": "t1"}),
            ],
            Topic.DECISIONS: [kept(decision())],
            Topic.DISPATCH: ledger(drafts()),
            Topic.DEAD_LETTERS: [],
        },
        CarrierSeen(
            tuple(call(post, post, f"a{post}") for post in range(4)),
            {number_of(post): _NOON + (post + 1) * _SECOND for post in _CONFIRMED},
            {OFFICER: ("1",)},
        ),
    )


def with_kept(night: Evidence, topic: Topic, records: list[Kept]) -> Evidence:
    return replace(night, kept={**night.kept, topic: records})


def without_event(night: Evidence, nth: int) -> Evidence:
    events = list(night.kept[Topic.EVENTS])
    del events[nth]
    return with_kept(night, Topic.EVENTS, events)


def with_events(night: Evidence, *bodies: dict[str, Any]) -> Evidence:
    return with_kept(night, Topic.EVENTS, [*night.kept[Topic.EVENTS], *map(kept, bodies)])


def with_calls(night: Evidence, *calls: CallSeen) -> Evidence:
    return replace(night, seen=replace(night.seen, calls=(*night.seen.calls, *calls)))


def with_ledger(night: Evidence, change: Callable[[list[Draft]], object]) -> Evidence:
    changed = drafts()
    change(changed)
    return with_kept(night, Topic.DISPATCH, ledger(changed))


_PLANTED: dict[str, tuple[Callable[[Evidence], Evidence], str]] = {
    "a lost reading": (lambda night: without_event(night, 0), "an accepted reading is not in"),
    "a lost tip": (lambda night: without_event(night, 8), "an accepted tip is not in the log"),
    "a reading of two events": (
        lambda night: with_events(night, {**readings(1), "event_id": "e99"}),
        "a reading is in the log twice",
    ),
    "a dead letter": (
        lambda night: with_kept(night, Topic.DEAD_LETTERS, [kept({})]),
        "1 dead letters",
    ),
    "a town never decided on": (
        lambda night: with_kept(night, Topic.DECISIONS, []),
        "town 0 has all its rain, and 0 decisions",
    ),
    "a reading counted twice": (
        lambda night: with_kept(night, Topic.DECISIONS, [kept(decision(last=7))]),
        "town 0 came to its level with reading 7",
    ),
    "a decision made twice": (
        lambda night: with_kept(
            night, Topic.DECISIONS, [kept({**decision(), "decision_id": x}) for x in "ab"]
        ),
        "town 0 has all its rain, and 2 decisions",
    ),
    "a post without a chain": (
        lambda night: with_ledger(night, lambda made: made.pop(3)),
        "3 chains were opened for 4 posts",
    ),
    "a chain left open": (
        lambda night: with_ledger(night, lambda made: made.pop()),
        "a chain is still open",
    ),
    "a chain ended twice": (
        lambda night: with_ledger(night, lambda made: made.append(made[-1])),
        "a chain was opened or ended twice",
    ),
    "a chain cancelled": (
        lambda night: with_ledger(
            night, lambda made: made.append(draft(Fact.CHAIN_ENDED, 3, end="cancelled"))
        ),
        "a chain ended otherwise",
    ),
    "a post nobody was told of": (
        lambda night: with_ledger(night, lambda made: made.pop(10)),
        "a post is neither confirmed nor listed",
    ),
    "an officer who was not told": (
        lambda night: replace(night, seen=replace(night.seen, texts={})),
        "nobody was told who is not woken",
    ),
    "a record changed": (
        lambda night: with_kept(
            night, Topic.DISPATCH, [*night.kept[Topic.DISPATCH][1:], night.kept[Topic.DISPATCH][0]]
        ),
        "the ledger does not hold",
    ),
    "a confirmation forgotten": (
        lambda night: with_ledger(night, lambda made: made.pop(4)),
        "the carrier saw somebody confirm whom the ledger has not",
    ),
    "a call meant for who has confirmed": (
        lambda night: with_ledger(
            night, lambda made: made.append(draft(Fact.ATTEMPT_INTENDED, post=1))
        ),
        "somebody was to be rung again who had confirmed",
    ),
    "one number rung while it was": (
        lambda night: with_calls(night, call(3, 4, "a9")),
        "1 double rings",
    ),
    "one attempt called twice": (
        lambda night: with_calls(night, call(3, 60, "a3")),
        "1 double rings",
    ),
    "a call after the confirmation": (
        lambda night: with_calls(night, call(0, 60, "a9")),
        "1 calls after a confirmation",
    ),
    "somebody who was not called": (
        lambda night: replace(night, seen=replace(night.seen, calls=night.seen.calls[:3])),
        "somebody was never called",
    ),
    "a machine that confirmed": (
        lambda night: replace(
            night,
            seen=replace(
                night.seen, confirmed_at={**night.seen.confirmed_at, number_of(3): _NOON + _SECOND}
            ),
        ),
        "a machine confirmed",
    ),
}


def test_of_an_honest_night_the_judge_says_nothing() -> None:
    assert honest().findings() == []


@pytest.mark.parametrize("what", _PLANTED)
def test_the_judge_finds(what: str) -> None:
    plant, expected = _PLANTED[what]

    findings = plant(honest()).findings()

    assert any(found.startswith(expected) for found in findings), findings


def test_who_confirmed_and_was_not_told_so_is_on_record_all_the_same() -> None:
    seen = honest().seen
    told = {number: at for number, at in seen.confirmed_at.items() if number != number_of(0)}

    assert replace(honest(), seen=replace(seen, confirmed_at=told)).findings() == []


def test_an_event_sent_twice_after_a_crash_is_one() -> None:
    assert with_events(honest(), readings(1)).findings() == []


def test_the_longest_pause_counts_from_the_failure_and_up_to_the_end() -> None:
    instants = [_NOON + at * _SECOND for at in (0, 1, 8, 9, 30)]

    pauses = [
        longest_pause(instants, _NOON + since * _SECOND, _NOON + until * _SECOND).total_seconds()
        for since, until in ((1.5, 10), (8.5, 29), (2, 7))
    ]

    assert pauses == [6.5, 20, 5]


def test_no_pause_is_told_of_a_failure_that_came_after_everything() -> None:
    with pytest.raises(ValueError, match="all over"):
        longest_pause([_NOON], _NOON + _SECOND, _NOON)


def test_somebody_waits_until_the_last_first_call_is_asked_for() -> None:
    night = with_calls(honest(), call(0, 60, "a9"))

    assert last_first_call(night.seen) == _NOON + 3 * _SECOND
