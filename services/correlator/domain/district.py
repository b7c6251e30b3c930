"""
The fold of one district under one status and one rule pack: its parts, wired.

Actual and Exercise each have one of these, and never meet.
"""

from functools import partial

from schemas.cap import Status
from schemas.decision import Decision
from schemas.event import Act, AnyEvent, Readings, Tip
from schemas.event import Warning as WarningEvent
from schemas.metric import Metric
from schemas.reason import RaiseRule
from schemas.rule import MetricCondition, Over, Rule, TipsCondition, WarningCondition
from schemas.rulepack import RulePack
from services.correlator.domain.acts import Acts
from services.correlator.domain.dial import Watch
from services.correlator.domain.grading import Grading, Gradings
from services.correlator.domain.leaf import Leaf, thresholds, value_at
from services.correlator.domain.orders import Orders
from services.correlator.domain.scene import Scene
from services.correlator.domain.sensing import Sensing
from services.correlator.domain.settling import Responses
from services.correlator.domain.silence import Silence
from services.correlator.domain.timers import TimerId
from services.correlator.domain.tips import Tips
from services.correlator.domain.warnings import Warnings

_LASTING_TIMERS = frozenset({"warning", "auto", "end", "step"})
"""What a change of the pack leaves as it is; the others are set anew by the new rules."""


class DistrictState:
    """
    Everything the correlator knows of a district. It is mutable and owned by one fold.

    With *earlier*, its windows, responses, warnings, tips and orders go on under the new pack.
    """

    def __init__(
        self,
        district: str,
        status: Status,
        pack: RulePack,
        now_us: int,
        earlier: "DistrictState | None" = None,
    ) -> None:
        self.scene = Scene(district, status, pack)
        self.scene.now_us = now_us
        if earlier is not None:
            self.scene.ordinals = earlier.scene.ordinals
        self.gradings = Gradings(self.scene)
        self.silence = Silence(self.scene, self.gradings)
        self.sensing = Sensing(self.scene, self.silence)
        self.warnings = Warnings(self.scene, self.gradings)
        self.tips = Tips(self.scene, self.gradings)
        self.orders = Orders(self.scene)
        self.responses = Responses(
            self.scene, self.gradings, self.warnings, self.tips, self.silence, self.orders
        )
        self.acts = Acts(self.scene, self.sensing, self.orders, self.responses)
        self._place_sensors(earlier)
        self._place_rules()

    def _place_sensors(self, earlier: "DistrictState | None") -> None:
        for sensor in self.scene.pack.sensors:
            self.sensing.add(sensor)
            before = None if earlier is None else earlier.silence.heard.get(sensor.sensor_id)
            self.silence.add(sensor, before)

    def _place_rules(self) -> None:
        register = self.scene.register
        for rule in sorted(self.scene.pack.rules, key=lambda rule: rule.id):
            for place in register.places_of(rule):
                grading = Grading(rule, place, register.town_of(place))
                for leaf in grading.leaves:
                    self._wire(grading, leaf)
                self.gradings.add(grading)
                self._await_rain(rule, grading)

    def _wire(self, grading: Grading, leaf: Leaf) -> None:
        condition = leaf.condition
        if isinstance(condition, WarningCondition):
            self.warnings.ask(grading, leaf, condition)
        elif isinstance(condition, TipsCondition):
            self.tips.ask(grading, leaf, condition)
        else:
            point = self.scene.register.points.get(grading.place)
            value = value_at(condition, {} if point is None else point.marks)
            if value is not None:
                pct = grading.rule.clear.below_pct
                leaf.watches = self._watch(
                    grading.place, condition, thresholds(condition.op, value, pct)
                )
            for watch in leaf.watches:
                watch.asked_by.append(partial(self.gradings.evaluate, grading))

    def _watch(
        self, place: str, condition: MetricCondition, limits: tuple[int, int]
    ) -> list[Watch]:
        watches = []
        for sensor_id in self.scene.register.feeding(place, condition.metric):
            watch = self.sensing.at(sensor_id, condition.metric).watch(condition, limits)
            watches.append(watch)
        return watches

    def _await_rain(self, rule: Rule, grading: Grading) -> None:
        """UP4 is asked like a condition of its own, so that rain alone can bring it about."""
        limits = self.scene.pack.conventions
        key = grading.key
        if RaiseRule.UP4 not in rule.raises or rule.hazard not in limits.up4_hazards:
            return
        if key in self.gradings.prior_rain:
            return
        rain = MetricCondition(
            metric=Metric.RAIN, over=Over.SUM, value=limits.up4_rain, window=limits.up4_window
        )
        watches = self._watch(grading.place, rain, (limits.up4_rain, limits.up4_rain))
        for watch in watches:
            watch.asked_by.append(partial(self.scene.touch, key))
        self.gradings.prior_rain[key] = watches

    def begin(self, earlier: "DistrictState | None") -> None:
        """Go on from *earlier*: every rule is asked anew, and nothing in force is lost."""
        scene = self.scene
        if earlier is not None:
            self._inherit(earlier)
        self.sensing.begin(None if earlier is None else earlier.sensing)
        self.warnings.begin(None if earlier is None else earlier.warnings)
        self.tips.begin(None if earlier is None else earlier.tips)
        for grading in self.gradings.all.values():
            if grading.active:
                self.gradings.evaluate(grading)
        scene.touched.update(self.responses.items)
        self.responses.settle()

    def _inherit(self, earlier: "DistrictState") -> None:
        scene = self.scene
        scene.silent = {
            sensor_id for sensor_id in earlier.scene.silent if sensor_id in self.silence.heard
        }
        for timer, due_us in earlier.scene.timers.all():
            if timer[0] in _LASTING_TIMERS:
                scene.timers.set(timer, due_us)
        self.responses.items = earlier.responses.items
        self.orders.all, self.orders.reasons = earlier.orders.all, earlier.orders.reasons
        self.acts.known, self.acts.consulted = earlier.acts.known, earlier.acts.consulted
        for at, before in earlier.gradings.all.items():
            grading = self.gradings.all.get(at)
            if grading is not None:
                grading.inherit(before)
            elif before.active:
                scene.touch(before.key)
                scene.ended.setdefault(before.key, []).append(before.cleared())

    def apply(self, event: AnyEvent) -> None:
        """Let *event* move what it moves."""
        self.scene.cause = event.event_id
        if isinstance(event, Readings):
            self.sensing.read(event)
        elif isinstance(event, WarningEvent):
            self.warnings.read(event)
        elif isinstance(event, Tip):
            self.tips.read(event)
        elif isinstance(event, Act):
            self.acts.do(event)
        self.responses.settle()
        self.scene.cause = None

    def fire(self, due_us: int) -> None:
        """Let every timer that is due at *due_us* fire, in the order of their ids."""
        timers = self.scene.timers
        self.scene.now_us = due_us
        while timers.next_due_us() == due_us:
            self._time_came(timers.pop())
        self.responses.settle()

    def _time_came(self, timer: TimerId) -> None:
        kind = timer[0]
        if kind == "window":
            self.sensing.time_came(timer)
        elif kind == "clear":
            self.gradings.clear(timer[1], timer[2])
        elif kind == "silence":
            self.silence.time_came(timer[1])
        elif kind == "warning":
            self.warnings.time_came(timer)
        elif kind == "tips":
            self.tips.time_came(timer)
        elif kind == "step":
            self.responses.time_came(timer)
        elif kind == "auto":
            self.orders.auto_came(timer[1])
        else:
            self.orders.end_came(timer[1])

    def take_decisions(self) -> list[Decision]:
        """Return what has been decided since this was last asked."""
        decisions, self.scene.decisions = self.scene.decisions, []
        return decisions
