"""Posts, people, shifts and numbers: every reference looked up, every chain of superiors ended."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from services.district.document import Document
from services.district.domain.roster import Contact, Person, Post, Shift
from services.district.faults import Faults
from services.district.pack_files import PeopleFile, PostsFile, ShiftEntry, ShiftsFile

# No Chinese mobile or service number begins with 100 and goes on for eleven digits.
_CANNOT_RING = re.compile(r"\+86100\d{8}")


def build_posts(
    document: Document,
    file: PostsFile,
    keys: Collection[str] | None,
    ids: Collection[str],
    faults: Faults,
) -> dict[str, Post]:
    """
    Return the posts by id; *keys* are the places and points they may be for, if known, and *ids*
    those of every post that is written down, also with a mistake.
    """
    posts: dict[str, Post] = {}
    at_of: dict[str, int] = {}
    for at, entry in enumerate(file.posts):
        if entry.id in posts:
            document.fault(faults, ("posts", at, "id"), f"the post {entry.id!r} stands here twice")
        if keys is not None and entry.place not in keys:
            reason = f"unknown place or point {entry.place!r}"
            document.fault(faults, ("posts", at, "place"), reason)
        posts[entry.id] = Post(
            entry.id, entry.name, entry.role, entry.place, entry.superior, entry.need
        )
        at_of[entry.id] = at
    for post in posts.values():
        path = ("posts", at_of[post.post_id], "superior")
        if post.superior is not None and post.superior not in {*ids, *posts}:
            document.fault(faults, path, f"unknown superior {post.superior!r}")
            continue
        circle = _circle_of(post, posts)
        if circle and at_of[post.post_id] == min(at_of[one] for one in circle):
            way = " → ".join((*circle, post.post_id))
            document.fault(faults, path, f"the post {post.post_id!r} is above itself: {way}")
    return posts


def build_people(
    document: Document, file: PeopleFile, *, demo: bool, faults: Faults
) -> tuple[dict[str, Person], dict[str, str]]:
    """Return the people by id, and the numbers by contact id."""
    people: dict[str, Person] = {}
    numbers: dict[str, str] = {}
    known: dict[str, str] = {}  # by number: two people of one landline share its contact
    for at, entry in enumerate(file.people):
        path = ("people", at)
        if entry.id in people:
            document.fault(faults, (*path, "id"), f"the person {entry.id!r} stands here twice")
        contacts = []
        for nth, contact in enumerate(entry.contacts):
            where = (*path, "contacts", nth)
            contact_id = contact.id or known.get(contact.number) or f"{entry.id}.{nth + 1}"
            if numbers.get(contact_id, contact.number) != contact.number:
                document.fault(faults, where, f"the contact {contact_id!r} stands here twice")
            elif known.setdefault(contact.number, contact_id) != contact_id:
                reason = f"the number of {contact_id!r} is that of {known[contact.number]!r} too"
                document.fault(faults, where, reason)
            if demo and not _CANNOT_RING.fullmatch(contact.number):
                reason = "a number of a demo pack is +86100 and eight digits, which cannot ring"
                document.fault(faults, (*where, "number"), reason)
            numbers[contact_id] = contact.number
            contacts.append(Contact(contact_id, contact.voice, contact.sms))
        people[entry.id] = Person(entry.id, entry.name, tuple(contacts), entry.language)
    return people, numbers


def build_shifts(
    document: Document,
    file: ShiftsFile,
    posts: Collection[str] | None,
    people: Collection[str] | None,
    needs: Mapping[str, int],
    faults: Faults,
) -> dict[str, tuple[Shift, ...]]:
    """
    Return the shifts by post; *posts* and *people* are the ids of those there are, if known, and
    *needs* how many must confirm for a post.

    A post without a shift is no mistake of the pack but a gap, shown later.
    """
    shifts: dict[str, list[Shift]] = defaultdict(list)
    begins: set[tuple[str, datetime | None]] = set()
    for at, entry in enumerate(file.shifts):
        path = ("shifts", at)
        if posts is not None and entry.post not in posts:
            document.fault(faults, (*path, "post"), f"unknown post {entry.post!r}")
        _check_people(document, path, entry, people, needs.get(entry.post, 1), faults)
        start, end = entry.span
        if start is not None and end is not None and end <= start:
            document.fault(faults, (*path, "end"), "the shift ends before it starts")
        # Of two that cover an instant the later start holds; of two starts at once neither does.
        if (entry.post, start) in begins:
            reason = f"another shift of the post {entry.post!r} begins at the same instant"
            document.fault(faults, (*path, "post"), reason)
        begins.add((entry.post, start))
        shifts[entry.post].append(
            Shift(entry.post, entry.holder, entry.deputies, start, end, entry.together)
        )
    return {post: tuple(held) for post, held in shifts.items()}


def _check_people(
    document: Document,
    path: tuple[str | int, ...],
    entry: ShiftEntry,
    people: Collection[str] | None,
    need: int,
    faults: Faults,
) -> None:
    named = [
        (("holder",), entry.holder),
        *((("together", nth), other) for nth, other in enumerate(entry.together)),
        *((("deputies", nth), deputy) for nth, deputy in enumerate(entry.deputies)),
    ]
    for where, person in named:
        if people is not None and person is not None and person not in people:
            document.fault(faults, (*path, *where), f"unknown person {person!r}")
        elif where[0] == "deputies" and person in {entry.holder, *entry.together}:
            document.fault(faults, (*path, *where), f"{person!r} is his own deputy")
    if need > 1 and need > len({person for _, person in named} - {None}):
        document.fault(faults, path, f"{need} must confirm for {entry.post!r}, and fewer are here")


def _circle_of(post: Post, posts: dict[str, Post]) -> tuple[str, ...]:
    """Return the posts from *post* up to itself again, or nothing where the way up ends."""
    way: list[str] = [post.post_id]
    above = post.superior
    while above in posts and above not in way:
        way.append(above)
        above = posts[above].superior
    return tuple(way) if above == post.post_id else ()
