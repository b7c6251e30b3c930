"""
From levels to decisions: every response that an event has touched is looked at once, at its end.

Areas come before points, because a silent point is judged by the area it lies in (D.0.7). When there
is new evidence of III or worse in a town all its responses are looked at, because hazards in one
town raise each other (UP2).
"""

from schemas.decision import RaiseApplied, ResponseChanged
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.reason import RaiseRule, Reason, ReasonCode
from services.correlator.domain.grading import Gradings
from services.correlator.domain.lowering import one_below, step_due_us
from services.correlator.domain.orders import Orders
from services.correlator.domain.raising import is_night, may_be_nightly, raises_at
from services.correlator.domain.response import SILENCE, Response, Told, worse_of
from services.correlator.domain.scene import Key, Scene
from services.correlator.domain.silence import Silence
from services.correlator.domain.timers import TimerId
from services.correlator.domain.tips import Tips
from services.correlator.domain.warnings import Warnings

_RAISE = 1
"""Each raise rule of ours raises by one level."""


class Responses:
    """All responses in force."""

    def __init__(
        self,
        scene: Scene,
        gradings: Gradings,
        warnings: Warnings,
        tips: Tips,
        silence: Silence,
        orders: Orders,
    ) -> None:
        self._scene = scene
        self._gradings = gradings
        self._warnings = warnings
        self._tips = tips
        self._silence = silence
        self._orders = orders
        self.items: dict[Key, Response] = {}

    def settle(self) -> None:
        """Look at everything touched, and lay down what has changed."""
        scene = self._scene
        if not scene.touched and not scene.stirred:
            return
        town_of, points = scene.register.town_of, scene.register.points
        keys = set(scene.touched)
        if scene.stirred:
            keys |= {key for key in self.items if town_of(key[0]) in scene.stirred}
        changed = set()
        for key in sorted(key for key in keys if key[0] not in points):
            before = self._level_of(key)
            self._settle(key)
            if self._level_of(key) is not before:
                changed.add(town_of(key[0]))
        if changed:
            keys |= {key for key in self._silent_points() if town_of(key[0]) in changed}
        for key in sorted(key for key in keys if key[0] in points):
            self._settle(key)
        scene.touched.clear()
        scene.stirred.clear()
        scene.ended.clear()

    def _level_of(self, key: Key) -> Level | None:
        """Return the level last told: a person's act has changed the level itself before this."""
        response = self.items.get(key)
        return None if response is None or response.told is None else response.told.response_level

    def time_came(self, timer: TimerId) -> None:
        """A response may go down another step."""
        self._scene.touch((timer[1], Hazard(timer[2])))

    def _silent_points(self) -> list[Key]:
        return [
            key
            for sensor_id in sorted(self._scene.silent)
            for key in self._gradings.fed_by(sensor_id)
            if self._scene.register.sensors[sensor_id].place == key[0]
        ]

    def warned_at(self, key: Key) -> tuple[Level | None, list[Reason]]:
        """Return the authority's level for *key*, with the warnings that say it."""
        reasons = self._warnings.reasons_at(key)
        return max((reason.level for reason in reasons if reason.level), default=None), reasons

    def base_at(self, key: Key) -> Level | None:
        """Return the level before raises: the worse of the warning, mapped, and the rules."""
        warned, _ = self.warned_at(key)
        mapped = None if warned is None else self._scene.pack.warning_response.get(warned, warned)
        return worse_of(mapped, self._gradings.level_at(key))

    def _settle(self, key: Key) -> None:
        scene = self._scene
        base, assumed = self.base_at(key), self._assumed(key)
        response = self.items.get(key)
        if response is None:
            if base is None and assumed is None:
                return
            response = self.items[key] = Response()
        self._raise(key, response, base, assumed)
        max_raise = scene.pack.conventions.max_raise
        target = response.target(base, max_raise)
        if worse_of(target, response.level) is not response.level:
            response.level, response.stepped_us, response.confirmed = target, None, False
            scene.timers.cancel(_timer(key))
            response.peak = _events(self._standing_reasons(key, response))
        else:
            self._lower(key, response, target)
        self._tell(key, response, response.target(base, max_raise))
        for grading in self._gradings.active_at(key):
            self._orders.propose(grading, response.level)
        if response.level is None and assumed is None:
            del self.items[key]
            scene.timers.cancel(_timer(key))

    def _raise(
        self, key: Key, response: Response, base: Level | None, assumed: Reason | None
    ) -> None:
        scene = self._scene
        response.forget_dropped(base)
        now_assumed = None if SILENCE in response.dropped else assumed
        response.unknown = now_assumed if base is None else None
        if base is not None and response.assumed is None:
            response.assumed = now_assumed
        known = response.dropped.union(response.raises)
        for raise_rule, reason in raises_at(scene, self._gradings, self._tips, key, known).items():
            response.raises[raise_rule] = reason
            self.tell_raise(key, raise_rule, reason, _RAISE)

    def tell_raise(self, key: Key, raise_rule: RaiseRule, reason: Reason, levels: int) -> None:
        """Lay down that a raise has come to act."""
        self._scene.decide(
            RaiseApplied,
            (key[0], key[1].value, raise_rule.value),
            place=key[0],
            town=self._scene.register.town_of(key[0]),
            hazard=key[1],
            raise_rule=raise_rule,
            levels=levels,
            reasons=(reason,),
        )

    def _lower(self, key: Key, response: Response, target: Level | None) -> None:
        timers, now_us = self._scene.timers, self._scene.now_us
        timers.cancel(_timer(key))
        if target is response.level:
            return
        hold_us = self._gradings.hold_us(key)
        due_us = step_due_us(response, now_us, hold_us)
        if due_us is not None and due_us <= now_us and response.level is not None:
            response.level = one_below(response.level)
            response.stepped_us = now_us
            response.raises, response.assumed = {}, None
            due_us = step_due_us(response, now_us, hold_us)
        if due_us is not None and target is not response.level:
            timers.set(_timer(key), due_us)

    def _assumed(self, key: Key) -> Reason | None:
        """
        Return why one level more is assumed at a point: its sensor is silent inside an area that
        is at III or worse for a hazard of the same family.
        """
        scene = self._scene
        place, hazard = key
        if place not in scene.register.points:
            return None
        silent = [
            sensor_id
            for sensor_id in scene.register.mounted_at(place)
            if sensor_id in scene.silent and self._gradings.is_fed_by(key, sensor_id)
        ]
        around = scene.register.chain(place)[1:] if silent else ()
        family = scene.pack.family_of(hazard)
        areas = [
            (response.level, area, response.peak)
            for (area, other), response in self.items.items()
            if area in around
            and scene.pack.family_of(other) == family
            and response.level is not None
            and response.level >= Level.III
        ]
        if not areas:
            return None
        level, _, peak = max(areas)
        heard = self._silence.heard[silent[0]]
        return Reason(
            code=ReasonCode.SILENCE,
            place=place,
            hazard=hazard,
            level=level,
            levels=_RAISE,
            sensor_id=silent[0],
            event_ids=tuple(sorted({*peak, *([heard.event_id] if heard.event_id else [])})),
        )

    def _standing_reasons(self, key: Key, response: Response) -> list[Reason]:
        found = [
            reason for grading in self._gradings.active_at(key) for reason in grading.reasons()
        ]
        found += self.warned_at(key)[1]
        found += response.raises.values()
        silent = response.assumed or response.unknown
        found += [reason for reason in (silent, response.act) if reason is not None]
        return found

    def _tell(self, key: Key, response: Response, target: Level | None) -> None:
        scene = self._scene
        place, hazard = key
        active = self._gradings.active_at(key)
        warned, warnings = self.warned_at(key)
        raises = sorted([*response.raises, *([RaiseRule.UP10] if response.act else [])])
        fact = Told(
            warning_level=warned,
            hazard_level=self._gradings.level_at(key),
            response_level=response.level,
            rules=tuple((grading.rule.id, grading.rule.version) for grading in active),
            raises=tuple(raises),
            is_assumed=response.assumed is not None or response.unknown is not None,
            is_stale=any(reason.code is ReasonCode.WARNING_STALE for reason in warnings),
            confirmed=response.confirmed,
        )
        if fact == response.told:
            return
        previous_level = None if response.told is None else response.told.response_level
        response.told = fact
        reasons = self._standing_reasons(key, response) + scene.ended.get(key, [])
        if response.level is not None and target is not response.level:
            held = Reason(
                code=ReasonCode.HELD,
                place=place,
                hazard=hazard,
                level=response.level,
                event_ids=response.peak,
            )
            reasons.append(held)
        is_serious = response.level is not None and response.level >= Level.III
        if is_serious and may_be_nightly(active) and is_night(scene.pack, scene.now_us):
            raises.insert(0, RaiseRule.UP1)
        scene.decide(
            ResponseChanged,
            (place, hazard.value, [[rule_id, version] for rule_id, version in fact.rules]),
            place=place,
            town=scene.register.town_of(place),
            hazard=hazard,
            family=scene.pack.family_of(hazard),
            warning_level=warned,
            hazard_level=fact.hazard_level,
            response_level=response.level,
            previous_level=previous_level,
            raises=tuple(raises),
            confirmed=response.confirmed,
            reasons=tuple(sorted(reasons, key=_order)),
        )


def _timer(key: Key) -> tuple[str, str, str]:
    return ("step", key[0], key[1].value)


def _events(reasons: list[Reason]) -> tuple[str, ...]:
    return tuple(sorted({event_id for reason in reasons for event_id in reason.event_ids}))


def _order(reason: Reason) -> tuple[str, str, str, str, str, int, tuple[str, ...]]:
    return (
        reason.code.value,
        reason.rule_id or "",
        reason.raise_rule or "",
        reason.sensor_id or "",
        str(reason.window or ""),
        reason.threshold or 0,
        reason.event_ids,
    )
