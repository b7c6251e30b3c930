"""
A folder to a Pack: read every file, check everything against everything, then build.

Loading is checking: `check_pack` runs the same code, and every mistake is found in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.place import Place, Point, Sensor
from schemas.rule import Rule
from services.district.build_access import build_sources, build_users
from services.district.build_area import build_points, build_sensors
from services.district.build_policies import build_policies
from services.district.build_roster import build_people, build_posts, build_shifts
from services.district.build_rulepack import (
    build_conventions,
    build_rulepack,
    check_district,
    fingerprint,
)
from services.district.build_rules import Surroundings, build_rules
from services.district.build_stations import build_stations
from services.district.document import Document, Model
from services.district.domain.pack import Pack, Station
from services.district.domain.roster import Post, Roster
from services.district.faults import Faults, PackError
from services.district.pack_files import (
    DistrictFile,
    PeopleFile,
    PointsFile,
    PostsFile,
    SensorsFile,
    ShiftsFile,
    SourcesFile,
    StationsFile,
    UsersFile,
)
from services.district.policy_files import PoliciesFile
from services.district.read_places import read_places
from services.district.read_texts import Texts
from services.district.read_yaml import read_yaml
from services.district.rule_files import RulesFile
from services.district.salvage import read_sound_part, written_ids

STATIONS = "stations.yaml"


def load_pack(folder: Path) -> Pack:
    """Return the pack in *folder*; PackError with every fault when it cannot be used."""
    faults = Faults()
    pack, _ = read_pack(folder, faults)
    if faults or pack is None:
        raise PackError(list(faults))
    return pack


@dataclass(slots=True)
class Named:
    """
    The ids that the files of a pack give, also to entries with a mistake. None where the file could
    not be read: what refers to it is then not judged.
    """

    places: frozenset[str] | None = None
    points: frozenset[str] | None = None
    sensors: frozenset[str] | None = None
    posts: frozenset[str] | None = None
    people: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    users: frozenset[str] | None = None
    stations: frozenset[str] | None = None

    @property
    def places_or_points(self) -> frozenset[str] | None:
        """What a sensor or a post may stand at."""
        if self.places is None or self.points is None:
            return None
        return self.places | self.points


def read_pack(folder: Path, faults: Faults) -> tuple[Pack | None, Named]:
    """Return the pack in *folder*, None after noting why not in *faults*; and what it names."""
    reader = _Reader(folder, faults)
    return reader.pack(), reader.named


class _Reader:
    """Reads every file to its end: a mistake in one hides none in another, nor further down."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._faults = faults
        self._in_part: set[str] = set()
        """The files of which only a part is sound."""
        self._people: tuple[Document, PeopleFile] | None = None
        self.named = Named()

    def pack(self) -> Pack | None:
        """Return the pack, or None where anything is wrong with it."""
        district = self._file("district.yaml", DistrictFile)
        places = self._places()
        points = self._points()
        sensors = self._sensors()
        posts = self._posts()
        rules = self._rules(points, posts)
        roster, numbers = self._roster(posts, demo=district is not None and district[1].demo)
        policies = self._file("policies.yaml", PoliciesFile)
        texts = Texts(self._folder, self._faults)
        sources = self._file("sources.yaml", SourcesFile, "sources", key="name")
        users = self._file("users.yaml", UsersFile, "users")
        stations = self._stations(demo=district is not None and district[1].demo)
        if district is not None:
            check_district(*district, places, self._faults)
        conventions = district and build_conventions(
            district[0], district[1].conventions, self._faults
        )
        built_policies = policies and build_policies(*policies, self._faults)
        named = [place.name for place in places or ()] + [point.name for point in points or ()]
        texts.check(
            named, roster or Roster(posts or {}, {}, {}), rules, built_policies, self._people
        )
        built_sources = sources and build_sources(
            *sources, self.named.places, self.named.sensors, self._faults
        )
        is_demo = district is None or district[1].demo
        built_users = users and build_users(*users, self._faults, demo=is_demo)
        if self._faults:
            return None
        # Without a fault every part is there.
        assert district is not None  # noqa: S101 - for the type checker
        assert conventions is not None  # noqa: S101
        assert roster is not None  # noqa: S101
        assert built_policies is not None  # noqa: S101
        assert texts.written  # noqa: S101
        rulepack = build_rulepack(
            district[1],
            conventions,
            (places or (), points or (), sensors or ()),
            rules,
            fingerprint(self._folder),
        )
        return Pack(
            rules=rulepack,
            roster=roster,
            policies=built_policies,
            templates=texts.written[0].templates,
            languages={one.templates.language: one.templates for one in texts.written[1:]},
            sources=built_sources or (),
            users=built_users or {},
            stations=stations,
            numbers=numbers,
            demo=district[1].demo,
        )

    def _file(
        self, name: str, model: type[Model], ids: str = "", *, key: str = "id"
    ) -> tuple[Document, Model] | None:
        """Return the sound part of a file; *ids* is the part of `named` that its ids become."""
        whole = read_yaml(self._folder, name, self._faults)
        if whole is None:
            return None
        if ids:
            setattr(self.named, ids, frozenset(written_ids(whole.data, key)))
        read = read_sound_part(whole, model, self._faults)
        if read is None or read[0] is not whole:
            self._in_part.add(name)
        return read

    def _places(self) -> Sequence[Place] | None:
        read = read_places(self._folder, self._faults)
        if read is None:
            return None
        places, self.named.places = read
        return places

    def _points(self) -> Sequence[Point] | None:
        points = self._file("points.yaml", PointsFile, "points")
        if points is None or self.named.places is None:
            return None
        return build_points(*points, self.named.places, self._faults)

    def _sensors(self) -> Sequence[Sensor] | None:
        sensors = self._file("sensors.yaml", SensorsFile, "sensors")
        if sensors is None:
            return None
        return build_sensors(*sensors, self.named.places_or_points, self._faults)

    def _stations(self, *, demo: bool) -> tuple[Station, ...]:
        if not (self._folder / STATIONS).exists():
            return ()
        read = self._file(STATIONS, StationsFile, "stations")
        if read is None:
            return ()
        return build_stations(*read, self.named.places_or_points, self._faults, demo=demo)

    def _posts(self) -> dict[str, Post] | None:
        posts = self._file("posts.yaml", PostsFile, "posts")
        if posts is None:
            return None
        ids = self.named.posts or frozenset()
        return build_posts(*posts, self.named.places_or_points, ids, self._faults)

    def _roster(
        self, posts: dict[str, Post] | None, *, demo: bool
    ) -> tuple[Roster | None, dict[str, str]]:
        people = self._people = self._file("people.yaml", PeopleFile, "people")
        shifts = self._file("shifts.yaml", ShiftsFile)
        built, numbers = (
            ({}, {}) if people is None else build_people(*people, demo=demo, faults=self._faults)
        )
        if shifts is None:
            return None, numbers
        known = self.named.posts, self.named.people
        needs = {key: post.need for key, post in (posts or {}).items()}
        held = build_shifts(*shifts, *known, needs, self._faults)
        return Roster(posts or {}, built, held), numbers

    def _rules(
        self, points: Sequence[Point] | None, posts: dict[str, Post] | None
    ) -> tuple[Rule, ...]:
        # Half of the points, or of the posts, would make rules look wrong that are right.
        posted = None if posts is None else frozenset(post.role for post in posts.values())
        around = Surroundings(
            points=None if "points.yaml" in self._in_part else points,
            posted=None if "posts.yaml" in self._in_part else posted,
        )
        rules: list[Rule] = []
        lines: set[str] = set()
        names = sorted(path.name for path in (self._folder / "rules").glob("*.yaml"))
        if not names:
            self._faults.add("rules", 1, "there is no rule file")
        for name in names:
            read = self._file(f"rules/{name}", RulesFile)
            if read is None:
                continue
            for at, entry in enumerate(read[1].rules):
                if entry.id in lines:
                    reason = f"the rule {entry.id!r} stands here twice"
                    read[0].fault(self._faults, ("rules", at, "id"), reason)
                lines.add(entry.id)
            rules += build_rules(*read, around, self._faults)
        return tuple(rules)
