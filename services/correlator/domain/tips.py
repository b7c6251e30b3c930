"""
Tips of class A as evidence: who has seen it, where, when. The same caller counts once, and those
who left no token count as one together.
"""

from dataclasses import dataclass
from typing import Any

from schemas.area import Position
from schemas.event import Tip, TipClass
from schemas.hazard import Hazard
from schemas.rule import TipsCondition
from services.correlator.domain.grading import Grading, Gradings
from services.correlator.domain.instants import span_us, to_us
from services.correlator.domain.leaf import Leaf
from services.correlator.domain.register import is_within
from services.correlator.domain.scene import Scene
from services.correlator.domain.timers import TimerId

_LEAST_REACH_US = 24 * 3_600_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One tip, as far as it is evidence."""

    tip_id: str
    event_id: str
    hazard: Hazard
    caller: str
    at_us: int
    place: str | None
    position: Position | None


class Tips:
    """The tips of a district, and the rules that ask about them."""

    def __init__(self, scene: Scene, gradings: Gradings) -> None:
        self._scene = scene
        self._gradings = gradings
        self._tips: dict[str, Seen] = {}
        self._asking: list[tuple[Grading, Leaf, TipsCondition]] = []
        self._reach_us = _LEAST_REACH_US
        self._lateness_us = span_us(scene.pack.conventions.lateness)

    def ask(self, grading: Grading, leaf: Leaf, condition: TipsCondition) -> None:
        """Let a condition of a rule be asked whenever a tip comes or grows old."""
        self._asking.append((grading, leaf, condition))
        self._reach_us = max(self._reach_us, span_us(condition.window) + self._lateness_us)

    def read(self, event: Tip) -> None:
        """Take in a tip; the same *tip_id* again replaces it. Without a place it is no evidence."""
        before = self._tips.pop(event.tip_id, None)
        is_evidence = event.tip_class is TipClass.A and (event.place or event.position)
        if event.hazard is not None and is_evidence:
            self._tips[event.tip_id] = Seen(
                event.tip_id,
                event.event_id,
                event.hazard,
                event.caller or "",
                to_us(event.occurred_at),
                event.place,
                event.position,
            )
        self._forget()
        hazards = {one.hazard for one in (before, self._tips.get(event.tip_id)) if one is not None}
        for key in self._gradings.keys:
            if key[1] in hazards:
                self._scene.touch(key)
        for grading, leaf, condition in self._asking:
            if condition.hazard in hazards:
                self._answer(grading, leaf, condition)

    def _forget(self) -> None:
        oldest_us = self._scene.now_us - self._reach_us
        for tip_id in [tip_id for tip_id, seen in self._tips.items() if seen.at_us < oldest_us]:
            del self._tips[tip_id]

    def near(self, place: str, hazard: Hazard, radius_m: int, since_us: int) -> list[Seen]:
        """Return the tips about *hazard* at most *radius_m* from *place*, seen since then."""
        register = self._scene.register
        return [
            seen
            for _, seen in sorted(self._tips.items())
            if seen.hazard is hazard
            and seen.at_us >= since_us
            and (
                seen.place == place
                or is_within(self._where(seen), register.position_of(place), radius_m)
            )
        ]

    def _where(self, seen: Seen) -> Position | None:
        if seen.position is not None or seen.place is None:
            return seen.position
        return self._scene.register.position_of(seen.place)

    def _is_near(self, one: Seen, other: Seen, radius_m: int) -> bool:
        if one.place == other.place and (one.position is None or other.position is None):
            return True
        return is_within(self._where(one), self._where(other), radius_m)

    def _circles(self, grading: Grading, condition: TipsCondition) -> list[list[Seen]]:
        """
        Return the groups that lie in one circle: around a point, or in a town around each tip.
        """
        register = self._scene.register
        if grading.place in register.points:
            return [self.near(grading.place, condition.hazard, condition.radius_m, 0)]
        inside = [
            seen
            for _, seen in sorted(self._tips.items())
            if seen.hazard is condition.hazard
            and seen.place is not None
            and register.lies_in(seen.place, grading.place)
        ]
        return [
            [other for other in inside if self._is_near(centre, other, condition.radius_m)]
            for centre in inside
        ]

    def _answer(self, grading: Grading, leaf: Leaf, condition: TipsCondition) -> None:
        now_us, window_us = self._scene.now_us, span_us(condition.window)
        circles = self._circles(grading, condition)
        raising = [
            [seen for seen in circle if end.at_us - window_us <= seen.at_us <= end.at_us]
            for circle in circles
            for end in circle
            if end.at_us >= now_us - self._lateness_us
        ]
        present = [
            [seen for seen in circle if seen.at_us >= now_us - window_us] for circle in circles
        ]
        raised = [found for found in raising if _callers(found) >= condition.count]
        stands = any(_callers(found) >= condition.count for found in present)
        if raised:
            found = max(raised, key=lambda group: (_callers(group), _ids(group)))
            leaf.kept = _callers(found), _ids(found)
            if leaf.turn(met=True):
                self._gradings.evaluate(grading)
        if not stands and leaf.turn(met=False):
            self._gradings.evaluate(grading)
        leaving = [seen.at_us for circle in circles for seen in circle]
        due_us = [at_us + window_us + 1 for at_us in leaving if at_us >= now_us - window_us]
        timer = ("tips", grading.rule.id, grading.place, str(leaf.index))
        if leaf.met and due_us:
            self._scene.timers.set(timer, min(due_us))
        else:
            self._scene.timers.cancel(timer)

    def time_came(self, timer: TimerId) -> None:
        """A tip has grown too old for a condition."""
        for grading, leaf, condition in self._asking:
            if (grading.rule.id, grading.place, str(leaf.index)) == timer[1:]:
                self._answer(grading, leaf, condition)

    def begin(self, earlier: "Tips | None") -> None:
        """Start under a new pack, with the tips known under the one before."""
        if earlier is not None:
            self._tips = earlier._tips  # noqa: SLF001 - its own kind
        for grading, leaf, condition in self._asking:
            self._answer(grading, leaf, condition)

    def dump(self) -> list[list[Any]]:
        """Return the tips that are evidence."""
        return [
            [
                seen.tip_id,
                seen.event_id,
                seen.hazard.value,
                seen.caller,
                seen.at_us,
                seen.place,
                None if seen.position is None else [seen.position.lat, seen.position.lon],
            ]
            for _, seen in sorted(self._tips.items())
        ]

    def load(self, dumped: list[list[Any]]) -> None:
        """Take over what `dump` returned."""
        for tip_id, event_id, hazard, caller, at_us, place, at in dumped:
            position = None if at is None else Position(lat=at[0], lon=at[1])
            self._tips[tip_id] = Seen(
                tip_id, event_id, Hazard(hazard), caller, at_us, place, position
            )


def _callers(group: list[Seen]) -> int:
    return len({seen.caller for seen in group})


def _ids(group: list[Seen]) -> tuple[str, ...]:
    return tuple(sorted({seen.event_id for seen in group}))
