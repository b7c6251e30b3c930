"""
Times in a script's bodies: `@{PT5M}` is five minutes after the start, `@{-P3D}` three days before.

After a bar stands how the time is written: `@{PT5M|%Y/%m/%d %H:%M}`; without it, ISO 8601.
"""

import re
from datetime import datetime, timedelta

from pydantic import TypeAdapter

_TIME = re.compile(r"@\{(?P<sign>-?)(?P<span>P[0-9DTHMS.]+)(?:\|(?P<how>[^}]*))?\}")
_SPAN = TypeAdapter(timedelta)


def time_after(offset: timedelta) -> str:
    """Return what stands for *offset* after the start in a body."""
    sign, seconds = ("-", -offset) if offset < timedelta(0) else ("", offset)
    return f"@{{{sign}PT{int(seconds.total_seconds())}S}}"


def fill_times(text: str, start: datetime) -> str:
    """Return *text* with every time in it, as it is when the script starts at *start*."""

    def written(found: re.Match[str]) -> str:
        span = _SPAN.validate_python(found["span"])
        instant = start - span if found["sign"] else start + span
        return instant.strftime(found["how"]) if found["how"] else instant.isoformat()

    return _TIME.sub(written, text)
