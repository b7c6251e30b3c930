"""From a response or an order to the posts to reach, and from a post to the people of its chain."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.chain import Rung, RungKind
from services.district.domain.pack import Pack
from services.district.domain.policy import Limits
from services.district.domain.roster import Post

NO_HOLDER = "no_holder"
NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the roster that a callout ran into: who is missing, or has no number."""

    reason: str
    person: str | None = None


def roles_called(pack: Pack, level: Level, hazard: Hazard) -> tuple[Role, ...]:
    """Return the roles that the matrix calls for *hazard* at *level* (domain.md D.2)."""
    roles = [
        called.role
        for called in pack.policies.levels[level].called
        if called.hazards is None or hazard in called.hazards
    ]
    if level >= Level.II:
        roles += pack.policies.additions.get(hazard, ())
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


def rungs_for(
    pack: Pack, post: Post, limits: Limits, now: datetime
) -> tuple[tuple[Rung, ...], tuple[Fault, ...]]:
    """
    Return the rungs of a chain for *post* as the roster stands at *now*, and what is wrong with it.

    Holder, deputies in their order, then the holder of the superior post. Nobody is on it twice.
    """
    shift = pack.roster.shift_at(post.post_id, now)
    faults = [Fault(NO_HOLDER)] if shift.holder is None else []
    people = [(RungKind.HOLDER, shift.holder)]
    people += [(RungKind.DEPUTY, deputy) for deputy in shift.deputies]
    if post.superior is not None:
        people.append((RungKind.SUPERIOR, pack.roster.shift_at(post.superior, now).holder))
    is_rung = limits.voice_roles is None or post.role in limits.voice_roles
    rungs: dict[str, Rung] = {}
    for kind, person_id in people if is_rung else people[:1]:
        if person_id is None or person_id in rungs:
            continue
        person = pack.roster.people[person_id]
        voice = person.voice_contact if is_rung else None
        sms = person.sms_contact
        if is_rung and voice is None:
            faults.append(Fault(NO_CONTACT, person_id))
        if voice is not None or sms is not None:
            rungs[person_id] = Rung(
                kind,
                person_id,
                voice.contact_id if voice else None,
                sms.contact_id if sms else None,
            )
    return tuple(rungs.values()), tuple(faults)
