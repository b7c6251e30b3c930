"""What the order form was filled with, and what is wrong with it, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, QueryParams

from schemas.act import OrderIssued
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.role import Role
from services.console.entrypoints.act_texts import LONGEST, fault_of

_FAULTS = {
    "text": f"内容最多 {LONGEST} 字，不能有控制字符。",
    "ends_at": "结束时间要晚于开始时间和现在。",
    "executors": "要选至少一种执行岗位。",
}


@dataclass(frozen=True, slots=True)
class OrderForm:
    """The fields as typed; a refused form keeps them."""

    measure: str
    place: str
    hazard: str
    level: str
    text: str
    executors: tuple[str, ...]
    starts_at: str
    ends_at: str
    key: str

    @classmethod
    def read(
        cls,
        given: FormData | QueryParams,
        place: str,
        hazard: Hazard = Hazard.RAINSTORM,
        level: Level = Level.II,
    ) -> "OrderForm":
        """
        Return the form as it was sent; *place* is what its words were found to mean.

        *hazard* and *level* stand where nothing was said.
        """

        def one(name: str, default: str = "") -> str:
            return str(given.get(name, default))

        return cls(
            measure=one("measure", Measure.EVACUATE.value),
            place=place,
            hazard=one("hazard", hazard.value),
            level=one("level", level.name),
            text=one("text").strip(),
            executors=tuple(str(role) for role in given.getlist("executors")),
            starts_at=one("starts_at"),
            ends_at=one("ends_at"),
            key=one("key"),
        )


def order_of(form: OrderForm, zone: ZoneInfo, now: datetime) -> OrderIssued | str:
    """Return the order that *form* says, or what is wrong with it in words."""
    if not form.place:
        return "要写清地点：填名称或代码，从列表里选。"
    known: Mapping[str, Mapping[str, object]] = {
        "measure": Measure.__members__,
        "hazard": Hazard.__members__,
        "level": Level.__members__,
    }
    if any(getattr(form, name) not in values for name, values in known.items()):
        return "措施、灾种、级别要从列表里选。"
    try:
        starts_at, ends_at = _instant(form.starts_at, zone), _instant(form.ends_at, zone)
        executors = tuple(Role(role) for role in form.executors)
    except ValueError:
        return "时间写成 年-月-日 时:分。"
    order = OrderIssued(
        measure=Measure(form.measure),
        place=form.place,
        hazard=Hazard(form.hazard),
        level=Level[form.level],
        text=form.text,
        executors=executors,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    fault = fault_of(order, now)
    return _FAULTS[fault] if fault is not None else order


def _instant(given: str, zone: ZoneInfo) -> datetime | None:
    if not given:
        return None
    at = datetime.fromisoformat(given)
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)
