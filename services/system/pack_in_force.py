"""A district's pack put in force: its rules in the log, its outline read from its folder."""

import json
from collections.abc import Sequence
from pathlib import Path

from schemas.area import Position
from schemas.cap import Status
from schemas.event import PackActivated
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.district.domain.pack import Pack
from services.runtime.bus import Bus, Outgoing, Transaction
from services.runtime.clock import Clock

OUTLINE = "outline.geojson"


async def activate(bus: Bus, clock: Clock, pack: Pack) -> None:
    """Put the rules of *pack* in force in the log, unless they are the ones in force already."""
    district = pack.rules.district
    space, key = f"system/{district}", "pack"
    version = pack.rules.version.encode()

    def work(tx: Transaction) -> None:
        if tx.get(space, key) == version:
            return
        now = clock.now()
        event = PackActivated(
            district=district,
            event_id=hash_id("pack", pack.rules.pack_id, pack.rules.version, now.isoformat()),
            accepted_at=now,
            status=Status.ACTUAL,
            pack=pack.rules,
        )
        tx.append(Outgoing(Topic.EVENTS, district, encode(event)))
        tx.put(space, key, version)

    await bus.transact(work)


def read_outlines(folder: Path, district: str) -> dict[str, Sequence[Position]]:
    """Return the district's outline by its code, from the pack's GeoJSON where it has one."""
    path = folder / OUTLINE
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    geometry = found["features"][0]["geometry"] if "features" in found else found["geometry"]
    rings = geometry["coordinates"]
    while not isinstance(rings[0][0], int | float):
        rings = rings[0]
    return {district: tuple(Position(lat=lat, lon=lon) for lon, lat, *_ in rings)}
