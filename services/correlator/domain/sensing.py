"""
Readings in: each to its window, doubtful ones to quarantine, and every sensor heard or missed.

This is the one path that is walked a hundred thousand times a second.
"""

from datetime import timedelta

from schemas.event import Quality, Reading, Readings
from schemas.metric import Metric
from schemas.place import Sensor
from services.correlator.domain.instants import span_us, to_us
from services.correlator.domain.instrument import Instrument
from services.correlator.domain.quarantine import Quarantine
from services.correlator.domain.scene import Scene
from services.correlator.domain.silence import Silence
from services.correlator.domain.timers import TimerId

_AHEAD = timedelta(minutes=2)
"""How far a reading may lie ahead of its acceptance (design.md section 2.1)."""


class Sensing:
    """The sensors of the pack, with what each has measured."""

    def __init__(self, scene: Scene, silence: Silence) -> None:
        self._scene = scene
        self._silence = silence
        self.quarantine = Quarantine(scene)
        self.instruments: dict[str, dict[str, Instrument]] = {}
        self._lateness_us = span_us(scene.pack.conventions.lateness)

    def add(self, sensor: Sensor) -> None:
        """Take in a sensor."""
        self.instruments[sensor.sensor_id] = {
            metric: Instrument(sensor.sensor_id, Metric(metric)) for metric in sensor.metrics
        }

    def at(self, sensor_id: str, metric: Metric) -> Instrument:
        """Return the instrument of a sensor that the register says measures *metric*."""
        return self.instruments[sensor_id][metric]

    def read(self, event: Readings) -> None:
        """Take in a record of readings. Sensors that the pack does not know move nothing."""
        scene, silence = self._scene, self._silence
        heard_by, instruments = silence.heard, self.instruments
        now_us, event_id = scene.now_us, event.event_id
        latest, fresh_from_us = event.accepted_at + _AHEAD, now_us - self._lateness_us
        last_at, at_us = event.accepted_at, to_us(event.accepted_at)
        for reading in event.readings:
            sensor_id, occurred_at = reading.sensor_id, reading.occurred_at
            heard = heard_by.get(sensor_id)
            if heard is None:
                continue
            heard.at_us = now_us
            heard.event_id = event_id
            if heard.is_silent or not heard.is_awaited:
                silence.back(sensor_id)
            if reading.quality or occurred_at > latest:
                self._doubt(reading, event_id, is_ahead=occurred_at > latest)
                continue
            instrument = instruments[sensor_id].get(reading.metric)
            if instrument is None:
                continue
            if reading.valid_at is not None:
                self._forecast(instrument, reading, event_id)
                continue
            if occurred_at != last_at:  # the readings of a record share their time
                last_at, at_us = occurred_at, to_us(occurred_at)
            times = instrument.series.times
            if times and at_us <= times[-1]:
                self._measure(instrument, at_us, reading.value, event_id)
                continue
            for dial in instrument.read(at_us, reading.value, event_id, now_us, fresh_from_us):
                dial.arm(scene.timers, now_us)

    def _measure(self, instrument: Instrument, at_us: int, value: int, event_id: str) -> None:
        now_us, times = self._scene.now_us, instrument.series.times
        if times and at_us <= times[-1]:
            instrument.read_late(at_us, value, event_id, now_us, now_us - self._lateness_us)
            instrument.arm(self._scene.timers, now_us)
            return
        for dial in instrument.read(at_us, value, event_id, now_us, now_us - self._lateness_us):
            dial.arm(self._scene.timers, now_us)

    def _forecast(self, instrument: Instrument, reading: Reading, event_id: str) -> None:
        scene = self._scene
        if reading.valid_at is not None:
            valid_us, issued_us = to_us(reading.valid_at), to_us(reading.occurred_at)
            instrument.read_forecast(valid_us, issued_us, reading.value, event_id, scene.now_us)
            instrument.arm(scene.timers, scene.now_us)

    def _doubt(self, reading: Reading, event_id: str, *, is_ahead: bool) -> None:
        doubts = (Quality.CLOCK_ERROR,) if is_ahead else reading.quality
        released = self.quarantine.put(reading, doubts, event_id)
        for held, its_event in released:
            self.use(held, its_event)

    def use(self, reading: Reading, event_id: str) -> None:
        """Take in a reading that was found to be real, as of now."""
        instrument = self.instruments.get(reading.sensor_id, {}).get(reading.metric)
        if instrument is None:
            return
        if reading.valid_at is not None:
            self._forecast(instrument, reading, event_id)
            return
        self._measure(instrument, to_us(reading.occurred_at), reading.value, event_id)

    def time_came(self, timer: TimerId) -> None:
        """A window's timer has fired: something has left it."""
        instrument = self.instruments[timer[1]][timer[2]]
        instrument.time_came(timer, self._scene.timers, self._scene.now_us)

    def begin(self, earlier: "Sensing | None") -> None:
        """Start under a new pack, with what was measured under the one before."""
        scene = self._scene
        fresh_from_us = scene.now_us - self._lateness_us
        if earlier is not None:
            self.quarantine.inherit(earlier.quarantine)
        for sensor_id in sorted(self.instruments):
            for metric, instrument in sorted(self.instruments[sensor_id].items()):
                before = earlier and earlier.instruments.get(sensor_id, {}).get(metric)
                if before:
                    instrument.inherit(before)
                instrument.begin(scene.now_us, fresh_from_us)
                instrument.arm(scene.timers, scene.now_us)
