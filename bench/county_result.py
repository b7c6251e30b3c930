"""What a night in the county came to: the keys that are printed, and what makes it a failure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from bench.carrier_seen import CarrierSeen
from bench.county import STARTS_PER_S, County
from schemas.dispatch import Fact
from services.dispatcher.domain.record.proving import prove
from services.phones.domain.record import What

_NOT_THERE = timedelta(seconds=10)
"""
Whoever is rung first is rung again after everybody's first call, and twice more a minute apart: 291 s
after his first at best. The seconds in which nobody was there come on top.
"""
_CONFIRMING = frozenset({"coder", "never then coder"})


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger says; it is compared with what the carrier saw."""

    ledger: str
    acknowledged: frozenset[str]
    """By contact."""
    not_woken: frozenset[str]
    """By post: listed, and never acknowledged."""
    planned_s: float | None
    """Until the last first call starts, as planned before anybody was called."""
    over_s: float | None
    """Until it is over."""

    @classmethod
    def of(cls, sealed: list[bytes]) -> "Told":
        """Read the ledger's records."""
        flaws = prove(sealed).findings
        records = [orjson.loads(record) for record in sealed]
        done = {r["post"] for r in records if r["fact"] == Fact.ACKNOWLEDGED}
        listed = {r["post"] for r in records if r["fact"] == Fact.NOT_WOKEN_LISTED}
        return cls(
            f"{flaws[0].flaw} at {flaws[0].offset}" if flaws else "ok",
            frozenset(r["contact"] for r in records if r["fact"] == Fact.ACKNOWLEDGED),
            frozenset(listed - done),
            *next(
                (_planned(r) for r in records if r["fact"] == Fact.CALLOUT_PLANNED), (None, None)
            ),
        )


@dataclass(frozen=True, slots=True)
class Night:
    """One run: *began_at* is when the event was posted, *killed_at* when the process was killed."""

    county: County
    seen: CarrierSeen
    told: Told
    began_at: datetime
    killed_at: datetime | None
    heard: Mapping[str, Sequence[tuple[What, str]]] = field(default_factory=dict)
    """What happened at each phone, where the exchange is at hand."""

    def as_json(self) -> dict[str, Any]:
        """Return the keys of design.md section 7."""
        firsts = self.seen.first_starts()
        started_s = (firsts[-1] - self.began_at).total_seconds()
        ideal_s = max(self.county.posts / STARTS_PER_S, self.told.planned_s or 0)
        return {
            "posts": self.county.posts,
            "calls_per_s": STARTS_PER_S,
            "started_s": round(started_s, 2),
            "ideal_s": round(ideal_s, 2),
            "ratio": round(started_s / ideal_s, 4),
            "confirmed": len(self.seen.confirmed_at),
            "not_woken": len(self.told.not_woken),
            "double_rings": self.seen.double_rings(),
            "called_after_ack": self.seen.called_after_ack(),
            "kills": int(self.killed_at is not None),
            "restart_s": self._restart_s(),
            "ledger": self.told.ledger,
        }

    def first_round_s(self) -> tuple[float, float]:
        """Return when the last first call started, and when the first calls were over."""
        firsts = [calls[0] for calls in self.seen.calls_by_number().values()]
        over_at = max(call.ended_at for call in firsts if call.ended_at is not None)
        last_at = self.seen.first_starts()[-1]
        return (last_at - self.began_at).total_seconds(), (over_at - self.began_at).total_seconds()

    def _restart_s(self) -> float | None:
        """From the kill to the first call that the carrier was asked for after it."""
        if self.killed_at is None:
            return None
        after = [call.asked_at for call in self.seen.calls if call.asked_at > self.killed_at]
        return round((min(after) - self.killed_at).total_seconds(), 2) if after else None

    def failures(self) -> list[str]:
        """Return what was promised and not kept, in words; nothing when all was."""
        told, seen = self.as_json(), self.seen
        _, over_s = self.first_round_s()
        machines = {n for n, habit in self.county.habits.items() if habit not in _CONFIRMING}
        found = {
            "the last first call came too late": told["ratio"] <= 1.02,
            "somebody was rung twice": told["double_rings"] == 0,
            "somebody was rung after he had confirmed": told["called_after_ack"] == 0,
            "a post is neither confirmed nor listed": (
                told["confirmed"] + told["not_woken"] == told["posts"]
            ),
            "the ledger and the carrier differ on who confirmed": (
                len(self.told.acknowledged) == told["confirmed"]
            ),
            "a machine confirmed": not machines & seen.confirmed_at.keys(),
            "the ledger does not hold": told["ledger"] == "ok",
            "somebody was not called": len(firsts := seen.first_starts()) == told["posts"],
            "a repeat came before a first call": seen.repeats_before_first() == 0,
            # Counted at the carrier, to which one request may travel a little longer than the next.
            "repeats came too soon": all(gap >= timedelta(seconds=59) for gap in seen.gaps()),
            "somebody's calls took longer than five minutes": (
                seen.longest_campaign() <= timedelta(minutes=5) + _NOT_THERE
            ),
            "starts were closer than the carrier permits": _within(firsts, STARTS_PER_S),
            "the first round was not over within 5 % of its plan": (
                abs(over_s / (self.told.over_s or 1) - 1) <= 0.05 or told["posts"] < 506
            ),
            "the restart took too long": (told["restart_s"] or 0) <= 3,
        }
        return [what for what, is_kept in found.items() if not is_kept]


def _planned(record: dict[str, Any]) -> tuple[float, float]:
    return float(record["detail"]["last_first_s"]), float(record["detail"]["over_s"])


def _within(starts: Iterable[datetime], per_s: int) -> bool:
    at = sorted(starts)
    return all(
        later - sooner >= timedelta(seconds=1)
        for sooner, later in zip(at, at[per_s:], strict=False)
    )
