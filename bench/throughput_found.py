"""What one round of B3 found."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Readings a second by the wall clock and by the process's CPU time; *decisions* they led to."""

    per_s: float
    per_cpu_s: float
    decisions: int = 0

    def __str__(self) -> str:
        """For whoever watches."""
        return f"{self.per_s:,.0f} readings/s, {self.per_cpu_s:,.0f} a second of CPU time"


def median(paces: Sequence[Pace]) -> Pace:
    """Return the medians of what the rounds found."""
    return Pace(
        statistics.median(pace.per_s for pace in paces),
        statistics.median(pace.per_cpu_s for pace in paces),
        paces[0].decisions,
    )
