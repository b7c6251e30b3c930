"""Source keys and users: who may report, and who may act."""

from collections.abc import Collection

from services.district.document import Document
from services.district.domain.pack import SourceKey, User
from services.district.faults import Faults
from services.district.pack_files import SourcesFile, UsersFile
from services.district.passwords import demo_password, matches


def build_sources(
    document: Document,
    file: SourcesFile,
    places: Collection[str] | None,
    sensors: Collection[str] | None,
    faults: Faults,
) -> tuple[SourceKey, ...]:
    """Return the source keys; each sensor they name, or prefix, stands for at least one sensor."""
    seen: set[str] = set()
    sources = []
    for at, entry in enumerate(file.sources):
        path = ("sources", at)
        for used, key in ((entry.name, "name"), (entry.key_sha256, "key_sha256")):
            if used in seen:
                document.fault(faults, (*path, key), f"the same {key} stands here twice")
            seen.add(used)
        if entry.area is not None and places is not None and entry.area not in places:
            document.fault(faults, (*path, "area"), f"unknown place {entry.area!r}")
        for nth, pattern in enumerate(entry.sensors):
            if sensors is not None and not _names_any(pattern, sensors):
                reason = f"unknown sensor {pattern!r}"
                document.fault(faults, (*path, "sensors", nth), reason)
        sources.append(
            SourceKey(
                name=entry.name,
                key_sha256=entry.key_sha256,
                kinds=tuple(entry.kinds),
                sensors=entry.sensors,
                area=entry.area,
                per_s=entry.per_s,
                burst=entry.burst,
                callouts_per_hour=entry.callouts_per_hour,
            )
        )
    return tuple(sources)


def build_users(
    document: Document, file: UsersFile, faults: Faults, *, demo: bool
) -> dict[str, User]:
    """Return the users by id; only a *demo* pack may use the passwords that everybody knows."""
    users: dict[str, User] = {}
    for at, entry in enumerate(file.users):
        if entry.id in users:
            document.fault(faults, ("users", at, "id"), f"the user {entry.id!r} stands here twice")
        if entry.password and not demo and matches(entry.password, demo_password(entry.id)):
            reason = "the demo's password: only a demo pack may use it"
            document.fault(faults, ("users", at, "password"), reason)
        users[entry.id] = User(entry.id, entry.name, entry.role, entry.mandate, entry.password)
    return users


def _names_any(pattern: str, sensors: Collection[str]) -> bool:
    if pattern.endswith("*"):
        return any(sensor.startswith(pattern[:-1]) for sensor in sensors)
    return pattern in sensors
