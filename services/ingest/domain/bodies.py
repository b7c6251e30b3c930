"""The items in a body: one JSON value, a list of them, or one a line."""

from typing import NamedTuple

import orjson

from schemas.deadletter import RefusalReason
from services.ingest.domain.errors import RefusedError

_BOM = b"\xef\xbb\xbf"


class Item(NamedTuple):
    """One item; *error* instead of a value where its line is no JSON. *line* is it as it came."""

    value: object
    line: bytes | None = None
    error: RefusedError | None = None

    @property
    def original(self) -> bytes:
        """The item as it came; one of a list as JSON writes it."""
        return self.line if self.line is not None else orjson.dumps(self.value)


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


def json_items(body: bytes) -> list[Item]:
    """Return the items of a JSON list, or the one value that is none."""
    value = read_json(body)
    if isinstance(value, list):
        return [Item(entry) for entry in value]
    return [Item(value, line=body)]


def line_items(body: bytes) -> list[Item]:
    """Return an item for each line that has anything on it; a bad line spoils only itself."""
    items = []
    for line in body.removeprefix(_BOM).splitlines():
        if not line.strip():
            continue
        try:
            items.append(Item(read_json(line), line=line))
        except RefusedError as error:
            items.append(Item(None, line=line, error=error))
    return items
