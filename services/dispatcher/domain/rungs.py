"""From a post to the people of its chain, as the roster stands."""

from dataclasses import dataclass
from datetime import datetime

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
