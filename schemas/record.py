"""
What every record on the wire is: frozen, stamped with a version, and built from known fields only.

Reading is `schemas.wire`'s: there a field that a later version added is passed over.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An aware instant; kept in UTC whatever offset it came with, so equal instants are equal bytes."""

DistrictCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
"""The six digits of a district (GB/T 2260); the key of every topic."""


class Part(BaseModel):
    """A value inside a record."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(Part):
    """A record of a topic; *v* is the version of its shape."""

    v: Literal[1] = 1
    district: DistrictCode
