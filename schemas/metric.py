"""
What sensors measure, in which unit, how readings of it add up, and what is plausible.

Values travel as integers in thousandths of the unit: ten times 0.1 mm is 1 mm, not
0.9999999999999999, and a threshold is met exactly.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SCALE = 1000
"""Thousandths of a unit to the unit."""


class Metric(StrEnum):
    """A measured or forecast quantity."""

    RAIN = "rain"
    STAGE = "stage"
    STAGE_FORECAST = "stage_forecast"
    DISCHARGE = "discharge"
    GNSS_RATE = "gnss_rate"
    CRACK_RATE = "crack_rate"
    TILT_RATE = "tilt_rate"
    SOIL_MOISTURE = "soil_moisture"
    PORE_PRESSURE = "pore_pressure"
    METHANE = "methane"
    DEPTH = "depth"
    WIND = "wind"


class Adding(StrEnum):
    """How the readings of a metric make up a window when a rule does not say."""

    SUM = "sum"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """The unit of *metric*, how it adds up, and the bounds of what is plausible (D.0.7)."""

    metric: Metric
    unit: str
    adding: Adding
    lowest: int
    highest: int
    max_step: int | None = None
    """The greatest plausible amount (SUM) or jump (LAST) in *step_span*, in thousandths."""
    step_span: timedelta = timedelta(minutes=5)
    needs_datum: bool = False


FACTS = {
    facts.metric: facts
    for facts in (
        MetricFacts(Metric.RAIN, "mm", Adding.SUM, 0, 500_000, max_step=30_000),
        MetricFacts(
            Metric.STAGE, "m", Adding.LAST, -50_000, 9_000_000, max_step=2_000, needs_datum=True
        ),
        MetricFacts(Metric.STAGE_FORECAST, "m", Adding.LAST, -50_000, 9_000_000, needs_datum=True),
        MetricFacts(Metric.DISCHARGE, "m3/s", Adding.LAST, 0, 200_000_000),
        MetricFacts(Metric.GNSS_RATE, "mm/d", Adding.LAST, -10_000_000, 10_000_000),
        MetricFacts(Metric.CRACK_RATE, "mm/h", Adding.LAST, -1_000_000, 1_000_000),
        MetricFacts(Metric.TILT_RATE, "deg/h", Adding.LAST, -90_000, 90_000),
        MetricFacts(Metric.SOIL_MOISTURE, "m3/m3", Adding.LAST, 0, 1_000),
        MetricFacts(Metric.PORE_PRESSURE, "kPa", Adding.LAST, -200_000, 2_000_000),
        MetricFacts(Metric.METHANE, "%LEL", Adding.LAST, 0, 2_000_000),
        MetricFacts(Metric.DEPTH, "cm", Adding.LAST, 0, 2_000_000),
        MetricFacts(Metric.WIND, "m/s", Adding.LAST, 0, 150_000),
    )
}
