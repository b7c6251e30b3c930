"""Nan'an in small: a few of its real places, invented points, sensors and keys."""

import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI

from schemas.area import Position
from schemas.place import Place, PlaceLevel, Point, PointKind, Sensor
from schemas.role import Role
from schemas.rulepack import Mandates, Night, RulePack
from schemas.topics import Topic
from schemas.wire import decode
from services.district.domain.pack import SourceKey
from services.ingest.main import Ingest, build_ingest
from services.ingest.settings import IngestSettings
from services.runtime.bus import Bus
from services.runtime.clock import SteppingClock

DISTRICT = "500108"
WHOLE = "500108000000"
NANPING, DANZISHI, XIAKOU, OLD_NANPING = (
    "500108003000",
    "500108006000",
    "500108105000",
    "500108101000",
)
START = datetime(2026, 7, 16, 12, tzinfo=UTC)
OUTLINE = tuple(
    Position(lat=lat, lon=lon)
    for lat, lon in ((29.45, 106.5), (29.45, 106.8), (29.7, 106.8), (29.7, 106.5))
)


def _place(code: str, name: str, level: PlaceLevel, *at: float) -> Place:
    parent = {PlaceLevel.TOWN: WHOLE, PlaceLevel.VILLAGE: code[:9] + "000"}.get(level)
    position = Position(lat=at[0], lon=at[1]) if at else None
    return Place(code=code, name=name, level=level, parent=parent, position=position)


PLACES = (
    _place(WHOLE, "南岸区", PlaceLevel.DISTRICT),
    _place(NANPING, "南坪街道", PlaceLevel.TOWN, 29.53, 106.56),
    _place(DANZISHI, "弹子石街道", PlaceLevel.TOWN, 29.585, 106.585),
    _place(OLD_NANPING, "南坪镇", PlaceLevel.TOWN, 29.51, 106.58),
    _place(XIAKOU, "峡口镇", PlaceLevel.TOWN, 29.6, 106.68),
    _place("500108003013", "星光社区居民委员会", PlaceLevel.VILLAGE),
    _place("500108003014", "白鹤社区居民委员会", PlaceLevel.VILLAGE),
    _place("500108006001", "石桥社区居民委员会", PlaceLevel.VILLAGE),
    _place("500108006002", "白鹤社区居民委员会", PlaceLevel.VILLAGE),
    _place("500108105202", "大田村村民委员会", PlaceLevel.VILLAGE),
)
POINTS = (
    Point(
        point_id="HP-7",
        name="大田村滑坡",
        kind=PointKind.HAZARD_POINT,
        place="500108105202",
        position=Position(lat=29.605, lon=106.69),
    ),
    Point(point_id="GA-1", name="峡口水文站", kind=PointKind.GAUGE, place=XIAKOU, datum="wusong"),
)
SENSORS = (
    Sensor(sensor_id="RG-1", place=NANPING, metrics=("rain",), interval_s=300),
    Sensor(sensor_id="RG-2", place=XIAKOU, metrics=("rain",), interval_s=300),
    Sensor(
        sensor_id="ST-1",
        place="GA-1",
        metrics=("stage", "stage_forecast"),
        interval_s=300,
        datum="wusong",
        datum_shift={"huanghai": 1_700},
    ),
    Sensor(sensor_id="GL-77", place=NANPING, metrics=("methane",), interval_s=60),
)
_ROLES = (Role.DUTY_LEADER,)
PACK = RulePack(
    pack_id="small",
    version="1",
    district=DISTRICT,
    name="南岸区",
    timezone="Asia/Shanghai",
    night=Night(start=time(22), end=time(6)),
    places=PLACES,
    points=POINTS,
    sensors=SENSORS,
    mandates=Mandates(
        raise_level=_ROLES,
        lower_level=_ROLES,
        confirm_level=_ROLES,
        issue_order=_ROLES,
        lift_order=_ROLES,
        release_quarantine=_ROLES,
    ),
)


def key(name: str, *kinds: str, **scope: Any) -> SourceKey:
    """A source whose key is its own name."""
    sha = hashlib.sha256(name.encode()).hexdigest()
    return SourceKey(name=name, key_sha256=sha, kinds=kinds, **scope)


KEYS = (
    key("sensors", "readings", sensors=("RG-*", "ST-1", "GL-*")),
    key("xiakou", "readings", sensors=("RG-*",), area=XIAKOU),
    key("office", "warnings", area=WHOLE),
    key("town-office", "warnings", area=XIAKOU),
    key("hotline", "tips"),
    key("xiakou-hotline", "tips", area=XIAKOU),
    key("slow", "readings", sensors=("RG-*",), per_s=1.0, burst=2),
)


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers in lower case, and the JSON."""

    status: int
    headers: dict[str, str]
    json: Any


Published = Callable[[Topic], Awaitable[list[Any]]]


class Door:
    """Ingest behind its HTTP door, over a bus, on a clock that stands still."""

    def __init__(
        self, ingest: Ingest, bus: Bus, clock: SteppingClock, published: Published | None = None
    ) -> None:
        self._app = FastAPI()
        self._app.include_router(ingest.router)
        self.ingest = ingest
        self.bus = bus
        self.clock = clock
        self.published = published or self._in_the_log

    async def post(
        self, path: str, body: bytes, as_: str | None, type_: str = "application/json"
    ) -> Answer:
        """Post *body* in parts of 1,000 bytes, with no word of its length."""
        parts = [body[at : at + 1000] for at in range(0, len(body), 1000)] or [b""]
        headers = [(b"content-type", type_.encode("latin-1"))]
        if as_ is not None:
            headers.append((b"authorization", f"Bearer {as_}".encode()))
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self._app(scope, receive, send)
        told = b"".join(message.get("body", b"") for message in sent)
        headers_back = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], headers_back, orjson.loads(told))

    async def events(self) -> list[Any]:
        return await self.published(Topic.EVENTS)

    async def letters(self) -> list[Any]:
        return await self.published(Topic.DEAD_LETTERS)

    async def _in_the_log(self, topic: Topic) -> list[Any]:
        return [decode(topic, one.data) for one in await self.bus.read(topic, DISTRICT, 0)]


async def door(
    bus: Bus, clock: SteppingClock, directory: Path, published: Published | None = None
) -> Door:
    """Open ingest over *bus*; *published* is what its readers see of a topic, if not its log."""
    settings = IngestSettings(data=directory, longest_tip=2_000)
    ingest = build_ingest(bus, clock, PACK, KEYS, settings, {WHOLE: OUTLINE})
    await ingest.open()
    return Door(ingest, bus, clock, published)
