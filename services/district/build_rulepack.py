"""The part of a pack that travels in the log: `district.yaml`, the area and the rules as one."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.hazard import Hazard
from schemas.place import Place, PlaceLevel, Point, Sensor
from schemas.rule import Rule
from schemas.rulepack import Conventions, Mandates, Night, RulePack
from services.district.document import Document
from services.district.faults import Faults
from services.district.pack_files import ConventionsEntry, DistrictFile
from services.district.quantity import QuantityError, to_thousandths

_HASHED = ("district.yaml", "places.csv", "points.yaml", "sensors.yaml")
_HEX_SHOWN = 12


def build_rulepack(
    file: DistrictFile,
    conventions: Conventions,
    area: tuple[Sequence[Place], Sequence[Point], Sequence[Sensor]],
    rules: Sequence[Rule],
    fingerprint: str,
) -> RulePack:
    """Return the rule pack; its version is the declared one with *fingerprint* behind a plus."""
    places, points, sensors = area
    return RulePack(
        pack_id=file.pack,
        version=f"{file.version}+{fingerprint}",
        district=file.district,
        name=file.name,
        timezone=file.timezone,
        night=Night(start=file.night.start, end=file.night.end),
        families={hazard: name for name, group in file.families.items() for hazard in group},
        warning_validity=dict(file.warning_validity.hazards),
        warning_validity_default=file.warning_validity.default,
        warning_response={colour.level: to for colour, to in file.warning_response.items()},
        places=tuple(places),
        points=tuple(points),
        sensors=tuple(sensors),
        rules=tuple(rules),
        mandates=Mandates(**file.mandates.model_dump()),
        conventions=conventions,
    )


def check_district(
    document: Document, file: DistrictFile, places: Sequence[Place] | None, faults: Faults
) -> None:
    """Note what is wrong in `district.yaml` beyond its shape."""
    try:
        ZoneInfo(file.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        document.fault(faults, ("timezone",), f"unknown time zone {file.timezone!r}")
    seen: set[Hazard] = set()
    for name, group in file.families.items():
        for at, hazard in enumerate(group):
            if hazard in seen:
                reason = f"{hazard.value} is in two families"
                document.fault(faults, ("families", name, at), reason)
            seen.add(hazard)
    district = next((p for p in places or () if p.level is PlaceLevel.DISTRICT), None)
    if district is not None and not district.code.startswith(file.district):
        reason = f"places.csv is of the district {district.code[:6]}, not of {file.district}"
        document.fault(faults, ("district",), reason)


def build_conventions(document: Document, entry: ConventionsEntry, faults: Faults) -> Conventions:
    """Return the conventions; what the file leaves out keeps its default."""
    given = {
        key: getattr(entry, key)
        for key in entry.model_fields_set
        if key != "up4_rain" and getattr(entry, key) is not None
    }
    if entry.up4_rain is not None:
        try:
            amount = entry.up4_rain
            given["up4_rain"] = to_thousandths(amount.number, amount.unit, "mm")
        except QuantityError as error:
            document.fault(faults, ("conventions", "up4_rain"), str(error))
    return Conventions(**given)


def fingerprint(folder: Path) -> str:
    """Return the first hex digits of the SHA-256 over every file that rules are made from."""
    files = [*_HASHED, *sorted(f"rules/{path.name}" for path in (folder / "rules").glob("*.yaml"))]
    digest = hashlib.sha256()
    for file in files:
        content = (folder / file).read_bytes()
        digest.update(f"{file}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_HEX_SHOWN]
