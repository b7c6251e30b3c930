"""Silence is an event: a sensor that should have reported and has not (domain.md D.0.7)."""

from schemas.cap import Status
from schemas.decision import SourceSilent
from schemas.place import Sensor
from services.correlator.domain.grading import Gradings
from services.correlator.domain.instants import from_us
from services.correlator.domain.scene import Scene

_SECOND_US = 1_000_000


class Heard:
    """
    When a sensor was last heard (*at_us*; before that, when the pack began) and by which event.

    *is_awaited*: its timer runs. In an exercise that begins with its first report, for most sensors
    have no part in one.
    """

    __slots__ = ("at_us", "event_id", "is_awaited", "is_silent", "limit_us", "place")

    def __init__(self, place: str, limit_us: int, at_us: int) -> None:
        self.place = place
        self.limit_us = limit_us
        self.at_us = at_us
        self.event_id: str | None = None
        self.is_awaited = False
        self.is_silent = False


class Silence:
    """
    Who is heard.

    A report only notes its time; the timer looks at that when it fires and sets itself again, so
    that listening costs nothing for each reading.
    """

    def __init__(self, scene: Scene, gradings: Gradings) -> None:
        self._scene = scene
        self._gradings = gradings
        self.heard: dict[str, Heard] = {}

    def add(self, sensor: Sensor, earlier: Heard | None) -> None:
        """Listen for a sensor of the pack; *earlier*: it was there under the pack before."""
        scene = self._scene
        limit_us = scene.pack.conventions.silence_intervals * sensor.interval_s * _SECOND_US
        heard = Heard(sensor.place, limit_us, scene.now_us)
        if earlier is not None:
            heard.at_us, heard.event_id = earlier.at_us, earlier.event_id
            heard.is_awaited, heard.is_silent = earlier.is_awaited, earlier.is_silent
        self.heard[sensor.sensor_id] = heard
        if heard.is_awaited or scene.status is Status.ACTUAL:
            self._await(sensor.sensor_id, heard)

    def _await(self, sensor_id: str, heard: Heard) -> None:
        heard.is_awaited = True
        if not heard.is_silent:
            self._scene.timers.set(("silence", sensor_id), heard.at_us + heard.limit_us)

    def back(self, sensor_id: str) -> None:
        """A sensor reports that was silent, or was not listened for."""
        heard = self.heard[sensor_id]
        was_silent, heard.is_silent = heard.is_silent, False
        self._await(sensor_id, heard)
        if was_silent:
            self._scene.silent.discard(sensor_id)
            self._tell(sensor_id, heard)

    def time_came(self, sensor_id: str) -> None:
        """The timer of a sensor has fired; it may have reported since that was set."""
        heard = self.heard[sensor_id]
        if heard.at_us + heard.limit_us > self._scene.now_us:
            self._await(sensor_id, heard)
            return
        heard.is_silent = True
        self._scene.silent.add(sensor_id)
        self._tell(sensor_id, heard)

    def _tell(self, sensor_id: str, heard: Heard) -> None:
        scene = self._scene
        scene.decide(
            SourceSilent,
            (sensor_id,),
            sensor_id=sensor_id,
            place=heard.place,
            silent=heard.is_silent,
            last_heard_at=from_us(heard.at_us),
        )
        self._gradings.source_changed(sensor_id)
        for key in self._gradings.fed_by(sensor_id):
            scene.touch(key)
