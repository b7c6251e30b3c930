"""
A quantity of one sensor with the thresholds that rules have set on it.

A watch has two facts: its threshold is met (that raises), and the value is not under the clearing
threshold (that keeps). Data that come out of their turn may set them and never take them away.
"""

from collections.abc import Callable

from services.correlator.domain.quantity import Last, Quantity
from services.correlator.domain.timers import TimerId, Timers


class Watch:
    """
    One threshold on what one sensor measures, with the one for clearing; shared by all rules at
    all places that set the same.

    *asked_by* are the rules to ask again. *unmet_us* is the log's time at which the threshold was
    last left; *kept* what was seen then, because the window moves on. *is_anchored*: readings too
    late to raise keep it met, so that *kept*, what did raise, is still part of the reason.
    """

    __slots__ = (
        "asked_by",
        "clear",
        "dial",
        "held",
        "is_anchored",
        "kept",
        "met",
        "sensor_id",
        "sign",
        "threshold",
        "unmet_us",
    )

    def __init__(self, sensor_id: str, threshold: int, clear: int, sign: int) -> None:
        self.sensor_id = sensor_id
        self.sign = sign
        self.threshold = threshold
        self.clear = clear
        self.met = False
        self.held = False
        self.is_anchored = False
        self.unmet_us: int | None = None
        self.kept: tuple[int, tuple[str, ...]] | None = None
        self.asked_by: list[Callable[[], None]] = []
        self.dial: Dial | None = None

    def seen(self) -> tuple[int, tuple[str, ...]] | None:
        """Return what meets the threshold, or last met it, with the ids of the events behind it."""
        if self.met and self.dial is not None:
            seen = self.dial.seen_at(self.dial.newest())
            if seen is not None and seen[0] * self.sign >= self.threshold:
                return self._with_anchor(seen)
        return self.kept

    def _with_anchor(self, seen: tuple[int, tuple[str, ...]]) -> tuple[int, tuple[str, ...]]:
        if not self.is_anchored or self.kept is None:
            return seen
        return seen[0], tuple(sorted({*seen[1], *self.kept[1]}))

    def observed(self) -> int | None:
        """Return the number of `seen`, turned so that more is worse, or None."""
        if self.met and self.dial is not None:
            return self.dial.quantity.at(self.dial.newest())
        return None if self.kept is None else self.kept[0] * self.sign

    def keep(self, end: int) -> None:
        """Remember what the window that ends at the reading *end* holds."""
        if self.dial is not None and end >= 0 and (seen := self.dial.seen_at(end)) is not None:
            self.kept = self._with_anchor(seen)

    def end_by(self, reading: int) -> None:
        """Remember also the reading that ended it: without it the rest would say more."""
        if self.dial is not None and self.kept is not None:
            ended = self.dial.quantity.series.cited(reading, reading)
            self.kept = self.kept[0], tuple(sorted({*self.kept[1], *ended}))

    def regrade(self) -> None:
        """Ask every rule again that has set this threshold."""
        for ask in self.asked_by:
            ask()

    def turn(self, *, met: bool, held: bool, now_us: int) -> None:
        """Set the two facts, and ask the rule again if either has changed."""
        if met == self.met and held == self.held:
            return
        if self.met and not met:
            self.unmet_us = now_us
        self.met, self.held = met, held
        self.regrade()


class Dial:
    """
    *floor* is the least value that moves any of the watches, *live* how many of them stand; a
    reading under the floor while none stands moves nothing. *running* is the plain sum that is shown,
    or None; *sample_sign* how a reading is turned where readings count as they are, else 0. Between
    *low*, the highest limit that is reached, and *high*, the lowest that is not, nothing changes
    however many limits there are.
    """

    __slots__ = (
        "floor",
        "high",
        "live",
        "low",
        "quantity",
        "running",
        "sample_sign",
        "timer",
        "watches",
    )

    def __init__(self, quantity: Quantity, timer: TimerId) -> None:
        self.quantity = quantity
        self.running = quantity.running
        self.sample_sign = quantity.sign if type(quantity) is Last else 0
        self.timer = timer
        self.watches: list[Watch] = []
        self.floor = 0
        self.live = 0
        self.low: int | None = None
        self.high: int | None = None

    def watch(self, sensor_id: str, limits: tuple[int, int]) -> Watch:
        """Return the watch for *limits* (to reach, to be under for clearing)."""
        for watch in self.watches:
            if (watch.threshold, watch.clear) == limits:
                return watch
        watch = Watch(sensor_id, *limits, self.quantity.sign)
        watch.dial = self
        self.floor = min(self.floor, watch.clear) if self.watches else watch.clear
        self.watches.append(watch)
        return watch

    def newest(self) -> int:
        """Return the index of the newest reading."""
        return len(self.quantity.series.times) - 1

    def seen_at(self, end: int) -> tuple[int, tuple[str, ...]] | None:
        """Return the quantity of the window that ends at the reading *end*, and its events."""
        observed = self.quantity.at(end)
        if observed is None:
            return None
        return self.quantity.sign * observed, self.quantity.cited(end)

    def read_newest(self, now_us: int, fresh_from_us: int, *, corrected: bool = False) -> bool:
        """
        Take in the newest reading; it raises if it was measured at *fresh_from_us* or later.

        *corrected*: it replaced another one, and `keep_met` was called before. Returns False when
        it was seen at once that nothing changes.
        """
        newest = self.newest()
        value = self.quantity.at(newest)
        is_fresh = self.quantity.series.times[newest] >= fresh_from_us
        if is_fresh and not corrected and self._is_calm(value, now_us):
            return False
        for watch in self.watches:
            if is_fresh and _reaches(value, watch.threshold):
                watch.is_anchored = False
                if not watch.met:
                    watch.met = watch.held = True
                    watch.keep(newest)
                    watch.regrade()
            elif watch.met and not is_fresh and not watch.is_anchored:
                if not corrected:
                    watch.keep(newest - 1)
                watch.is_anchored = True
        self._look(now_us, keeps=not corrected)
        return True

    def read_late(self, index: int, now_us: int, fresh_from_us: int) -> None:
        """
        Take in a reading put in at *index*, before others. It may raise, and begin the clearing
        time again, at every window end it has changed; it never lowers.
        """
        worst: tuple[int, int] | None = None
        newest = self.newest()
        for end in self.quantity.ends_after(index):
            value = self.quantity.at(end)
            is_fresh = self.quantity.series.times[end] >= fresh_from_us
            if is_fresh and value is not None and (worst is None or value > worst[0]):
                worst = value, end
        if worst is None:
            return
        present, latest = self.quantity.present(now_us), self.quantity.latest(now_us)
        for watch in self.watches:
            is_raised = worst[0] >= watch.threshold and not watch.met
            if not is_raised and (watch.held or worst[0] < watch.clear):
                continue
            watch.held = True
            if is_raised:
                watch.met, watch.is_anchored = True, False
                watch.keep(worst[1])
                watch.is_anchored = self.quantity.series.times[newest] < fresh_from_us
            watch.regrade()
            met = watch.met and (not is_raised or _reaches(present, watch.threshold))
            if is_raised and not met and not _reaches(self.quantity.at(newest), watch.threshold):
                watch.end_by(newest)
            watch.turn(met=met, held=met or _reaches(latest, watch.clear), now_us=now_us)
        self.count()

    def keep_met(self) -> None:
        """Before a reading is corrected: remember what the met watches were met by."""
        for watch in self.watches:
            watch.kept = watch.seen()

    def look(self, now_us: int) -> None:
        """Compare what lies in the windows that end now; by this, thresholds are only left."""
        if self.newest() >= 0 and not self._is_calm(None, now_us):
            self._look(now_us, keeps=True)

    def _look(self, now_us: int, *, keeps: bool) -> None:
        newest = self.newest()
        present, latest = self.quantity.present(now_us), self.quantity.latest(now_us)
        for watch in self.watches:
            met = watch.met and _reaches(present, watch.threshold)
            if watch.met and not met:
                # Time took it away from the newest window, or the newest reading from the one before.
                is_newest = _reaches(self.quantity.at(newest), watch.threshold)
                if keeps:
                    watch.keep(newest if is_newest else newest - 1)
                if not is_newest:
                    watch.end_by(newest)
            watch.turn(met=met, held=met or _reaches(latest, watch.clear), now_us=now_us)
        self.count()

    def arm(self, timers: Timers, now_us: int) -> None:
        """
        Set the timer to when time alone may take away a limit that is reached.

        A reading in its order that leaves everything as it is can only put that off, and a timer
        that fires too early finds nothing changed; so only what has changed must be timed anew.
        """
        due_us = None
        if self.live and self.low is None:
            due_us = self.quantity.changes_at(now_us)
        elif self.live and self.low is not None:
            due_us = self.quantity.falls_at(now_us, self.low)
        timers.move(self.timer, due_us)

    def _is_calm(self, value: int | None, now_us: int) -> bool:
        """Whether no fact can change: not by *value*, at the newest reading, nor by what is now."""
        if self.low is None:
            return False
        present, latest = self.quantity.present(now_us), self.quantity.latest(now_us)
        if present is None or latest is None or min(present, latest) < self.low:
            return False
        return (
            self.high is None
            or max(present, latest, present if value is None else value) < self.high
        )

    def count(self) -> None:
        """Count the watches that stand, and find the limits between which they all stay as they are."""
        reached: list[int] = []
        open_ones: list[int] = []
        is_anchored = False
        for watch in self.watches:
            (reached if watch.met else open_ones).append(watch.threshold)
            (reached if watch.held else open_ones).append(watch.clear)
            is_anchored = is_anchored or watch.is_anchored
        self.live = sum(watch.met or watch.held for watch in self.watches)
        # What a late reading keeps met has to be looked at each time; so does what has no limit yet.
        self.low = None if is_anchored else max(reached, default=None)
        self.high = min(open_ones, default=None)


def _reaches(value: int | None, threshold: int) -> bool:
    return value is not None and value >= threshold
