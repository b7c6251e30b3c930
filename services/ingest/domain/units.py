"""The units in which values arrive, and their exact conversion to thousandths of the metric's own."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from schemas.metric import FACTS, SCALE, Metric

LARGEST = 10**15
"""No metric of ours has a value near this; what is larger is no measurement."""

_PLAIN = 10**9
"""A number under it has, with three decimals, 12 digits."""

# Lower explosive limit of methane in air: 5 % by volume, so 1 %vol is 20 %LEL and 10,000 ppm.
_LEL_PER_VOL = Fraction(20)

_PER_UNIT: dict[str, dict[str, Fraction]] = {
    "mm": {
        "mm": Fraction(1),
        "0.1mm": Fraction(1, 10),
        "cm": Fraction(10),
        "m": Fraction(1000),
        "in": Fraction(254, 10),
        "0.01in": Fraction(254, 1000),
    },
    "m": {
        "m": Fraction(1),
        "cm": Fraction(1, 100),
        "mm": Fraction(1, 1000),
        "ft": Fraction(3048, 10000),
    },
    "m3/s": {
        "m3/s": Fraction(1),
        "l/s": Fraction(1, 1000),
        "ft3/s": Fraction(3048, 10000) ** 3,
    },
    "mm/d": {
        "mm/d": Fraction(1),
        "mm/h": Fraction(24),
        "cm/d": Fraction(10),
        "m/d": Fraction(1000),
    },
    "mm/h": {"mm/h": Fraction(1), "mm/d": Fraction(1, 24), "cm/h": Fraction(10)},
    "deg/h": {"deg/h": Fraction(1), "deg/d": Fraction(1, 24), "mdeg/h": Fraction(1, 1000)},
    "m3/m3": {"m3/m3": Fraction(1), "%": Fraction(1, 100), "%vol": Fraction(1, 100)},
    "kPa": {
        "kPa": Fraction(1),
        "Pa": Fraction(1, 1000),
        "hPa": Fraction(1, 10),
        "mbar": Fraction(1, 10),
        "MPa": Fraction(1000),
    },
    "%LEL": {
        "%LEL": Fraction(1),
        "%vol": _LEL_PER_VOL,
        "ppm": _LEL_PER_VOL / 10_000,
    },
    "cm": {"cm": Fraction(1), "mm": Fraction(1, 10), "m": Fraction(100), "in": Fraction(254, 100)},
    "m/s": {
        "m/s": Fraction(1),
        "km/h": Fraction(1000, 3600),
        "kn": Fraction(1852, 3600),
        "mph": Fraction(1609344, 3600 * 1000),
    },
}

_SPELLINGS = {
    "毫米": "mm",
    "厘米": "cm",
    "米": "m",
    "inch": "in",
    "inches": "in",
    '"': "in",
    "feet": "ft",
    "foot": "ft",
    "%lel": "%LEL",
    "lel": "%LEL",
    "%vol": "%vol",
    "vol%": "%vol",
    "m³/s": "m3/s",
    "cumecs": "m3/s",
    "cfs": "ft3/s",
    "ft³/s": "ft3/s",
    "m³/m³": "m3/m3",
    "°/h": "deg/h",
    "°/d": "deg/d",
    "mm/day": "mm/d",
    "mm/hr": "mm/h",
    "kmh": "km/h",
    "kph": "km/h",
    "knots": "kn",
    "kt": "kn",
    "kpa": "kPa",
    "pa": "Pa",
    "hpa": "hPa",
    "mpa": "MPa",
    "米/秒": "m/s",
}


@lru_cache(maxsize=1024)
def factor(metric: Metric, unit: str) -> Fraction | None:
    """Return what one *unit* is in the unit of *metric*, or None when it is no unit of it."""
    known = _PER_UNIT[FACTS[metric].unit]
    plain = unit.strip().replace(" ", "")
    return known.get(plain) or known.get(_SPELLINGS.get(plain.lower(), plain.lower()))


def written_thousandths(raw: float) -> int | None:
    """
    Return the thousandths that *raw* was written as; None when it is finer or very large.

    Of all decimals with up to 15 digits only one reads back as a given float, so the one with three
    decimals that does is what the sender wrote.
    """
    if not -_PLAIN < raw < _PLAIN:
        return None
    written = round(raw * SCALE)
    return written if written / SCALE == raw else None


def to_thousandths(value: Decimal, per_unit: Fraction) -> int | None:
    """
    Return *value* times *per_unit* in thousandths, half to even; None beyond any measurement.

    The arithmetic is exact: 0.1 mm ten times is 1 mm, and a threshold is met exactly.
    """
    if not value.is_finite() or abs(value.adjusted()) > 30:  # noqa: PLR2004 - keeps integers small
        return 0 if value == 0 else None
    above, below = value.as_integer_ratio()
    above *= per_unit.numerator * SCALE
    below *= per_unit.denominator
    whole, rest = divmod(above, below)
    if 2 * rest > below or (2 * rest == below and whole % 2):
        whole += 1
    return whole if abs(whole) <= LARGEST else None
