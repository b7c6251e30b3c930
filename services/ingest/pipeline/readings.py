"""Readings of sensors to `Readings` events."""

from dataclasses import dataclass

from schemas.cap import Status
from schemas.deadletter import RefusalReason
from schemas.event import Reading
from schemas.rulepack import RulePack
from services.district.domain.pack import SourceKey
from services.district.domain.place_tree import PlaceTree
from services.ingest.domain.bodies import json_items, line_items
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.key_scope import names_sensor, sensors_of
from services.ingest.domain.normalise import Normaliser
from services.ingest.domain.plausibility import RecentValues
from services.ingest.domain.refusal import Refusal
from services.ingest.ports import EventLog, Letters, whole_body
from services.runtime.clock import Clock

LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


@dataclass(frozen=True, slots=True)
class ReadingsRead:
    """What became of a body of readings."""

    accepted: int
    duplicates: int
    rejected: tuple[Refusal, ...]


class ReadingsPipeline:
    """Readings of sensors to `Readings` events."""

    def __init__(self, pack: RulePack, log: EventLog, clock: Clock) -> None:
        self._sensors = {sensor.sensor_id: sensor for sensor in pack.sensors}
        self._tree = PlaceTree(pack)
        self._log = log
        self._clock = clock
        self._recent = RecentValues()
        self._normaliser = Normaliser(self._sensors, self._recent)
        self._named: dict[str, frozenset[str]] = {}

    async def take(self, source: SourceKey, body: bytes, media_type: str) -> ReadingsRead:
        """
        Take a body of readings. NotDurableError when nothing of it could be kept; RefusedError,
        after keeping it as a whole, when it cannot be parsed at all.
        """
        try:
            items = line_items(body) if media_type in LINES else json_items(body)
        except RefusedError as error:
            await self._log.append_once((), whole_body(source, "readings", media_type, body, error))
            raise
        now = self._clock.now()
        good: dict[Status, list[Reading]] = {}
        rejected = []
        named = self._sensors_of(source)
        for index, value in enumerate(items.values):
            try:
                if index in items.errors:
                    raise items.errors[index]
                # Before the sensor is looked up, so that a key cannot find out which there are.
                sensor_id = value.get("sensor_id") if isinstance(value, dict) else None
                if isinstance(sensor_id, str) and sensor_id not in named:
                    self._check_scope(source, sensor_id)
                status, reading = self._normaliser.read(value, now)
            except RefusedError as error:
                refusal = Refusal(index, error.reason, error.detail, items.original(index))
                rejected.append(refusal)
            else:
                good.setdefault(status, []).append(reading)
        letters = Letters(source.name, "readings", media_type, tuple(rejected))
        return await self._publish(source, good, letters)

    def _sensors_of(self, source: SourceKey) -> frozenset[str]:
        named = self._named.get(source.name)
        if named is None:
            named = sensors_of(source, self._sensors.values(), self._tree)
            self._named[source.name] = named
        return named

    def _check_scope(self, source: SourceKey, sensor_id: str) -> None:
        """A name that the key may say, and nobody has, is merely unknown."""
        if sensor_id in self._sensors or not names_sensor(source, sensor_id):
            raise RefusedError(RefusalReason.NOT_YOUR_SENSOR, "the key does not name it")

    async def _publish(
        self, source: SourceKey, good: dict[Status, list[Reading]], letters: Letters
    ) -> ReadingsRead:
        accepted = duplicates = 0
        rejected = letters.refusals
        if not good:
            await self._log.append_once((), letters)
        for status, readings in good.items():
            fresh = await self._log.append_readings(source.name, status, readings, letters)
            letters = Letters(letters.source, letters.stage, letters.media_type)
            accepted += sum(fresh)
            duplicates += len(fresh) - sum(fresh)
            for reading, is_new in zip(readings, fresh, strict=True):
                if is_new and status is Status.ACTUAL:
                    self._recent.remember(reading)
        return ReadingsRead(accepted, duplicates, rejected)
