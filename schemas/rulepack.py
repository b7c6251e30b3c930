"""The part of a district pack that decisions are made from. It holds no person and no number."""

from datetime import time, timedelta

from pydantic import Field

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.place import Place, Point, Sensor
from schemas.record import DistrictCode, Part
from schemas.role import Role
from schemas.rule import Rule


class Night(Part):
    """UP1: between *start* and *end*, local time, limits are those of the night."""

    start: time
    end: time


class Mandates(Part):
    """Which roles may do what with a level or an order (the acts of a person)."""

    raise_level: tuple[Role, ...]
    lower_level: tuple[Role, ...]
    confirm_level: tuple[Role, ...]
    issue_order: tuple[Role, ...]
    lift_order: tuple[Role, ...]
    release_quarantine: tuple[Role, ...]
    vouch: tuple[Role, ...] = ()
    """Who may record what he heard by radio, landline or at the door, and what a task came to."""
    report_channel: tuple[Role, ...] = ()
    """Who may say that phones are dead in an area, and that they work again."""


class Conventions(Part):
    """The numbers of domain.md D.0 and D.3 that are the same for every rule."""

    lateness: timedelta = timedelta(minutes=30)
    """How late a reading may be and still raise (D.0.5)."""
    silence_intervals: int = 4
    """Missing reports that make a sensor silent (D.0.7)."""
    corroboration_window: timedelta = timedelta(minutes=30)
    corroboration_radius_m: int = 1000
    up2_window: timedelta = timedelta(hours=3)
    up4_window: timedelta = timedelta(hours=72)
    up4_rain: int = 100_000
    up4_hazards: tuple[Hazard, ...] = (Hazard.LANDSLIDE, Hazard.FLASH_FLOOD)
    max_raise: int = 2
    clear_hold_default: timedelta = timedelta(hours=1)
    """Between two steps down of a response for whose hazard there is no rule at the place."""


class RulePack(Part):
    """
    Places, sensors, rules and conventions of one version of a district pack.

    *families* maps hazards to the family whose callouts they share; a hazard not named is its own
    family. *warning_validity* is how long a warning without `expires` stands (D.0.3).
    """

    pack_id: str
    version: str
    district: DistrictCode
    name: str
    timezone: str
    night: Night
    families: dict[Hazard, str] = Field(default_factory=dict)
    warning_validity: dict[Hazard, timedelta] = Field(default_factory=dict)
    warning_validity_default: timedelta = timedelta(hours=24)
    warning_response: dict[Level, Level] = Field(default_factory=lambda: {at: at for at in Level})
    places: tuple[Place, ...]
    points: tuple[Point, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    rules: tuple[Rule, ...] = ()
    mandates: Mandates
    conventions: Conventions = Conventions()

    def family_of(self, hazard: Hazard) -> str:
        """Return the callout family of *hazard*."""
        return self.families.get(hazard, hazard.value)
