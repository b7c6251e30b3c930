"""
Records to bytes and back: canonical JSON, so that equal records are equal bytes.

A writer is strict and a reader is not: what a record is built from has no unknown field, while a
record that is read may have some, of a later version of its writer, which are passed over. A field
that is new is None where it is absent, so that older records keep their bytes.
"""

from collections.abc import Callable
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from schemas.deadletter import DeadLetter
from schemas.decision import DECISION
from schemas.dispatch import LedgerRecord
from schemas.event import EVENT, Readings
from schemas.readings_wire import encode_readings
from schemas.record import Part, Record
from schemas.topics import Topic

VERSION = 1
"""The version of the wire format; every record carries it as *v*."""


class SchemaError(ValueError):
    """The bytes are no record of this topic in a version that is known here. Trying again is vain."""


def encode(record: Part) -> bytes:
    """Return the canonical JSON of *record*: keys sorted, no blanks, absent values left out."""
    if isinstance(record, Readings):
        return encode_readings(record)
    return orjson.dumps(
        record.model_dump(mode="json", exclude_none=True), option=orjson.OPT_SORT_KEYS
    )


def _decoder(adapter: TypeAdapter[Any]) -> Callable[[bytes], Record]:
    def decode_one(data: bytes) -> Record:
        try:
            record: Record = adapter.validate_json(data, extra="ignore")
        except ValidationError as error:
            where = "; ".join(
                f"{'.'.join(str(step) for step in fault['loc'])}: {fault['type']}"
                for fault in error.errors(include_input=False, include_url=False)[:3]
            )
            raise SchemaError(where) from None
        return record

    return decode_one


_DECODERS: dict[Topic, Callable[[bytes], Record]] = {
    Topic.EVENTS: _decoder(EVENT),
    Topic.DECISIONS: _decoder(DECISION),
    Topic.DISPATCH: _decoder(TypeAdapter(LedgerRecord)),
    Topic.DEAD_LETTERS: _decoder(TypeAdapter(DeadLetter)),
}


def decode(topic: Topic, data: bytes) -> Record:
    """Return the record of *topic* that *data* holds; SchemaError when it holds none."""
    return _DECODERS[topic](data)
