"""The shapes of the files of a pack, all but rules and policies: docs/district-pack.md in code."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.hazard import Hazard
from schemas.level import Colour
from schemas.metric import Metric
from schemas.place import PointKind
from schemas.role import Role
from services.district.domain.pack import StationKind
from services.district.file_types import Amount, At, Entry, LevelName, Span

Name = Annotated[str, StringConstraints(min_length=1)]
E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NightEntry(Entry):
    """UP1's hours, local time."""

    start: time
    end: time


class MandatesEntry(Entry):
    """Which roles may do what."""

    raise_level: tuple[Role, ...]
    lower_level: tuple[Role, ...]
    confirm_level: tuple[Role, ...]
    issue_order: tuple[Role, ...]
    lift_order: tuple[Role, ...]
    release_quarantine: tuple[Role, ...]
    vouch: tuple[Role, ...] = ()
    report_channel: tuple[Role, ...] = ()


class ConventionsEntry(Entry):
    """The numbers of domain.md D.0 and D.3; what is left out keeps its default."""

    lateness: Span | None = None
    silence_intervals: Annotated[int, Field(ge=1)] | None = None
    corroboration_window: Span | None = None
    corroboration_radius_m: Annotated[int, Field(ge=0)] | None = None
    up2_window: Span | None = None
    up4_window: Span | None = None
    up4_rain: Amount | None = None
    up4_hazards: tuple[Hazard, ...] | None = None
    clear_hold_default: Span | None = None
    max_raise: Annotated[int, Field(ge=0, le=3)] | None = None


class ValidityEntry(Entry):
    """How long a warning without `expires` stands (D.0.3)."""

    default: Span
    hazards: dict[Hazard, Span] = Field(default_factory=dict)


class DistrictFile(Entry):
    """`district.yaml`."""

    pack: Name
    version: Name
    district: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    name: Name
    timezone: Name
    demo: bool = False
    night: NightEntry
    families: dict[Name, tuple[Hazard, ...]] = Field(default_factory=dict)
    warning_validity: ValidityEntry
    warning_response: dict[Colour, LevelName] = Field(
        default_factory=lambda: {colour: colour.level for colour in Colour}
    )
    conventions: ConventionsEntry = ConventionsEntry()
    mandates: MandatesEntry


class PointEntry(Entry):
    """A registered point; *marks* with their unit."""

    id: Name
    name: Name
    kind: PointKind
    place: Name
    at: At | None = None
    households: Annotated[int, Field(ge=0)] | None = None
    people: Annotated[int, Field(ge=0)] | None = None
    shelter: str | None = None
    datum: str | None = None
    marks: dict[Name, Amount] = Field(default_factory=dict)


class PointsFile(Entry):
    """`points.yaml`."""

    points: tuple[PointEntry, ...]


class SensorEntry(Entry):
    """One instrument; *every* is how often it reports."""

    id: Name
    place: Name
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)]
    every: Span
    at: At | None = None
    datum: str | None = None
    datum_shift: dict[Name, Amount] = Field(default_factory=dict)


class SensorsFile(Entry):
    """`sensors.yaml`."""

    sensors: tuple[SensorEntry, ...]


class PostEntry(Entry):
    """A responsibility for a place; *need* of those who hold it together must confirm."""

    id: Name
    name: Name
    role: Role
    place: Name
    superior: str | None = None
    need: Annotated[int, Field(ge=1)] = 1


class PostsFile(Entry):
    """`posts.yaml`."""

    posts: tuple[PostEntry, ...]


class ContactEntry(Entry):
    """One number; *id* is left out where a person's contacts may be counted."""

    id: str | None = None
    number: E164
    voice: bool = True
    sms: bool = True


class PersonEntry(Entry):
    """Somebody who can hold posts."""

    id: Name
    name: Name
    contacts: tuple[ContactEntry, ...] = ()
    language: str | None = None


class PeopleFile(Entry):
    """`people.yaml`."""

    people: tuple[PersonEntry, ...]


class ShiftEntry(Entry):
    """
    Who holds a post from *start* until *end*; without both, always. `holder: null` is a gap;
    *together* hold it with him.
    """

    post: Name
    holder: str | None
    together: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """From when until before when."""
        return self.start, self.end


class ShiftsFile(Entry):
    """`shifts.yaml`."""

    shifts: tuple[ShiftEntry, ...]


class SourceEntry(Entry):
    """A key and what it may report; the key itself is never stored, only its SHA-256."""

    name: Name
    key_sha256: Sha256
    kinds: Annotated[
        tuple[Literal["readings", "warnings", "tips", "read"], ...],
        Field(min_length=1),
    ]
    sensors: tuple[str, ...] = ()
    area: str | None = None
    per_s: Annotated[float, Field(gt=0)] = 50.0
    burst: Annotated[int, Field(ge=1)] = 500
    callouts_per_hour: Annotated[int, Field(ge=1)] = 60


class SourcesFile(Entry):
    """`sources.yaml`."""

    sources: tuple[SourceEntry, ...]


class StationEntry(Entry):
    """A loudspeaker or screen; *url* takes what it is to say. Its secret stands in no pack."""

    id: Name
    kind: StationKind
    name: Name
    place: Name
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/\s@]+(/\S*)?$")]


class StationsFile(Entry):
    """`stations.yaml`; a district may have none."""

    stations: tuple[StationEntry, ...]


class UserEntry(Entry):
    """Somebody who acts in the system."""

    id: Name
    name: Name
    role: Role
    mandate: str | None = None
    password: (
        Annotated[str, StringConstraints(pattern=r"^\$argon2id\$v=19\$\S{40,200}$")] | None
    ) = None
    """An argon2id hash, as `jiaoying password` prints it; without one nobody logs in as this user."""


class UsersFile(Entry):
    """`users.yaml`."""

    users: tuple[UserEntry, ...]
