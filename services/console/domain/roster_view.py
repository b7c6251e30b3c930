"""Tonight's roster: who holds each post, and its gaps first."""

from datetime import datetime, timedelta

from services.console.domain.names import Names
from services.console.domain.views.roster import RosterRow
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.roster import Post

ENDS_SOON = timedelta(hours=1)
_WORST = ("no_holder", "no_contact", "ends_soon", "no_deputy")


def roster_rows(pack: Pack, names: Names, tree: PlaceTree, now: datetime) -> list[RosterRow]:
    """Return every post as it stands at *now*, those with the worst gap first."""
    rows = [roster_row(pack, names, tree, post, now) for post in pack.roster.posts.values()]
    return sorted(rows, key=lambda row: (_rank(row), row.town, row.post))


def roster_row(pack: Pack, names: Names, tree: PlaceTree, post: Post, now: datetime) -> RosterRow:
    """Return one post: holder, number, deputies, and what is missing."""
    shift = pack.roster.shift_at(post.post_id, now)
    holder = pack.roster.people.get(shift.holder or "")
    contact = (holder.voice_contact or holder.sms_contact) if holder is not None else None
    faults = []
    if holder is None:
        faults.append("no_holder")
    elif contact is None:
        faults.append("no_contact")
    if shift.end is not None and shift.end - now <= ENDS_SOON:
        following = pack.roster.shift_at(post.post_id, shift.end)
        if following.holder is None:
            faults.append("ends_soon")
    if not shift.deputies:
        faults.append("no_deputy")
    return RosterRow(
        post=post.post_id,
        post_name=post.name,
        role=post.role,
        place_name=names.place(post.place),
        town=tree.town_of(post.place) or "",
        holder_name=holder.name if holder is not None else "",
        contact=names.contact(contact.contact_id) if contact is not None else "",
        deputies=tuple(names.person(person) for person in shift.deputies),
        superior_name=names.post(post.superior) if post.superior else "",
        until=shift.end,
        faults=tuple(faults),
    )


def _rank(row: RosterRow) -> int:
    return min((_WORST.index(fault) for fault in row.faults), default=len(_WORST))
