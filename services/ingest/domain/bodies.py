"""The items in a body: one JSON value, a list of them, or one a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from schemas.deadletter import RefusalReason
from services.ingest.domain.errors import RefusedError

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Items:
    """
    The values in a body, by their place in it. *lines* are they as they came, where each had a line
    of its own, and *errors* say why a line is no JSON; it has None for a value.
    """

    values: Sequence[object]
    lines: Sequence[bytes] = ()
    errors: Mapping[int, RefusedError] = field(default_factory=dict)

    def original(self, index: int) -> bytes:
        """Return the item at *index* as it came; one of a list as JSON writes it."""
        return self.lines[index] if self.lines else written(self.values[index])


def written(value: object) -> bytes:
    """Return *value* as JSON writes it."""
    return orjson.dumps(value)


def read_json(body: bytes) -> object:
    """Return the value of *body*; `wrong_encoding` when it is not UTF-8, `not_json` else."""
    try:
        value: object = orjson.loads(body.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            raise RefusedError(RefusalReason.WRONG_ENCODING, "JSON is UTF-8") from None
        raise RefusedError(RefusalReason.NOT_JSON, "cannot be parsed") from None
    return value


def json_items(body: bytes) -> Items:
    """Return the items of a JSON list, or the one value that is none."""
    value = read_json(body)
    return Items(value) if isinstance(value, list) else Items([value], [body])


def line_items(body: bytes) -> Items:
    """Return an item for each line that has anything on it; a bad line spoils only itself."""
    lines = [line for line in body.removeprefix(_BOM).splitlines() if line.strip()]
    values: list[object] = []
    errors = {}
    for index, line in enumerate(lines):
        try:
            values.append(read_json(line))
        except RefusedError as error:
            values.append(None)
            errors[index] = error
    return Items(values, lines, errors)
