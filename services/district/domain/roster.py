"""
Post, person, contact: three things (domain.md F.2). A chain addresses a post; a person holds it
for a shift; each person has contacts. Numbers are not here: a contact is an id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.role import Role


@dataclass(frozen=True, slots=True)
class Post:
    """
    A responsibility for *place* (a place code or a point id).

    *superior* is the post one layer above that is rung when nobody of this one confirms. *need* is
    how many of those who hold it together must confirm (two of three).
    """

    post_id: str
    name: str
    role: Role
    place: str
    superior: str | None = None
    need: int = 1


@dataclass(frozen=True, slots=True)
class Contact:
    """One number of a person; *voice* and *sms* say what it can take."""

    contact_id: str
    voice: bool
    sms: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can hold posts; *contacts* in the order they are tried."""

    person_id: str
    name: str
    contacts: tuple[Contact, ...]
    language: str | None = None
    """What he is called and written to in; None: the pack's default."""

    @property
    def voice_contacts(self) -> tuple[Contact, ...]:
        """The contacts that can be rung, in their order."""
        return tuple(contact for contact in self.contacts if contact.voice)

    @property
    def voice_contact(self) -> Contact | None:
        """The first contact that can be rung, or None."""
        return next(iter(self.voice_contacts), None)

    @property
    def sms_contact(self) -> Contact | None:
        """The first contact that takes SMS, or None."""
        return next((contact for contact in self.contacts if contact.sms), None)


@dataclass(frozen=True, slots=True)
class Shift:
    """
    Who holds *post* from *start* until before *end* (None: without end).

    A shift may be empty (*holder* None): that is a fault of the roster, shown and called around.
    *together* hold it with him.
    """

    post: str
    holder: str | None
    deputies: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    together: tuple[str, ...] = ()

    @property
    def holders(self) -> tuple[str, ...]:
        """Everybody who holds it."""
        return self.together if self.holder is None else (self.holder, *self.together)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is responsible, at any instant."""

    posts: Mapping[str, Post]
    people: Mapping[str, Person]
    shifts: Mapping[str, Sequence[Shift]]
    """By post; where two cover an instant, the one that began later holds."""

    def shift_at(self, post_id: str, now: datetime) -> Shift:
        """Return the shift of *post_id* at *now*; one without holder where the roster has a gap."""
        covering = [
            shift
            for shift in self.shifts.get(post_id, ())
            if (shift.start is None or shift.start <= now)
            and (shift.end is None or now < shift.end)
        ]
        # A shift with a start is more particular than a standing one.
        covering.sort(key=lambda shift: (shift.start is not None, shift.start or now))
        return covering[-1] if covering else Shift(post_id, None)

    def changes_after(self, post_id: str, now: datetime) -> datetime | None:
        """Return when after *now* another shift of *post_id* begins to hold, or None."""
        edges = [
            at
            for shift in self.shifts.get(post_id, ())
            for at in (shift.start, shift.end)
            if at is not None and at > now
        ]
        return min(edges, default=None)
