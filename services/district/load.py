"""
A folder to a Pack: read every file, check everything against everything, then build.

Loading is checking: `check_pack` runs the same code.
"""

from dataclasses import dataclass
from pathlib import Path

from schemas.place import Place, Point, Sensor
from schemas.rule import Rule
from services.district.build_access import build_sources, build_users
from services.district.build_area import build_points, build_sensors
from services.district.build_policies import build_policies
from services.district.build_roster import build_people, build_posts, build_roster
from services.district.build_rulepack import (
    build_conventions,
    build_rulepack,
    check_district,
    fingerprint,
)
from services.district.build_rules import Surroundings, build_rules
from services.district.build_templates import build_templates
from services.district.document import Document, Model
from services.district.domain.pack import Pack
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
    TemplatesFile,
    UsersFile,
)
from services.district.policy_files import PoliciesFile
from services.district.read_places import read_places
from services.district.read_yaml import read_yaml
from services.district.rule_files import RulesFile


def load_pack(folder: Path) -> Pack:
    """Return the pack in *folder*; PackError with every fault when it cannot be used."""
    faults = Faults()
    pack = _Reader(folder, faults).pack()
    if faults or pack is None:
        raise PackError(list(faults))
    return pack


@dataclass(slots=True)
class _Area:
    """None where the file could not be read: what refers to it is then not judged."""

    places: tuple[Place, ...] | None = None
    points: tuple[Point, ...] | None = None
    sensors: tuple[Sensor, ...] | None = None

    @property
    def codes(self) -> set[str] | None:
        return None if self.places is None else {place.code for place in self.places}

    @property
    def keys(self) -> set[str] | None:
        if self.codes is None or self.points is None:
            return None
        return self.codes | {point.point_id for point in self.points}

    @property
    def sensor_ids(self) -> set[str] | None:
        return None if self.sensors is None else {sensor.sensor_id for sensor in self.sensors}


class _Reader:
    def __init__(self, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._faults = faults

    def pack(self) -> Pack | None:
        district = self._file("district.yaml", DistrictFile)
        area = self._area()
        posts = self._posts(area)
        rules = self._rules(area, posts)
        roster, numbers = self._roster(posts, demo=district is not None and district[1].demo)
        policies = self._file("policies.yaml", PoliciesFile)
        templates = self._file("templates.zh-CN.yaml", TemplatesFile)
        sources = self._file("sources.yaml", SourcesFile)
        users = self._file("users.yaml", UsersFile)
        if district is not None:
            check_district(*district, area.places, self._faults)
        conventions = district and build_conventions(
            district[0], district[1].conventions, self._faults
        )
        built_policies = policies and build_policies(*policies, self._faults)
        built_templates = templates and build_templates(*templates, self._faults)
        built_sources = sources and build_sources(
            *sources, area.codes, area.sensor_ids, self._faults
        )
        built_users = users and build_users(*users, self._faults)
        if self._faults:
            return None
        # Without a fault every part is there.
        assert district is not None  # noqa: S101 - for the type checker
        assert conventions is not None  # noqa: S101
        assert roster is not None  # noqa: S101
        assert built_policies is not None  # noqa: S101
        assert built_templates is not None  # noqa: S101
        rulepack = build_rulepack(
            district[1],
            conventions,
            (area.places or (), area.points or (), area.sensors or ()),
            rules,
            fingerprint(self._folder),
        )
        return Pack(
            rules=rulepack,
            roster=roster,
            policies=built_policies,
            templates=built_templates,
            sources=built_sources or (),
            users=built_users or {},
            numbers=numbers,
            demo=district[1].demo,
        )

    def _file(self, name: str, model: type[Model]) -> tuple[Document, Model] | None:
        document = read_yaml(self._folder, name, self._faults)
        read = None if document is None else document.read_as(model, self._faults)
        return None if document is None or read is None else (document, read)

    def _area(self) -> _Area:
        area = _Area(places=read_places(self._folder, self._faults))
        points = self._file("points.yaml", PointsFile)
        sensors = self._file("sensors.yaml", SensorsFile)
        if points is not None and area.codes is not None:
            area.points = build_points(*points, area.codes, self._faults)
        if sensors is not None and area.keys is not None:
            area.sensors = build_sensors(*sensors, area.keys, self._faults)
        return area

    def _posts(self, area: _Area) -> dict[str, Post] | None:
        posts = self._file("posts.yaml", PostsFile)
        return None if posts is None else build_posts(*posts, area.keys, self._faults)

    def _roster(
        self, posts: dict[str, Post] | None, *, demo: bool
    ) -> tuple[Roster | None, dict[str, str]]:
        people = self._file("people.yaml", PeopleFile)
        shifts = self._file("shifts.yaml", ShiftsFile)
        if people is None:
            return None, {}
        built, numbers = build_people(*people, demo=demo, faults=self._faults)
        if shifts is None or posts is None:
            return None, numbers
        return build_roster(*shifts, posts, built, self._faults), numbers

    def _rules(self, area: _Area, posts: dict[str, Post] | None) -> tuple[Rule, ...]:
        around = Surroundings(
            points=area.points,
            posted=None if posts is None else frozenset(post.role for post in posts.values()),
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
