"""What one sensor measures of one metric: its series, its forecasts, and the thresholds on them."""

from schemas.metric import Metric
from schemas.rule import MetricCondition, Over
from services.correlator.domain.calm import Calm
from services.correlator.domain.dial import Dial, Watch
from services.correlator.domain.forecasts import Forecasts, Outlook
from services.correlator.domain.instants import span_us
from services.correlator.domain.leaf import sign_of
from services.correlator.domain.quantity import quantity_key, quantity_of, reach_of
from services.correlator.domain.timers import TimerId, Timers
from services.correlator.domain.window import PRUNE_EVERY, Series

_KEY_FROM = 3  # a timer's id is "window", the sensor, the metric, then the key
_LEAST_REACH_US = 3_600_000_000  # an hour, so that a new pack does not begin with empty windows


class Instrument:
    """
    One (sensor, metric).

    What several conditions ask for alike is worked out once.
    """

    __slots__ = (
        "_calm",
        "_dials",
        "_outlooks",
        "dials",
        "forecasts",
        "metric",
        "outlooks",
        "sensor_id",
        "series",
    )

    def __init__(self, sensor_id: str, metric: Metric) -> None:
        self.sensor_id = sensor_id
        self.metric = metric
        self.series = Series(_LEAST_REACH_US)
        self.forecasts = Forecasts()
        self._calm = Calm()
        self._dials: dict[tuple[str, ...], Dial] = {}
        self._outlooks: dict[tuple[str, ...], Outlook] = {}
        self.dials: tuple[Dial, ...] = ()
        self.outlooks: tuple[Outlook, ...] = ()

    def reach(self, span: int) -> None:
        """Keep readings for windows of *span* microseconds."""
        self.series.reach_us = max(self.series.reach_us, span)

    def watch(self, condition: MetricCondition, limits: tuple[int, int]) -> Watch:
        """Return the watch on what *condition* asks for, with its two thresholds."""
        key = quantity_key(condition)
        sign = sign_of(condition.op)
        timer: TimerId = ("window", self.sensor_id, self.metric.value, *key)
        if condition.over is Over.FORECAST:
            if key not in self._outlooks:
                ahead_us = 0 if condition.window is None else span_us(condition.window)
                self._outlooks[key] = Outlook(self.forecasts, sign, ahead_us, timer)
                self.outlooks = tuple(self._outlooks[known] for known in sorted(self._outlooks))
            return self._outlooks[key].watch(self.sensor_id, limits)
        self.reach(reach_of(condition))
        self.series.keep_newest = max(self.series.keep_newest, condition.samples + 2)
        if key not in self._dials:
            self._dials[key] = Dial(quantity_of(condition, sign, self.series), timer)
            self.dials = tuple(self._dials[known] for known in sorted(self._dials))
        return self._dials[key].watch(self.sensor_id, limits)

    def inherit(self, earlier: "Instrument") -> None:
        """Take over what was measured under the pack before."""
        for row in zip(
            earlier.series.times, earlier.series.values, earlier.series.event_ids, strict=True
        ):
            self.series.append(*row)
        self.series.corrected = dict(earlier.series.corrected)
        self.forecasts.load(earlier.forecasts.rows())

    def read(
        self, at_us: int, value: int, event_id: str, now_us: int, fresh_from_us: int
    ) -> list[Dial]:
        """Take in a reading later than all others; return what must be timed anew."""
        series, calm = self.series, self._calm
        series.append(at_us, value, event_id)
        stirred = []
        if not (calm.above < value < calm.below and series.sum < calm.sum_below):
            stirred = self._look_closely(value, now_us, fresh_from_us)
        if not len(series.times) % PRUNE_EVERY:
            series.prune(fresh_from_us)
        return stirred

    def _look_closely(self, value: int, now_us: int, fresh_from_us: int) -> list[Dial]:
        stirred, moved = [], False
        for dial in self.dials:
            if not dial.live and dial.quantity.bound() < dial.floor:
                continue
            moved = True
            if dial.read_newest(now_us, fresh_from_us) or value < 0:
                stirred.append(dial)
        self._calm.end() if moved else self._calm.begin(self.dials, self.series)
        return stirred

    def read_late(
        self, at_us: int, value: int, event_id: str, now_us: int, fresh_from_us: int
    ) -> None:
        """Take in a reading that comes out of its turn, or again."""
        self._calm.end()
        is_correction = self.series.holds(at_us)
        if is_correction:
            for dial in self.dials:
                dial.keep_met()
        index = self.series.insert(at_us, value, event_id)
        for dial in self.dials:
            if is_correction and index == dial.newest():
                dial.read_newest(now_us, fresh_from_us, corrected=True)
            else:
                dial.read_late(index, now_us, fresh_from_us)

    def read_forecast(
        self, valid_us: int, issued_us: int, value: int, event_id: str, now_us: int
    ) -> None:
        """Take in a forecast of *value* for *valid_us*."""
        self.forecasts.prune(now_us)
        self.forecasts.put(valid_us, issued_us, value, event_id)
        for outlook in self.outlooks:
            outlook.look(now_us)

    def begin(self, now_us: int, fresh_from_us: int) -> None:
        """Compare everything anew, because the rules have changed."""
        if self.series.times:
            for dial in self.dials:
                dial.read_newest(now_us, fresh_from_us)
        for outlook in self.outlooks:
            outlook.look(now_us)

    def arm(self, timers: Timers, now_us: int) -> None:
        """Set the timers at which time alone may change what stands here."""
        for dial in self.dials:
            dial.arm(timers, now_us)
        for outlook in self.outlooks:
            self._arm_outlook(outlook, timers, now_us)

    def watches(self) -> list[Watch]:
        """Return all watches here, in an order that follows from the pack alone."""
        return [watch for dial in self.dials for watch in dial.watches] + [
            watch for outlook in self.outlooks for watch in outlook.watches
        ]

    def time_came(self, timer: TimerId, timers: Timers, now_us: int) -> None:
        """One of those timers has fired; look, and set it for the next change."""
        key = timer[_KEY_FROM:]
        if key in self._dials:
            dial = self._dials[key]
            dial.look(now_us)
            dial.arm(timers, now_us)
        else:
            outlook = self._outlooks[key]
            outlook.look(now_us)
            self._arm_outlook(outlook, timers, now_us)

    def _arm_outlook(self, outlook: Outlook, timers: Timers, now_us: int) -> None:
        timers.move(outlook.timer, self.forecasts.changes_at(now_us, outlook.span_us))
