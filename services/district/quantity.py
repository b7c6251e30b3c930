"""Numbers with units, as a district writes them, to exact thousandths of the metric's own unit."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.metric import FACTS, SCALE, Metric

_FACTORS: dict[tuple[str, str], Decimal] = {
    ("in", "mm"): Decimal("25.4"),
    ("cm", "mm"): Decimal(10),
    ("m", "mm"): Decimal(1000),
    ("cm", "m"): Decimal("0.01"),
    ("mm", "m"): Decimal("0.001"),
    ("ft", "m"): Decimal("0.3048"),
    ("m", "cm"): Decimal(100),
    ("mm", "cm"): Decimal("0.1"),
    ("mm/h", "mm/d"): Decimal(24),
    ("hPa", "kPa"): Decimal("0.1"),
    ("%", "m3/m3"): Decimal("0.01"),
    # The lower explosive limit of methane is 5 % by volume.
    ("%vol", "%LEL"): Decimal(20),
    ("ppm", "%LEL"): Decimal("0.002"),
}


class QuantityError(ValueError):
    """A number or unit that cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit, written `180.50 m`."""

    number: Decimal
    unit: str


def parse_quantity(written: Any) -> Quantity:
    """Return *written* ("100 mm") as a Quantity; QuantityError when it is none."""
    number, _, unit = str(written).strip().partition(" ")
    try:
        quantity = Quantity(Decimal(number), unit.strip())
    except ArithmeticError:
        quantity = Quantity(Decimal(0), "")
    if not quantity.unit or not quantity.number.is_finite():
        raise QuantityError("write a number and its unit, such as 180.50 m")
    return quantity


def to_thousandths(number: Decimal, unit: str, wanted: str) -> int:
    """
    Return *number* of *unit* in thousandths of *wanted*, exactly.

    QuantityError when the unit cannot become *wanted* or the result is finer than a thousandth.
    """
    factor = Decimal(1) if unit == wanted else _FACTORS.get((unit, wanted))
    if factor is None:
        raise QuantityError(f"unit {unit!r} cannot become {wanted!r}")
    value = number * factor * SCALE
    if value != value.to_integral_value():
        raise QuantityError(f"{number} {unit} is finer than a thousandth of {wanted}")
    return int(value)


def of_metric(number: Decimal, unit: str, metric: Metric) -> int:
    """Return *number* of *unit* in thousandths of the unit of *metric*; QuantityError as above."""
    return to_thousandths(number, unit, FACTS[metric].unit)
