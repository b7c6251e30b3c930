"""
Doubtful readings: kept aside, told, and used only once a person or a second sensor bears them out.

An implausible value can be real, in a cloudburst or when a dam breaks; it is never dropped.
"""

from typing import Any

from schemas.decision import ReadingQuarantined
from schemas.event import Quality, Reading
from schemas.reason import Reason, ReasonCode
from services.correlator.domain.instants import span_us, to_us
from services.correlator.domain.scene import Scene

_KEPT_US = 7 * 24 * 3_600_000_000  # a week for somebody to release it; the log has it for ever
_IMPLAUSIBLE = frozenset({Quality.IMPLAUSIBLE_VALUE, Quality.IMPLAUSIBLE_STEP})

Held = tuple[Reading, str]
"""A reading and the id of the event it came in."""


class Quarantine:
    """Readings that move nothing yet, by the event they came in, sensor, metric and time."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._held: dict[tuple[str, str, str, int], Held] = {}

    def put(self, reading: Reading, doubts: tuple[Quality, ...], event_id: str) -> tuple[Held, ...]:
        """Keep *reading* aside; return what is released, when a second sensor shows the same."""
        scene = self._scene
        self._forget(scene.now_us - _KEPT_US)
        at_us = to_us(reading.occurred_at)
        key = (event_id, reading.sensor_id, reading.metric.value, at_us)
        if key in self._held:
            return ()
        place = scene.register.sensors[reading.sensor_id].place
        clock = Quality.CLOCK_ERROR in doubts
        scene.decide(
            ReadingQuarantined,
            (*key[1:3], event_id, at_us),
            sensor_id=reading.sensor_id,
            place=place,
            metric=reading.metric,
            value=reading.value,
            occurred_at=reading.occurred_at,
            event_id=event_id,
            reasons=(
                Reason(
                    code=ReasonCode.CLOCK_ERROR if clock else ReasonCode.IMPLAUSIBLE,
                    place=place,
                    metric=reading.metric,
                    sensor_id=reading.sensor_id,
                    observed=reading.value,
                    event_ids=(event_id,),
                ),
            ),
        )
        self._held[key] = reading, event_id
        if clock or _IMPLAUSIBLE.isdisjoint(doubts):
            return ()
        return self._corroborated(key)

    def _corroborated(self, key: tuple[str, str, str, int]) -> tuple[Held, ...]:
        scene = self._scene
        limits = scene.pack.conventions
        seconds = [
            other
            for other, (held, _) in sorted(self._held.items())
            if other[1] != key[1]
            and other[2] == key[2]
            and not _IMPLAUSIBLE.isdisjoint(held.quality)
            and abs(other[3] - key[3]) <= span_us(limits.corroboration_window)
            and scene.register.sensors_are_near(key[1], other[1], limits.corroboration_radius_m)
        ]
        if not seconds:
            return ()
        return tuple(self._held.pop(found) for found in sorted([key, *seconds]))

    def release(self, event_id: str, sensor_id: str, occurred_us: int) -> tuple[Held, ...]:
        """Take out what a person has found to be real; nothing if it is not here."""
        found = [
            key
            for key in self._held
            if (key[0], key[1], key[3]) == (event_id, sensor_id, occurred_us)
        ]
        return tuple(self._held.pop(key) for key in sorted(found))

    def inherit(self, earlier: "Quarantine") -> None:
        """Take over what is kept aside under the pack before."""
        self._held = dict(earlier._held)  # noqa: SLF001 - its own kind

    def _forget(self, before_us: int) -> None:
        for key in [key for key in self._held if key[3] < before_us]:
            del self._held[key]

    def dump(self) -> list[list[Any]]:
        """Return everything kept aside."""
        return [
            [event_id, reading.model_dump(mode="json", exclude_none=True)]
            for _, (reading, event_id) in sorted(self._held.items())
        ]

    def load(self, dumped: list[list[Any]]) -> None:
        """Take over what `dump` returned."""
        for event_id, row in dumped:
            reading = Reading.model_validate(row)
            key = (event_id, reading.sensor_id, reading.metric.value, to_us(reading.occurred_at))
            self._held[key] = reading, event_id
