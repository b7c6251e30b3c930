"""The numbers of a night, counted from the log and the ledger alone (design.md section 7)."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import orjson

from schemas.dispatch import Fact
from schemas.topics import Topic
from services.dispatcher.domain.asks.chain import Ask, ChainState
from services.dispatcher.domain.asks.rung import RungKind
from services.dispatcher.domain.record.proving import prove
from services.runtime.bus import Bus

_PAGE = 1000


@dataclass(slots=True)
class Tally:
    """
    What `make demo-once` prints. `posts` are (callout, post) pairs whose first ask ended
    acknowledged or exhausted; a deputy's acknowledgement counts as the post's.
    """

    events: int = 0
    decisions: int = 0
    callouts: int = 0
    chains: int = 0
    acknowledged: int = 0
    escalated: int = 0
    not_woken: int = 0
    cancelled: int = 0
    superseded: int = 0
    orders: int = 0
    dead_letters: int = 0
    ledger: str = ""
    open_chains: int = 0
    first_call: dict[str, str] = field(default_factory=dict)
    """By callout: the attempt that rang first for it."""
    causes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By callout: the events that brought it about."""

    @property
    def posts(self) -> int:
        """Posts whose first ask was answered, or stayed without an answer."""
        return self.acknowledged + self.not_woken

    def as_json(self, first_ring_ms: dict[str, float | None]) -> dict[str, object]:
        """Return the keys of design.md section 7."""
        return {
            "events": self.events,
            "decisions": self.decisions,
            "callouts": self.callouts,
            "chains": self.chains,
            "posts": self.posts,
            "acknowledged": self.acknowledged,
            "escalated": self.escalated,
            "not_woken": self.not_woken,
            "cancelled": self.cancelled,
            "superseded": self.superseded,
            "orders": self.orders,
            "dead_letters": self.dead_letters,
            "first_ring_ms": first_ring_ms,
            "ledger": self.ledger,
        }


async def tally(bus: Bus, district: str) -> Tally:
    """Count what the district's log holds."""
    result = Tally()
    async for _ in every(bus, Topic.DEAD_LETTERS, district):
        result.dead_letters += 1
    async for data in every(bus, Topic.EVENTS, district):
        result.events += orjson.loads(data)["kind"] != "Tick"
    orders = set()
    async for data in every(bus, Topic.DECISIONS, district):
        result.decisions += 1
        body = orjson.loads(data)
        if body["kind"] in {"OrderProposed", "OrderChanged"}:
            orders.add(body["order"]["order_id"])
    result.orders = len(orders)
    ledger = [data async for data in every(bus, Topic.DISPATCH, district)]
    flaws = prove(ledger, district=district).findings
    result.ledger = f"{flaws[0].flaw} at {flaws[0].offset}" if flaws else "ok"
    _count(result, (orjson.loads(data) for data in ledger))
    return result


def _count(result: Tally, records: Iterable[dict[str, object]]) -> None:
    ends: dict[object, str] = {}
    follow_ups: dict[object, str] = {}
    escalated = set()
    for record in records:
        fact, detail = record["fact"], record.get("detail") or {}
        callout = str(record.get("callout_id"))
        assert isinstance(detail, dict)  # noqa: S101 - the schema says so
        if fact == Fact.CALLOUT_OPENED:
            result.callouts += 1
            result.causes[callout] = tuple(detail["causes"])
        elif fact == Fact.CHAIN_OPENED:
            if Ask(detail["ask"]).is_first:
                ends[record["chain_id"]] = ChainState.OPEN
            else:
                follow_ups[record["chain_id"]] = ChainState.OPEN
        elif fact == Fact.CHAIN_ENDED:
            ended = ends if record["chain_id"] in ends else follow_ups
            ended[record["chain_id"]] = detail["end"]
        elif fact == Fact.ATTEMPT_INTENDED and detail.get("channel") == "voice":
            result.first_call.setdefault(callout, str(record["attempt_id"]))
            if detail["rung"] != RungKind.HOLDER and record["chain_id"] in ends:
                escalated.add(record["chain_id"])
    counts = {state: sum(end == state for end in ends.values()) for state in ChainState}
    result.acknowledged = counts[ChainState.ACKNOWLEDGED]
    result.not_woken = counts[ChainState.EXHAUSTED]
    result.cancelled = counts[ChainState.CANCELLED]
    result.superseded = counts[ChainState.SUPERSEDED]
    result.chains = len(ends)
    result.open_chains = counts[ChainState.OPEN] + list(follow_ups.values()).count(ChainState.OPEN)
    result.escalated = sum(
        ends[chain] in {ChainState.ACKNOWLEDGED, ChainState.EXHAUSTED} for chain in escalated
    )


async def every(bus: Bus, topic: Topic, district: str) -> AsyncIterator[bytes]:
    """Yield every record of a topic from its beginning."""
    offset = 0
    while batch := await bus.read(topic, district, offset, _PAGE):
        for stored in batch:
            yield stored.data
        offset = batch[-1].offset + 1
