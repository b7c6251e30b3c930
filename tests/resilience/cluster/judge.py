"""
The judge of a night on real servers: what the brokers hold and what the carrier saw, compared with
what was accepted. It says in words what was promised and not kept; nothing when all was.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bench.carrier_seen import CarrierSeen
from bench.county import OFFICER, number_of
from bench.county_result import Told
from schemas.dispatch import Fact
from schemas.level import Level
from schemas.topics import Topic
from services.dispatcher.domain.asks.chain import ChainState
from tests.resilience.cluster.fast_county import READINGS_A_TOWN, FastCounty, gauge_of
from tests.resilience.cluster.rain import Accepted, Said
from tests.resilience.cluster.watch import Kept

TAKEOVER_WITHIN = timedelta(seconds=15)
_CONFIRMING = frozenset({"coder", "never then coder"})
_ENDS = frozenset({ChainState.ACKNOWLEDGED.value, ChainState.EXHAUSTED.value})
_SHOWN = 3

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a night left behind, once nothing happens any more."""

    scene: FastCounty
    accepted: Accepted
    kept: Mapping[Topic, Sequence[Kept]]
    seen: CarrierSeen

    def findings(self) -> list[str]:
        """Return what did not hold."""
        told = self._told()
        return [
            *self._lost(),
            *self._undecided(),
            *self._chains(),
            *self._told_apart(told),
            *self._rings(),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return how much there was of everything."""
        told = self._told()
        return {
            "posts": self.scene.county.posts,
            "calls": len(self.seen.calls),
            "confirmed": len(self.seen.confirmed_at),
            "not_woken": len(told.not_woken),
            "double_rings": self.seen.double_rings(),
            "called_after_ack": self.seen.called_after_ack(),
            "accepted": len(self.accepted.readings) + len(self.accepted.tips),
            "towns": len(self.accepted.full_towns),
            "refused": self.accepted.refused,
        }

    def _lost(self) -> Iterator[str]:
        """Whatever was answered with 202 stands in the log, and nothing twice."""
        events = _once(self.kept[Topic.EVENTS], "event_id")
        stored = Counter(
            Said(reading["sensor_id"], reading["value"], _instant(reading["occurred_at"]))
            for event in events
            if event["kind"] == "Readings"
            for reading in event["readings"]
        )
        said = {
            Said(one.sensor_id, one.thousandths, _instant(one.occurred_at))
            for one in self.accepted.readings
        }
        tips = {event["tip_id"] for event in events if event["kind"] == "Tip"}
        yield from _named("an accepted reading is not in the log", said - stored.keys())
        yield from _named(
            "a reading is in the log twice", {one for one, times in stored.items() if times > 1}
        )
        yield from _named("an accepted tip is not in the log", set(self.accepted.tips) - tips)
        if letters := len(self.kept[Topic.DEAD_LETTERS]):
            yield f"{letters} dead letters"

    def _undecided(self) -> Iterator[str]:
        """Each town that had all its rain came to its level, and with its last reading alone."""
        sensors = {
            event["event_id"]: {reading["sensor_id"] for reading in event["readings"]}
            for event in _once(self.kept[Topic.EVENTS], "event_id")
            if event["kind"] == "Readings"
        }
        heard: Counter[str] = Counter()
        nth_event: dict[tuple[str, str], int] = {}
        for event_id, named in sensors.items():
            for sensor in named:
                heard[sensor] += 1
                nth_event[sensor, event_id] = heard[sensor]
        changed: dict[str, list[Body]] = {}
        for decision in _once(self.kept[Topic.DECISIONS], "decision_id"):
            if decision["kind"] == "ResponseChanged":
                changed.setdefault(decision["place"], []).append(decision)
        for town in self.accepted.full_towns:
            found = changed.get(self.scene.towns[town], [])
            if len(found) != 1 or found[0]["response_level"] != Level.IV:
                yield f"town {town} has all its rain, and {len(found)} decisions"
                continue
            last = max(nth_event.get((gauge_of(town), cause), 0) for cause in found[0]["causes"])
            if last != READINGS_A_TOWN:
                yield f"town {town} came to its level with reading {last}"

    def _chains(self) -> Iterator[str]:
        """Everybody's chain was opened, and ended once, acknowledged or exhausted."""
        facts = [one.body for one in self.kept[Topic.DISPATCH]]
        opened = Counter(one["chain_id"] for one in facts if one["fact"] == Fact.CHAIN_OPENED)
        ended = Counter(one["chain_id"] for one in facts if one["fact"] == Fact.CHAIN_ENDED)
        ends = {one["detail"]["end"] for one in facts if one["fact"] == Fact.CHAIN_ENDED}
        if len(opened) != self.scene.county.posts:
            yield f"{len(opened)} chains were opened for {self.scene.county.posts} posts"
        yield from _named("a chain is still open", opened.keys() - ended.keys())
        yield from _named(
            "a chain was opened or ended twice",
            {chain for times in (opened, ended) for chain, many in times.items() if many > 1},
        )
        yield from _named("a chain ended otherwise", ends - _ENDS)

    def _told_apart(self, told: Told) -> Iterator[str]:
        """The ledger holds, agrees with the carrier, and somebody knows of whoever is not woken."""
        if len(told.acknowledged) + len(told.not_woken) != self.scene.county.posts:
            yield "a post is neither confirmed nor listed"
        if told.not_woken and OFFICER not in self.seen.texts:
            yield "nobody was told who is not woken"
        if told.ledger != "ok":
            yield f"the ledger does not hold: {told.ledger}"
        # Who pressed his code while the answer was lost is on record, and was not told so.
        recorded = {_number_of(contact) for contact in told.acknowledged}
        yield from _named(
            "the carrier saw somebody confirm whom the ledger has not",
            self.seen.confirmed_at.keys() - recorded,
        )

    def _rings(self) -> Iterator[str]:
        """What the carrier saw, and nobody else."""
        if times := self.seen.double_rings():
            yield f"{times} double rings"
        if times := self.seen.called_after_ack():
            yield f"{times} calls after a confirmation"
        people = self.scene.county.habits
        yield from _named(
            "somebody was to be rung again who had confirmed", set(self._rung_again())
        )
        yield from _named("somebody was never called", people.keys() - self.seen.calls_by_number())
        machines = {number for number, habit in people.items() if habit not in _CONFIRMING}
        yield from _named("a machine confirmed", machines & self.seen.confirmed_at.keys())

    def _rung_again(self) -> Iterator[str]:
        """Yield each chain for which a call was put on record behind its acknowledgement."""
        acknowledged: set[str | None] = set()
        for one in self.kept[Topic.DISPATCH]:
            fact, chain = one.body["fact"], one.body.get("chain_id")
            if fact == Fact.ACKNOWLEDGED:
                acknowledged.add(chain)
            elif fact == Fact.ATTEMPT_INTENDED and chain in acknowledged:
                yield str(chain)

    def _told(self) -> Told:
        return Told.of([one.data for one in self.kept[Topic.DISPATCH]])


def longest_pause(instants: Sequence[datetime], since: datetime, until: datetime) -> timedelta:
    """
    Return how long at most nothing happened between *since* and *until*; ValueError where there is
    no time between: a failure after everything was done says nothing.
    """
    if until <= since:
        raise ValueError("it was all over before it failed")
    within = sorted(at for at in instants if since < at < until)
    return max(later - sooner for sooner, later in pairwise([since, *within, until]))


def last_first_call(seen: CarrierSeen) -> datetime:
    """Return when the last of all first calls was asked for: until then somebody was waiting."""
    return max(calls[0].asked_at for calls in seen.calls_by_number().values())


def _once(records: Sequence[Kept], key: str) -> list[Body]:
    """Return the records without the repeats that every reader passes over."""
    found: dict[str, Body] = {}
    for one in records:
        found.setdefault(one.body[key], one.body)
    return list(found.values())


def _named(what: str, found: set[Any]) -> Iterator[str]:
    if found:
        yield f"{what}: {len(found)}, such as {sorted(map(str, found))[:_SHOWN]}"


def _number_of(contact: str) -> str:
    """Return the number of the contact *p017.1*, of whom the county has post 17."""
    person = contact.partition(".")[0]
    return number_of(int(person.removeprefix("p")))


def _instant(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()
