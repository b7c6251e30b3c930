"""The roster, a row a post."""

from dataclasses import dataclass
from datetime import datetime

from schemas.role import Role


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One post as the roster stands now. *faults*: no_holder, no_contact, no_deputy, ends_soon."""

    post: str
    post_name: str
    role: Role
    place_name: str
    town: str
    holder_name: str
    contact: str
    deputies: tuple[str, ...]
    superior_name: str
    until: datetime | None
    faults: tuple[str, ...]
