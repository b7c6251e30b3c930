"""From a post to the people of its chain, as the roster stands."""

from dataclasses import dataclass
from datetime import datetime

from services.dispatcher.domain.asks.rung import Rung, RungKind
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
    faults = [Fault(NO_HOLDER)] if not shift.holders else []
    people: list[tuple[RungKind, str | None, str]] = []
    people += [(RungKind.HOLDER, holder, post.place) for holder in shift.holders]
    people += [(RungKind.DEPUTY, deputy, post.place) for deputy in shift.deputies]
    if post.superior is not None:
        above = pack.roster.posts[post.superior]
        over = pack.roster.shift_at(above.post_id, now)
        people.append((RungKind.SUPERIOR, over.holder, above.place))
    is_rung = limits.voice_roles is None or post.role in limits.voice_roles
    rungs: dict[str, Rung] = {}
    for kind, person_id, place in people if is_rung else people[: len(shift.holders)]:
        if person_id is None or person_id in rungs:
            continue
        person = pack.roster.people[person_id]
        voices = person.voice_contacts if is_rung else ()
        sms = person.sms_contact
        if is_rung and not voices:
            faults.append(Fault(NO_CONTACT, person_id))
        if voices or sms is not None:
            rungs[person_id] = Rung(
                kind,
                person_id,
                tuple(voice.contact_id for voice in voices),
                sms.contact_id if sms else None,
                place,
            )
    return tuple(rungs.values()), tuple(faults)
