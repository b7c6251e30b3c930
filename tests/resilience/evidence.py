"""What a night left behind: the store's topics and the carrier's own record, compared."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.topics import Topic
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.entrypoints.twilio_edge import inbound_attempt_id
from services.dispatcher.pipeline import GROUP as DISPATCHER
from services.district.load import load_pack
from services.phones.domain.call import Call, Direction
from services.phones.domain.exchange import Exchange
from services.phones.domain.record import What
from services.proof import LedgerReport, prove_at, witnesses
from services.recorded import read_topic
from services.runtime.embedded_bus import FILE
from services.runtime.log_reader import LogReader
from tests.resilience.night import DISTRICT, GAUGES, Said

_EVERYTHING = 1_000_000
_RECORDED = "已记录："
"""What `voice.recorded` begins with in the pack's texts."""
_RINGS = frozenset({Fact.ATTEMPT_INTENDED.value, Fact.ATTEMPT_JOINED.value})
IN_FLIGHT = timedelta(seconds=20)
"""
A second of ours. A request that was on its way when its ask was answered may arrive after that; a
new one would have an intent behind the answer, which is not forgiven at all.
"""


def all_has_ended(data: Path) -> bool:
    """Whether every level of the night was decided on, acted upon, and nobody is being called."""
    if not (data / FILE).exists():
        return False
    with closing(LogReader(data / FILE)) as reader:
        decided = reader.end(Topic.DECISIONS, DISTRICT)
        is_acted_upon = reader.position(DISPATCHER, Topic.DECISIONS, DISTRICT) == decided
        decisions = list(_bodies(reader, Topic.DECISIONS))
        facts = Counter(body["fact"] for body in _bodies(reader, Topic.DISPATCH))
    reached = [
        body["place"]
        for body in decisions
        if body["kind"] == "ResponseChanged" and body["response_level"] == Level.I
    ]
    opened, ended = facts[Fact.CHAIN_OPENED.value], facts[Fact.CHAIN_ENDED.value]
    return len(reached) == len(GAUGES) and is_acted_upon and opened == ended


@dataclass(frozen=True, slots=True)
class Evidence:
    """The records of each topic, as JSON, and the exchange that was there all the time."""

    events: list[dict[str, Any]]
    ledger: list[dict[str, Any]]
    sealed: list[bytes]
    dead_letters: int
    exchange: Exchange
    proven: LedgerReport

    def facts(self, *facts: Fact) -> list[dict[str, Any]]:
        return [body for body in self.ledger if body["fact"] in {fact.value for fact in facts}]

    def check_accepted(self, accepted: list[Said]) -> None:
        """Every accepted reading is in the log, once."""
        stored = Counter(
            (reading["sensor_id"], reading["value"], datetime.fromisoformat(reading["occurred_at"]))
            for event in self.events
            if event["kind"] == "Readings"
            for reading in event["readings"]
        )
        said = Counter(
            (one.sensor_id, one.millimetres * 1000, datetime.fromisoformat(one.occurred_at))
            for one in accepted
        )
        ids = Counter(event["event_id"] for event in self.events)

        assert stored == said
        assert [key for key, times in ids.items() if times > 1] == []
        assert self.dead_letters == 0

    def check_chains(self) -> None:
        """Every chain ended once, in one of the four ways, and the ledger tells it all."""
        opened = Counter(body["chain_id"] for body in self.facts(Fact.CHAIN_OPENED))
        ended = Counter(body["chain_id"] for body in self.facts(Fact.CHAIN_ENDED))
        ends = Counter(body["detail"]["end"] for body in self.facts(Fact.CHAIN_ENDED))
        acknowledged = Counter(body["chain_id"] for body in self.facts(Fact.ACKNOWLEDGED))

        assert opened == ended
        assert set(opened.values()) == {1}
        assert set(acknowledged.values()) <= {1}
        assert ends["acknowledged"] == len(acknowledged)
        assert sum(ends[end.value] for end in ChainState) == len(opened)
        assert ends["acknowledged"] > 0
        assert ends["exhausted"] > 0
        assert self._chains_that_ended("exhausted") <= {
            body["chain_id"] for body in self.facts(Fact.NOT_WOKEN_LISTED)
        }

    def check_ledger(self) -> None:
        """Chain and anchors hold, and the night comes out of its ledger again with every row."""
        assert self.proven.flaw == "ok", self.proven.as_json()
        assert len(self.proven.anchors) > 0
        assert self.proven.rebuilding is not None
        assert self.proven.rebuilding.inputs > 0

    def check_rings(self) -> None:
        """No attempt rang twice, no number was rung twice at once, none without an intent on disk."""
        intended = {body["attempt_id"] for body in self.facts(Fact.ATTEMPT_INTENDED)}
        calls = self.calls_by_attempt()
        texts = Counter(
            _attempt_of(message.status_callback)
            for message in self.exchange.messages.values()
            if message.status_callback
        )

        assert {attempt: len(sids) for attempt, sids in calls.items() if len(sids) > 1} == {}
        assert [attempt for attempt, times in texts.items() if times > 1] == []
        assert set(calls) | set(texts) <= intended
        assert list(self.overlapping_calls()) == []

    def check_nobody_is_rung_again(self) -> None:
        """After an ask was answered no call is intended for it, and none is requested."""
        answered: dict[str, datetime] = {}
        asks: dict[str, set[str]] = defaultdict(set)
        for body in self.ledger:
            chain_id = body.get("chain_id")
            if chain_id is None:
                continue
            if body["fact"] == Fact.ACKNOWLEDGED.value:
                answered[chain_id] = datetime.fromisoformat(body["at"])
            elif body["fact"] in _RINGS:
                assert chain_id not in answered, f"record {body['seq']} rings for an answered ask"
                asks[body["attempt_id"]].add(chain_id)
        for attempt_id, sids in self.calls_by_attempt().items():
            requested_at = max(self.exchange.calls[sid].created_at for sid in sids)
            last_open_at = max(answered.get(ask, requested_at) for ask in asks[attempt_id])
            assert requested_at <= last_open_at + IN_FLIGHT, f"{attempt_id} came after the answer"

    def check_told_is_kept(self) -> None:
        """Whoever was told that his answer is recorded has an acknowledgement on record."""
        attempts = {sid: key for key, sids in self.calls_by_attempt().items() for sid in sids}
        told = {
            attempts.get(happening.sid, inbound_attempt_id(happening.sid))
            for happenings in self.exchange.record.happenings.values()
            for happening in happenings
            if happening.what is What.HEARD and _RECORDED in happening.detail
        }

        assert told
        assert told <= {body["attempt_id"] for body in self.facts(Fact.ACKNOWLEDGED)}

    def overlapping_calls(self) -> Iterator[tuple[str, str]]:
        """
        Yield each call that was asked for while another one to that number was not yet over.

        Who rings us is not counted: he may do so in the moment in which we ring him.
        """
        last: dict[str, Call] = {}
        for call in self.exchange.calls.values():
            if call.direction is Direction.INBOUND:
                continue
            before = last.get(call.to)
            if before is not None and (
                before.ended_at is None or before.ended_at > call.created_at
            ):
                yield before.sid, call.sid
            last[call.to] = call

    def _chains_that_ended(self, end: str) -> set[str]:
        ended = self.facts(Fact.CHAIN_ENDED)
        return {body["chain_id"] for body in ended if body["detail"]["end"] == end}

    def calls_by_attempt(self) -> dict[str, list[str]]:
        """Return the calls the carrier took, by the attempt that their call-back URL names."""
        calls: dict[str, list[str]] = defaultdict(list)
        for url, sids in self.exchange.record.calls_by_status_callback.items():
            calls[_attempt_of(url)] += sids
        return dict(calls)


def gather(data: Path, folder: Path, exchange: Exchange) -> Evidence:
    """Read what the store in *data* holds, of a system with the pack in *folder*."""
    ((_, sealed),) = read_topic(data, Topic.DISPATCH)
    (proven,) = prove_at(data, witnesses(data, None, None), [load_pack(folder)])
    with closing(LogReader(data / FILE)) as reader:
        return Evidence(
            events=list(_bodies(reader, Topic.EVENTS)),
            ledger=[orjson.loads(record) for record in sealed],
            sealed=sealed,
            dead_letters=reader.end(Topic.DEAD_LETTERS, DISTRICT),
            exchange=exchange,
            proven=proven,
        )


def error_lines(log: Path) -> list[str]:
    """Return what the processes of a night logged as errors, or wrote past their logs."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if '"level":"error"' in line or not line.startswith("{")]


def _bodies(reader: LogReader, topic: Topic) -> Iterator[dict[str, Any]]:
    for stored in reader.read(topic, DISTRICT, 0, _EVERYTHING):
        yield orjson.loads(stored.data)


def _attempt_of(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1]
