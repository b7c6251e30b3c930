"""
Whom an order would call, before it is sent, and how long the first calls take.

The posts are those that the dispatcher calls: the executors that answer for the place. The times
are those of the dispatcher's own planner, for lines that nobody uses just now.
"""

from datetime import datetime

from schemas.level import Level
from schemas.measure import Measure
from schemas.place import PlaceLevel
from schemas.role import Role
from services.console.domain.names import Names
from services.console.domain.roster_view import roster_row
from services.console.domain.views.orders import FirstRound
from services.district.domain.matrix import is_night, limits_for
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.planner import Capacity, call_lengths, plan
from services.district.domain.post_index import PostIndex
from services.district.domain.templates import TextKey

_LAYERS = {
    PlaceLevel.DISTRICT: "区级",
    PlaceLevel.TOWN: "镇街",
    PlaceLevel.VILLAGE: "村社",
    PlaceLevel.GRID: "网格",
}
_POINT = "点位与单位"


class FirstRounds:
    """Estimates for one pack; its index of posts is made once."""

    def __init__(self, pack: Pack, names: Names, tree: PlaceTree) -> None:
        self._pack = pack
        self._names = names
        self._tree = tree
        self._index = PostIndex(pack, tree)
        self._levels = {place.code: place.level for place in pack.rules.places}

    def of(
        self,
        place: str,
        executors: tuple[Role, ...],
        measure: Measure,
        level: Level,
        hazard_name: str,
        text: str,
        now: datetime,
    ) -> FirstRound:
        """Return whom the order would call and how long the first round takes."""
        posts = self._index.answering_for(place, executors)
        rows = tuple(roster_row(self._pack, self._names, self._tree, post, now) for post in posts)
        people = {
            holder
            for post in posts
            if (holder := self._pack.roster.shift_at(post.post_id, now).holder) is not None
            and (person := self._pack.roster.people.get(holder)) is not None
            and person.voice_contact is not None
        }
        layers: dict[str, int] = dict.fromkeys((*_LAYERS.values(), _POINT), 0)
        for post in posts:
            layer = self._levels.get(post.place)
            layers[_LAYERS[layer] if layer is not None else _POINT] += 1
        spoken = self._spoken(place, measure, level, hazard_name, text)
        dialled_s, listened_s = self._times(len(people), spoken, level, now)
        return FirstRound(
            posts=rows,
            by_layer=tuple((name, count) for name, count in layers.items() if count),
            dialled_s=dialled_s,
            listened_s=listened_s,
            spoken=spoken,
            unreachable=sum(not row.contact for row in rows),
        )

    def roles_at(self, place: str) -> list[Role]:
        """Return the roles of the posts that answer for *place*."""
        found = {post.role for post in self._index.answering_for(place, tuple(Role))}
        return [role for role in Role if role in found]

    def _times(self, calls: int, spoken: str, level: Level, now: datetime) -> tuple[float, float]:
        policies = self._pack.policies
        limits = limits_for(self._pack, level, night=is_night(self._pack, now))
        ring_timeout = policies.budget.ring_timeout
        lengths = call_lengths(policies.expected, spoken, ring_timeout, coded=limits.coded)
        capacities = [Capacity(account) for account in policies.budget.accounts]
        found = plan(range(calls), capacities, lengths)
        return round(found.last_in.total_seconds(), 1), round(found.over_in.total_seconds(), 1)

    def _spoken(
        self, place: str, measure: Measure, level: Level, hazard_name: str, text: str
    ) -> str:
        said = self._pack.templates.fill(
            TextKey.VOICE_ORDER,
            exercise="",
            level=self._names.level(level),
            hazard=hazard_name,
            place=self._names.place(place),
            why=text or "（内容）",
            measure=self._names.measure(measure),
            target="",
            post="（各自岗位）",
        )
        return said + self._pack.templates.text(TextKey.VOICE_MENU)
