"""Whom the matrix calls and within which limits, by day and by night (domain.md D.2, UP1)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.district.domain.pack import Pack
from services.district.domain.policy import Limits, Policies


def roles_called(pack: Pack, level: Level, hazard: Hazard) -> tuple[Role, ...]:
    """Return the roles that the matrix calls for *hazard* at *level* (domain.md D.2)."""
    return called_at(pack.policies, level, hazard)


def called_at(policies: Policies, level: Level, hazard: Hazard) -> tuple[Role, ...]:
    """Return the roles that *policies* call for *hazard* at *level*."""
    roles = [
        called.role
        for called in policies.levels[level].called
        if called.hazards is None or hazard in called.hazards
    ]
    if level >= Level.II:
        roles += policies.additions.get(hazard, ())
    return tuple(dict.fromkeys(roles))


def limits_for(pack: Pack, level: Level, *, night: bool) -> Limits:
    """Return the limits of *level*; at night those of UP1."""
    policy = pack.policies.levels[level]
    return policy.night if night else policy.day


def is_night(pack: Pack, now: datetime) -> bool:
    """Whether it is night (UP1) where the district is."""
    local = now.astimezone(ZoneInfo(pack.rules.timezone)).time()
    start, end = pack.rules.night.start, pack.rules.night.end
    return start <= local < end if start < end else local >= start or local < end
