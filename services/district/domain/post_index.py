"""The posts of a pack by place, so that a callout finds its own without looking at all of them."""

from collections import defaultdict
from collections.abc import Iterable

from schemas.role import Role
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.roster import Post


class PostIndex:
    """Which posts answer for which place; made once for a pack."""

    def __init__(self, pack: Pack, tree: PlaceTree) -> None:
        self._tree = tree
        self._at: dict[str, list[Post]] = defaultdict(list)
        self._within: dict[str, list[Post]] = defaultdict(list)
        for _, post in sorted(pack.roster.posts.items()):
            self._at[post.place].append(post)
            for place in tree.upwards(post.place):
                self._within[place].append(post)

    def answering_for(self, place: str, roles: Iterable[Role]) -> tuple[Post, ...]:
        """
        Return the posts of *roles* that answer for *place*: those over it, at it and inside it.

        A town's response reaches the district's posts above it and the villages and points in it; a
        point's reaches what it lies in, not its neighbours.
        """
        wanted = set(roles)
        found = [post for post in self._within.get(place, ()) if post.role in wanted]
        for outer in self._tree.upwards(place):
            if outer != place:
                found += [post for post in self._at.get(outer, ()) if post.role in wanted]
        return tuple(sorted(found, key=lambda post: post.post_id))
