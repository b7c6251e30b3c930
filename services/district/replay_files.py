"""The shape of `replay.yaml`: which recorded series feeds which sensor, and what else comes when."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field

from schemas.act import ActBody
from schemas.metric import Metric
from services.district.file_types import Entry, Span
from services.district.pack_files import Name


class ColumnEntry(Entry):
    """
    One column of a series and the sensor it feeds.

    *split* spreads an amount evenly over the time it fell in: a row of an hour becomes twelve
    readings of five minutes.
    """

    column: Name
    sensor: Name
    metric: Metric
    unit: Name
    split: Span | None = None


class SeriesEntry(Entry):
    """
    A CSV file of the pack. *origin* is the file's time that becomes the script's start; rows from
    *first* until *last* (file times) are played. *every* is the time between rows.
    """

    file: Name
    time: Name
    format: Name
    origin: Name
    first: Name
    last: Name
    every: Span
    columns: Annotated[tuple[ColumnEntry, ...], Field(min_length=1)]


class InventedEntry(Entry):
    """
    Values made up for the script, the first at *start*, the same for each of *sensors*:
    `0.3 x 20` stands for twenty of 0.3.
    """

    sensors: Annotated[tuple[Name, ...], Field(min_length=1)]
    metric: Metric
    unit: Name
    start: Span
    every: Span
    values: tuple[Any, ...]

    def spelled_out(self) -> tuple[Decimal, ...]:
        """Return every value; ValueError where one cannot be read."""
        values: list[Decimal] = []
        for written in self.values:
            number, _, times = str(written).partition(" x ")
            try:
                values += [Decimal(number)] * int(times or 1)
            except ArithmeticError:
                raise ValueError(f"{written!r} is no value") from None
        return tuple(values)


class PostEntry(Entry):
    """A body that is posted as it stands, its times filled in; *file* or *json* holds it."""

    after: Span
    path: Literal["/v1/readings", "/v1/warnings", "/v1/tips"]
    key: Name
    media_type: Name = "application/json"
    file: Name | None = None
    json_body: Annotated[Any, Field(alias="json")] = None


def _act(written: Any) -> Any:
    if not isinstance(written, dict) or "level" not in written:
        return written
    levels = {"IV": 1, "III": 2, "II": 3, "I": 4}
    return {**written, "level": levels.get(str(written["level"]), written["level"])}


class ActEntry(Entry):
    """What a user of the pack does."""

    after: Span
    user: Name
    act: Annotated[ActBody, BeforeValidator(_act)]


class ReplayFile(Entry):
    """`replay.yaml`; *start* is where the clock stands when the script begins."""

    start: AwareDatetime
    key: Name
    series: tuple[SeriesEntry, ...] = ()
    invented: tuple[InventedEntry, ...] = ()
    posts: tuple[PostEntry, ...] = ()
    acts: tuple[ActEntry, ...] = ()
