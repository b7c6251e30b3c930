"""Responses in force, why they are, and where they stand on the map."""

from dataclasses import dataclass
from datetime import datetime

from schemas.hazard import Hazard
from schemas.level import Level


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason as a sentence, with what it cites. *rule* is "RAINSTORM-II v2" or None."""

    text: str
    rule: str | None = None
    raise_rule: str | None = None
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseView:
    """A response in force: the three levels side by side, never merged, and why."""

    place: str
    place_name: str
    town: str
    hazard: Hazard
    hazard_name: str
    warning_level: Level | None
    hazard_level: Level | None
    response_level: Level
    confirmed: bool
    needs_confirmation: bool
    """II or I that no person has confirmed yet. Calling never waited for it."""
    raises: tuple[str, ...]
    began_at: datetime
    changed_at: datetime
    measured: str
    """The worst value that its reasons cite, with unit: "83 毫米"; empty when none does."""
    decided: str
    """How the response level came about: 自动启动, UP4 提 1 级, 人工决定 …"""
    reasons: tuple[ReasonView, ...]
    people: int | None
    households: int | None


@dataclass(frozen=True, slots=True)
class PlaceMark:
    """A place or point on the map with the worst response in force at it, if any."""

    place: str
    name: str
    kind: str
    """town, village, hazard_point, gauge, unit, part."""
    lat: float
    lon: float
    level: Level | None
    hazard_name: str = ""
    orders: tuple[str, ...] = ()
    """The orders in force there: "撤 O1"."""
    dead: tuple[str, ...] = ()
    """The channels that are dead there: 电话, 短信."""
