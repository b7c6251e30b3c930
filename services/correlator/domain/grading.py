"""
One rule at one place: when it comes to hold, why, and when it holds no more.

It comes to hold at once. It ends only when the rule, asked with the clearing thresholds, has not
held for its whole clearing time, and no sensor that had made it hold was silent in that time: a
silent sensor proves nothing (domain.md D.0.6, D.0.7).
"""

from bisect import insort

from schemas.level import Level
from schemas.reason import Reason, ReasonCode
from schemas.rule import Rule
from services.correlator.domain.dial import Watch
from services.correlator.domain.instants import span_us
from services.correlator.domain.leaf import Alternative, Leaf, take_apart
from services.correlator.domain.scene import Key, Scene
from services.correlator.domain.timers import TimerId


class Grading:
    """
    The state of *rule* at *place*.

    *hits* are the conditions that made it hold when it was last met, *quantities* what each
    alternative then rested on, *sources* the sensors that have had a part in it since it came to
    hold. *unmet_us* is when it was last met, in the log's time; None while it is, or never was.
    """

    __slots__ = (
        "active",
        "alternatives",
        "below_since_us",
        "earlier",
        "hits",
        "leaves",
        "met",
        "place",
        "proposed",
        "quantities",
        "rule",
        "sources",
        "town",
        "unmet_us",
    )

    def __init__(self, rule: Rule, place: str, town: str) -> None:
        self.rule = rule
        self.place = place
        self.town = town
        self.leaves: list[Leaf]
        self.alternatives: tuple[Alternative, ...]
        self.leaves, self.alternatives = take_apart(rule.when)
        self.active = False
        self.met = False
        self.unmet_us: int | None = None
        self.below_since_us: int | None = None
        self.hits: tuple[int, ...] = ()
        self.quantities: tuple[frozenset[str], ...] = ()
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

    def meeting(self) -> tuple[Alternative, ...]:
        """Return the alternatives that are met now."""
        return tuple(
            found for found in self.alternatives if all(self.leaves[at].met for at in found)
        )

    def stays(self) -> bool:
        """Whether the rule, asked with the clearing thresholds, holds."""
        return any(all(self.leaves[at].held for at in found) for found in self.alternatives)

    def was_met_since(self, since_us: int) -> bool:
        """Whether it has been met at or after *since_us*."""
        return self.met or (self.unmet_us is not None and self.unmet_us >= since_us)

    def note(self, meeting: tuple[Alternative, ...]) -> None:
        """Remember what the rule rests on."""
        self.hits = tuple(sorted({at for found in meeting for at in found}))
        self.quantities = tuple(
            frozenset(self.leaves[at].quantity for at in found) for found in meeting
        )
        for at in self.hits:
            self.sources |= {watch.sensor_id for watch in self.leaves[at].watches if watch.met}

    def reasons(self) -> tuple[Reason, ...]:
        """Return a reason for each condition that made it hold."""
        found = (self.leaves[at].reason(self.rule, self.place) for at in self.hits)
        return tuple(reason for reason in found if reason is not None) or self.earlier

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
        self.unmet_us = before.unmet_us
        self.quantities = before.quantities
        self.sources = before.sources
        self.proposed = before.proposed
        self.earlier = before.reasons()

    def alone(self, since_us: int) -> dict[str, tuple[str, ...]]:
        """Return the sensors that sufficed by themselves since *since_us*, with their events."""
        found: dict[str, tuple[str, ...]] = {}
        for alternative in self.alternatives:
            parts = [_recent(self.leaves[at], since_us) for at in alternative]
            for sensor_id in set.intersection(*(set(part) for part in parts)) if parts else ():
                ids = {event_id for part in parts for event_id in part[sensor_id]}
                found[sensor_id] = tuple(sorted(ids.union(found.get(sensor_id, ()))))
        return found


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

    def serious_in(self, town: str) -> list[Grading]:
        """Return the rules of level III or worse in *town*, the worst first."""
        return self._serious.get(town, [])

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
        meeting = grading.meeting()
        if meeting:
            grading.note(meeting)
            grading.active = True
        elif grading.met:
            grading.unmet_us = scene.now_us
        grading.met = bool(meeting)
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
