"""The geometry of a callout's time line: what was tried, on one axis for all of its asks."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.console.domain.names import CHANNELS, OUTCOMES, RUNGS
from services.console.domain.views.callouts import AttemptView, CalloutPage, ChainView

WIDTH = 1000.0
_LEAST = timedelta(minutes=2)
_MOST_TICKS = 8
_STEPS = tuple(
    timedelta(seconds=step) for step in (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
)
"""What may lie between two ticks: lengths that people count in."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the axis: *css* rg (ringing), ls (listening), sm (SMS), ok, no."""

    css: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt in words: sent, delivered, answered, ended each with its time."""

    title: str
    steps: tuple[tuple[str, datetime], ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One ask on the axis, and the same in words."""

    chain: ChainView
    bars: tuple[Bar, ...]
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """All lanes; *limit_x* and *now_x* are None beyond the axis. *curve* are SVG points."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, datetime], ...]
    limit_x: float | None
    now_x: float | None
    curve: str


def chart(page: CalloutPage, now: datetime) -> Chart:
    """Return the time line of *page*, from its opening to its end or now."""
    opened_at = page.callout.opened_at
    limit_at = next((chain.ack_by for chain in page.chains if chain.ack_by), None)
    ends = [chain.ended_at for chain in page.chains if chain.ended_at is not None]
    last = max(ends, default=opened_at) if len(ends) == len(page.chains) else now
    span = max(last - opened_at, _LEAST)
    if limit_at is not None and limit_at <= opened_at + 2 * span:
        span = max(span, limit_at - opened_at)
    span *= 1.02

    def x(at: datetime) -> float:
        return round((at - opened_at) / span * WIDTH, 1)

    def within(at: datetime | None) -> float | None:
        return x(at) if at is not None and at <= opened_at + span else None

    lanes = tuple(
        Lane(chain, _bars(chain, x, now), tuple(_in_words(one) for one in chain.attempts))
        for chain in page.chains
    )
    most = max(page.callout.posts, 1)
    points = [(0.0, 100.0), *((x(at), 100 - 100 * count / most) for at, count in page.curve)]
    points.append((x(min(now, opened_at + span)), points[-1][1]))
    steps = [points[0]]
    for at, height in points[1:]:
        steps += [(at, steps[-1][1]), (at, height)]
    return Chart(
        lanes=lanes,
        ticks=tuple((x(at), at) for at in _ticks(opened_at, span)),
        limit_x=within(limit_at),
        now_x=within(now),
        curve=" ".join(f"{px:g},{py:.1f}" for px, py in steps),
    )


def _ticks(opened_at: datetime, span: timedelta) -> list[datetime]:
    """Return round instants within *span*: on a whole minute, or on a whole part of one."""
    step = next((one for one in _STEPS if span <= one * _MOST_TICKS), span / _MOST_TICKS)
    midnight = opened_at.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + step * math.ceil((opened_at - midnight) / step)
    count = int((opened_at + span - first) / step) + 1
    return [first + step * nth for nth in range(max(count, 0))]


def _bars(chain: ChainView, x: Callable[[datetime], float], now: datetime) -> tuple[Bar, ...]:
    bars = []
    for one in chain.attempts:
        begin, end = x(one.intended_at), x(one.ended_at or now)
        if one.channel != "voice":
            bars.append(Bar("sm", begin, 3))
            continue
        answered = x(one.answered_at) if one.answered_at is not None else end
        bars.append(Bar("rg", begin, max(2, answered - begin)))
        if one.answered_at is not None:
            bars.append(Bar("ls", answered, max(2, end - answered)))
    if chain.acknowledged_at is not None:
        bars.append(Bar("ok", x(chain.acknowledged_at) - 3, 8))
    elif chain.late_since is not None:
        bars.append(Bar("no", x(chain.late_since) - 3, 8))
    return tuple(bars)


def _in_words(one: AttemptView) -> Try:
    steps = (
        ("发出", one.intended_at),
        ("送达" if one.channel == "sms" else "接听", one.answered_at),
        ("结束", one.ended_at if one.channel == "voice" else None),
    )
    outcome = OUTCOMES.get(one.outcome or "", "不明" if one.is_unknown else "进行中")
    code = f"（代码 {one.code}）" if one.code else ""
    rung = RUNGS.get(one.rung, one.rung)
    return Try(
        title=f"{CHANNELS[one.channel]} · {rung} {one.person_name} {one.contact}",
        steps=tuple((name, at) for name, at in steps if at is not None),
        outcome=f"{outcome}{code}",
    )
