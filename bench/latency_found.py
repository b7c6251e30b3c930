"""What B2 finds, and how it is told."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Latency:
    """What one phase of one round took, in milliseconds."""

    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was measured beside a load, and how many readings a second that really was."""

    latency: Latency
    readings_per_s: float


def latency_of(spans: Sequence[float]) -> Latency:
    """Return what *spans* of milliseconds, in their order, come to."""
    return Latency(_percentile(spans, 0.50), _percentile(spans, 0.99))


def _percentile(spans: Sequence[float], share: float) -> float:
    return spans[min(len(spans) - 1, int(len(spans) * share))]


def median(found: Sequence[Latency]) -> Latency:
    """Return the medians of each number over the rounds."""
    return Latency(
        statistics.median(one.p50_ms for one in found),
        statistics.median(one.p99_ms for one in found),
    )


def told(latency: Latency) -> dict[str, Any]:
    """Return *latency* as it is told."""
    return {"p50_ms": round(latency.p50_ms, 3), "p99_ms": round(latency.p99_ms, 3)}


def told_loaded(found: Sequence[Loaded], reference: Latency) -> dict[str, Any]:
    """Return the medians over the rounds, with the load, as they are told."""
    latency = median([one.latency for one in found])
    per_s = statistics.median(one.readings_per_s for one in found)
    return {
        "readings_per_s": round(per_s),
        **told(latency),
        **ratios(latency, reference),
    }


def ratios(latency: Latency, reference: Latency) -> dict[str, Any]:
    """Return how many times slower *latency* is than *reference*."""
    return {
        "ratio_p50": round(latency.p50_ms / reference.p50_ms, 2),
        "ratio_p99": round(latency.p99_ms / reference.p99_ms, 2),
    }
