"""
One rule at one place: when it comes to hold, why, and when it holds no more.

It comes to hold at once. It ends only when the rule, asked with the clearing thresholds, has not
held for its whole clearing time, and no sensor that had made it hold was silent in that time: a
silent sensor proves nothing (domain.md D.0.6, D.0.7).
"""

from bisect import insort

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.reason import Reason, ReasonCode
from schemas.rule import Rule
from services.correlator.domain.alternative import Alternative
from services.correlator.domain.dial import Watch
from services.correlator.domain.instants import span_us
from services.correlator.domain.leaf import Leaf, take_apart
from services.correlator.domain.scene import Key, Scene
from services.correlator.domain.timers import TimerId


class Grading:
    """
    The state of *rule* at *place*.

    *sources* are the sensors that have had a part in it since it came to hold. *left_us* is when it
    was last met, in the log's time; None while it is, or never was. *earlier* explains what came to
    hold under a pack before.
    """

    __slots__ = (
        "active",
        "alternatives",
        "below_since_us",
        "earlier",
        "leaves",
        "left_us",
        "met",
        "place",
        "proposed",
        "rule",
        "sources",
        "town",
    )

    def __init__(self, rule: Rule, place: str, town: str) -> None:
        self.rule = rule
        self.place = place
        self.town = town
        self.leaves, sufficing = take_apart(rule.when)
        self.alternatives = tuple(
            Alternative(tuple(self.leaves[at] for at in found)) for found in sufficing
        )
        self.active = False
        self.met = False
        self.left_us: int | None = None
        self.below_since_us: int | None = None
        self.sources: set[str] = set()
        self.proposed: set[int] = set()
        self.earlier: tuple[Reason, ...] = ()

    @property
    def key(self) -> Key:
        """The response it counts for."""
        return self.place, self.rule.hazard

    @property
    def timer(self) -> TimerId:
        """The timer of its clearing time."""
        return ("clear", self.rule.id, self.place)

    def look(self, now_us: int, since_us: int) -> bool:
        """Ask its conditions again; return whether one is met that was not met since *since_us*."""
        met = came = False
        for alternative in self.alternatives:
            was_met = alternative.was_met_since(since_us)
            if alternative.look(self.rule, self.place, now_us):
                met, came = True, came or not was_met
                for leaf in alternative.leaves:
                    self.sources |= {watch.sensor_id for watch in leaf.watches if watch.met}
        if self.met and not met:
            self.left_us = now_us
        self.met = met
        return came

    def stays(self) -> bool:
        """Whether the rule, asked with the clearing thresholds, holds."""
        return any(all(leaf.held for leaf in found.leaves) for found in self.alternatives)

    def rested_on(self, since_us: int) -> list[Alternative]:
        """Return what has met it at or after *since_us*."""
        return [found for found in self.alternatives if found.was_met_since(since_us)]

    def reasons(self) -> tuple[Reason, ...]:
        """Return a reason for each condition that makes it hold, or did when it was last met."""
        found = [
            reason
            for alternative in self.alternatives
            if (alternative.met if self.met else self._was_last(alternative))
            for reason in alternative.reasons(self.rule, self.place)
        ]
        return tuple(dict.fromkeys(found)) or self.earlier

    def _was_last(self, alternative: Alternative) -> bool:
        return self.left_us is not None and alternative.left_us == self.left_us

    def cleared(self) -> Reason:
        """Return the reason that says that the rule holds no more."""
        return Reason(
            code=ReasonCode.CLEARED,
            place=self.place,
            hazard=self.rule.hazard,
            level=self.rule.level,
            rule_id=self.rule.id,
            rule_version=self.rule.version,
        )

    def inherit(self, before: "Grading") -> None:
        """Go on from the same rule at the same place under the pack before."""
        self.active = before.active
        self.sources = before.sources
        self.proposed = before.proposed
        self.earlier = before.reasons()

    def alone(self, since_us: int) -> dict[str, tuple[str, ...]]:
        """Return the sensors that sufficed by themselves since *since_us*, with their events."""
        found: dict[str, tuple[str, ...]] = {}
        for alternative in self.alternatives:
            parts = [_recent(leaf, since_us) for leaf in alternative.leaves]
            for sensor_id in set.intersection(*(set(part) for part in parts)):
                ids = {event_id for part in parts for event_id in part[sensor_id]}
                found[sensor_id] = tuple(sorted(ids.union(found.get(sensor_id, ()))))
        return found


Evidence = tuple[Grading, Alternative]
"""A rule, and one way in which it is or was met."""


def _severity(grading: Grading) -> tuple[int, str, str]:
    return -grading.rule.level, grading.rule.id, grading.place


def _recent(leaf: Leaf, since_us: int) -> dict[str, tuple[str, ...]]:
    return {
        watch.sensor_id: seen[1]
        for watch in leaf.watches
        if _was_met(watch, since_us) and (seen := watch.seen()) is not None
    }


def _was_met(watch: Watch, since_us: int) -> bool:
    return watch.met or (watch.unmet_us is not None and watch.unmet_us >= since_us)


class Gradings:
    """All rules at all their places."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.all: dict[tuple[str, str], Grading] = {}
        self._by_key: dict[Key, list[Grading]] = {}
        self._serious: dict[str, list[Grading]] = {}
        self._apart: dict[tuple[str, Hazard, frozenset[str]], list[Evidence]] = {}
        self._fed: dict[str, set[Key]] = {}
        self.prior_rain: dict[Key, list[Watch]] = {}

    def add(self, grading: Grading) -> None:
        """Take in a rule at a place; they are added in the order of rule id and place."""
        self.all[grading.rule.id, grading.place] = grading
        self._by_key.setdefault(grading.key, []).append(grading)
        if grading.rule.level >= Level.III:
            insort(self._serious.setdefault(grading.town, []), grading, key=_severity)
        for leaf in grading.leaves:
            for watch in leaf.watches:
                self._fed.setdefault(watch.sensor_id, set()).add(grading.key)

    def at(self, key: Key) -> list[Grading]:
        """Return the rules for a hazard at a place."""
        return self._by_key.get(key, [])

    @property
    def keys(self) -> list[Key]:
        """Return every response that rules can count for."""
        return sorted(self._by_key)

    def active_at(self, key: Key) -> list[Grading]:
        """Return those of them that hold."""
        return [grading for grading in self.at(key) if grading.active]

    def level_at(self, key: Key) -> Level | None:
        """Return the hazard level: the worst of the rules that hold."""
        return max((grading.rule.level for grading in self.active_at(key)), default=None)

    def apart_from(self, own: Grading, quantities: frozenset[str]) -> list[Evidence]:
        """
        Return what may show another hazard at III or worse in the town of *own*, the worst first,
        as far as it rests on none of *quantities*.
        """
        about = own.town, own.rule.hazard, quantities
        if about not in self._apart:
            self._apart[about] = [
                (other, found)
                for other in self._serious.get(own.town, ())
                if other.rule.hazard is not own.rule.hazard
                for found in other.alternatives
                if found.quantities.isdisjoint(quantities)
            ]
        return self._apart[about]

    def fed_by(self, sensor_id: str) -> list[Key]:
        """Return the responses whose rules look at a sensor."""
        return sorted(self._fed.get(sensor_id, ()))

    def is_fed_by(self, key: Key, sensor_id: str) -> bool:
        """Whether a rule for *key* looks at a sensor."""
        return key in self._fed.get(sensor_id, ())

    def hold_us(self, key: Key) -> int:
        """Return the clearing time of a response: the longest of its rules', or the convention's."""
        spans = [span_us(grading.rule.clear.hold) for grading in self.at(key)]
        return max(spans, default=span_us(self._scene.pack.conventions.clear_hold_default))

    def evaluate(self, grading: Grading) -> None:
        """Ask the rule again, because one of its conditions has changed."""
        scene = self._scene
        since_us = scene.now_us - span_us(scene.pack.conventions.up2_window)
        if grading.look(scene.now_us, since_us) and grading.rule.level >= Level.III:
            scene.stirred.add(grading.town)
        grading.active = grading.active or grading.met
        if not grading.active:
            return
        scene.touch(grading.key)
        if grading.stays() or not scene.silent.isdisjoint(grading.sources):
            grading.below_since_us = None
            scene.timers.cancel(grading.timer)
        elif grading.below_since_us is None:
            grading.below_since_us = scene.now_us
            hold_us = span_us(grading.rule.clear.hold)
            scene.timers.set(grading.timer, scene.now_us + hold_us)

    def source_changed(self, sensor_id: str) -> None:
        """A sensor went silent or came back: clearing times that rest on it stop or begin again."""
        for grading in self.all.values():
            if grading.active and sensor_id in grading.sources:
                self.evaluate(grading)

    def clear(self, rule_id: str, place: str) -> None:
        """The clearing time is over: the rule holds no more, as the next decision will say."""
        scene, grading = self._scene, self.all[rule_id, place]
        scene.ended.setdefault(grading.key, []).append(grading.cleared())
        scene.touch(grading.key)
        scene.timers.cancel(grading.timer)
        grading.active = False
        grading.below_since_us = None
        grading.sources.clear()
        grading.proposed.clear()
