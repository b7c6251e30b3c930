"""Units: what arrives in feet, inches or %vol is the same integer of thousandths."""

from decimal import Decimal

import pytest

from schemas.metric import Metric
from services.ingest.domain.units import factor, to_thousandths


@pytest.mark.parametrize(
    ("metric", "value", "unit", "thousandths"),
    [
        (Metric.RAIN, "0.1", "mm", 100),
        (Metric.RAIN, "1", "0.1mm", 100),
        (Metric.RAIN, "0.01", "in", 254),
        (Metric.STAGE, "9.18", "ft", 2798),
        (Metric.STAGE, "181.5", "m", 181_500),
        (Metric.STAGE, "18150", "cm", 181_500),
        (Metric.STAGE, "1.23", "米", 1_230),
        (Metric.DISCHARGE, "3120", "cfs", 88_349),
        (Metric.METHANE, "1", "%vol", 20_000),
        (Metric.METHANE, "10000", "ppm", 20_000),
        (Metric.METHANE, "22", "%LEL", 22_000),
        (Metric.GNSS_RATE, "1", "mm/h", 24_000),
        (Metric.CRACK_RATE, "24", "mm/d", 1_000),
        (Metric.TILT_RATE, "0.3", "°/h", 300),
        (Metric.WIND, "36", "km/h", 10_000),
        (Metric.DEPTH, "0.4", "m", 40_000),
        (Metric.SOIL_MOISTURE, "35", "%", 350),
    ],
)
def test_a_value_is_converted_exactly(
    metric: Metric, value: str, unit: str, thousandths: int
) -> None:
    per_unit = factor(metric, unit)

    assert per_unit is not None
    assert to_thousandths(Decimal(value), per_unit) == thousandths


@pytest.mark.parametrize(("value", "thousandths"), [("0.0005", 0), ("0.0015", 2), ("-0.0005", 0)])
def test_a_half_goes_to_the_even_side(value: str, thousandths: int) -> None:
    per_unit = factor(Metric.RAIN, "mm")

    assert per_unit is not None
    assert to_thousandths(Decimal(value), per_unit) == thousandths


def test_a_unit_of_another_quantity_is_no_unit_of_this_one() -> None:
    assert factor(Metric.RAIN, "%LEL") is None
    assert factor(Metric.METHANE, "mm") is None


@pytest.mark.parametrize("value", ["Infinity", "NaN", "1e300", "1e25"])
def test_what_is_beyond_any_measurement_is_no_value(value: str) -> None:
    per_unit = factor(Metric.RAIN, "mm")

    assert per_unit is not None
    assert to_thousandths(Decimal(value), per_unit) is None
