"""
The bytes of readings, of which there are tens of thousands a second: the same as of any record.

Nothing is asked of a reading's type that is known here already; where they differ from what
`schemas.wire` does with every other record, they are wrong.
"""

from typing import Any

import orjson

from schemas.event import Reading, Readings


def encode_readings(record: Readings) -> bytes:
    """Return the canonical JSON of *record*."""
    content = record.model_dump(mode="json", exclude_none=True, exclude={"readings"})
    content["readings"] = [_content(reading) for reading in record.readings]
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def _content(reading: Reading) -> dict[str, Any]:
    content: dict[str, Any] = {
        "metric": reading.metric,
        "occurred_at": reading.occurred_at,
        "quality": reading.quality,
        "sensor_id": reading.sensor_id,
        "value": reading.value,
    }
    if reading.datum is not None:
        content["datum"] = reading.datum
    if reading.valid_at is not None:
        content["valid_at"] = reading.valid_at
    return content
