"""What is forecast: the newest issue for each time it is for, and the thresholds set on it."""

from bisect import bisect_right, insort
from collections.abc import Iterable

from services.correlator.domain.dial import Watch
from services.correlator.domain.timers import TimerId


class Forecasts:
    """Forecast values of one sensor by the time they are for; a later issue replaces an earlier."""

    __slots__ = ("_by_valid", "_valid")

    def __init__(self) -> None:
        self._valid: list[int] = []
        self._by_valid: dict[int, tuple[int, int, str]] = {}

    def put(self, valid_us: int, issued_us: int, value: int, event_id: str) -> None:
        """Keep *value* for *valid_us*, unless a later issue is known."""
        known = self._by_valid.get(valid_us)
        if known is None:
            insort(self._valid, valid_us)
        elif known[0] > issued_us:
            return
        self._by_valid[valid_us] = issued_us, value, event_id

    def within(self, now_us: int, span_us: int) -> list[tuple[int, str]]:
        """Return (value, event id) of each time after now and at most *span_us* ahead."""
        first = bisect_right(self._valid, now_us)
        end = bisect_right(self._valid, now_us + span_us)
        return [self._by_valid[valid_us][1:] for valid_us in self._valid[first:end]]

    def changes_at(self, now_us: int, span_us: int) -> int | None:
        """Return when the next value comes into the span or goes out of it, or None."""
        first = bisect_right(self._valid, now_us)
        end = bisect_right(self._valid, now_us + span_us)
        changes = self._valid[first : first + 1]
        changes += [valid_us - span_us for valid_us in self._valid[end : end + 1]]
        return min(changes, default=None)

    def prune(self, now_us: int) -> None:
        """Forget what was for the past."""
        count = bisect_right(self._valid, now_us)
        for valid_us in self._valid[:count]:
            del self._by_valid[valid_us]
        del self._valid[:count]

    def rows(self) -> list[tuple[int, int, int, str]]:
        """Return (time it is for, time of issue, value, event id) of everything kept."""
        return [(valid_us, *self._by_valid[valid_us]) for valid_us in self._valid]

    def load(self, rows: Iterable[tuple[int, int, int, str]]) -> None:
        """Take over what `rows` returned."""
        for valid_us, issued_us, value, event_id in rows:
            self.put(valid_us, issued_us, value, event_id)


class Outlook:
    """The worst forecast value within a span from now, with the thresholds set on it."""

    __slots__ = ("forecasts", "sign", "span_us", "timer", "watches")

    def __init__(self, forecasts: Forecasts, sign: int, span_us: int, timer: TimerId) -> None:
        self.forecasts = forecasts
        self.sign = sign
        self.span_us = span_us
        self.timer = timer
        self.watches: list[Watch] = []

    def watch(self, sensor_id: str, limits: tuple[int, int]) -> Watch:
        """Return the watch for *limits* (to reach, to be under for clearing)."""
        for watch in self.watches:
            if (watch.threshold, watch.clear) == limits:
                return watch
        self.watches.append(Watch(sensor_id, *limits, self.sign))
        return self.watches[-1]

    def look(self, now_us: int) -> None:
        """Compare; a forecast raises when it is read, and when its time comes near enough."""
        values = [
            (self.sign * value, event_id)
            for value, event_id in self.forecasts.within(now_us, self.span_us)
        ]
        worst = max(values, default=None)
        for watch in self.watches:
            met = worst is not None and worst[0] >= watch.threshold
            if met and worst is not None:
                watch.kept = self.sign * worst[0], (worst[1],)
            held = met or (worst is not None and worst[0] >= watch.clear)
            watch.turn(met=met, held=held, now_us=now_us)
