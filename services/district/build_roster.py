"""Posts, people, shifts and numbers: every reference looked up, every chain of superiors ended."""

import re
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from services.district.document import Document
from services.district.domain.roster import Contact, Person, Post, Shift
from services.district.faults import Faults
from services.district.pack_files import PeopleFile, PostsFile, ShiftsFile

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
        posts[entry.id] = Post(entry.id, entry.name, entry.role, entry.place, entry.superior)
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
    for at, entry in enumerate(file.people):
        path = ("people", at)
        if entry.id in people:
            document.fault(faults, (*path, "id"), f"the person {entry.id!r} stands here twice")
        contacts = []
        for nth, contact in enumerate(entry.contacts):
            contact_id = contact.id or f"{entry.id}.{nth + 1}"
            where = (*path, "contacts", nth)
            if contact_id in numbers:
                document.fault(faults, where, f"the contact {contact_id!r} stands here twice")
            if demo and not _CANNOT_RING.fullmatch(contact.number):
                reason = "a number of a demo pack is +86100 and eight digits, which cannot ring"
                document.fault(faults, (*where, "number"), reason)
            numbers[contact_id] = contact.number
            contacts.append(Contact(contact_id, contact.voice, contact.sms))
        people[entry.id] = Person(entry.id, entry.name, tuple(contacts))
    return people, numbers


def build_shifts(
    document: Document,
    file: ShiftsFile,
    posts: Collection[str] | None,
    people: Collection[str] | None,
    faults: Faults,
) -> dict[str, tuple[Shift, ...]]:
    """
    Return the shifts by post; *posts* and *people* are the ids of those there are, if known.

    A post without a shift is no mistake of the pack but a gap, shown later.
    """
    shifts: dict[str, list[Shift]] = defaultdict(list)
    begins: set[tuple[str, datetime | None]] = set()
    for at, entry in enumerate(file.shifts):
        path = ("shifts", at)
        if posts is not None and entry.post not in posts:
            document.fault(faults, (*path, "post"), f"unknown post {entry.post!r}")
        if people is not None and entry.holder is not None and entry.holder not in people:
            document.fault(faults, (*path, "holder"), f"unknown person {entry.holder!r}")
        for nth, deputy in enumerate(entry.deputies):
            if people is not None and deputy not in people:
                document.fault(faults, (*path, "deputies", nth), f"unknown person {deputy!r}")
            elif deputy == entry.holder:
                document.fault(faults, (*path, "deputies", nth), f"{deputy!r} is his own deputy")
        start, end = entry.span
        if start is not None and end is not None and end <= start:
            document.fault(faults, (*path, "end"), "the shift ends before it starts")
        # Of two that cover an instant the later start holds; of two starts at once neither does.
        if (entry.post, start) in begins:
            reason = f"another shift of the post {entry.post!r} begins at the same instant"
            document.fault(faults, (*path, "post"), reason)
        begins.add((entry.post, start))
        shifts[entry.post].append(Shift(entry.post, entry.holder, entry.deputies, start, end))
    return {post: tuple(held) for post, held in shifts.items()}


def _circle_of(post: Post, posts: dict[str, Post]) -> tuple[str, ...]:
    """Return the posts from *post* up to itself again, or nothing where the way up ends."""
    way: list[str] = [post.post_id]
    above = post.superior
    while above in posts and above not in way:
        way.append(above)
        above = posts[above].superior
    return tuple(way) if above == post.post_id else ()
