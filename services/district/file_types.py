"""The small types that the files of a pack are made of: spans, levels, quantities, positions."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from schemas.level import Level
from services.district.quantity import Quantity, QuantityError, parse_quantity

_SPAN = r"^P(?=.)(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)$"
_AMOUNT = r"^-?\d+(\.\d+)? \S.*$"


class Entry(BaseModel):
    """A part of a pack's file. Numbers may stand where texts are wanted: codes need no quotes."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=True
    )


def _iso_8601(written: Any) -> Any:
    if isinstance(written, timedelta):
        return written
    if not isinstance(written, str) or not written.startswith("P"):
        raise ValueError("a span is written in ISO 8601, such as PT5M or P3D")
    return written


def _level(written: Any) -> Any:
    try:
        return Level[str(written)]
    except KeyError:
        raise ValueError("a level is one of IV, III, II, I") from None


def _quantity(written: Any) -> Any:
    try:
        return parse_quantity(written)
    except QuantityError as error:
        raise ValueError(str(error)) from None


def _position(written: Any) -> Any:
    if not isinstance(written, list) or len(written) != 2:  # noqa: PLR2004 - a pair
        raise ValueError("a position is written [latitude, longitude]")
    return tuple(written)


Span = Annotated[
    timedelta,
    BeforeValidator(_iso_8601),
    Field(ge=timedelta(0)),
    WithJsonSchema({"type": "string", "pattern": _SPAN, "examples": ["PT5M", "P3D"]}),
]
"""ISO 8601: PT90S, PT1H, P3D; never below 0."""
LevelName = Annotated[Level, BeforeValidator(_level)]
"""IV, III, II or I."""
Amount = Annotated[
    Quantity,
    BeforeValidator(_quantity),
    WithJsonSchema({"type": "string", "pattern": _AMOUNT, "examples": ["180.50 m"]}),
]
"""A number and its unit: 180.50 m."""
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
At = Annotated[tuple[Latitude, Longitude], BeforeValidator(_position)]
"""[latitude, longitude], WGS84."""
