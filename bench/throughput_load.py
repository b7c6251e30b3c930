"""
What B3 reads: the demo district with all its rules, grown to 1,000 sensors, on a wet night.

A sensor reports each three seconds, so that a run is the last minutes up to now. Most of it is
quiet, as at any time; in two towns it pours, two rivers rise, two slopes move and gas gathers in
two chambers, and rule after rule comes to hold.
"""

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import yaml

from bench.packs import DEMO, DISTRICT, KEY, bench_source
from schemas.event import Readings
from schemas.ids import hash_id
from schemas.place import Sensor
from schemas.wire import encode
from services.ingest.domain.normalise import Normaliser
from services.ingest.domain.plausibility import RecentValues

BODY = 500
SENSORS = 1000
_EVERY = timedelta(seconds=3)
_PHASES = 50
"""Sensors do not measure all at once: so many instants in a round."""
_MOVED = 2
"""Towns, rivers, slopes and chambers of each kind in which something happens."""
_RIVERS, _SLOPES, _CHAMBERS, _GAUGES_A_TOWN = 100, 100, 200, 20
_TOWNS = 20


@dataclass(frozen=True, slots=True)
class BenchSensor:
    """One sensor: *calm* and *worst* are what it shows at the beginning and, if it moves, at the end."""

    sensor_id: str
    metric: str
    unit: str
    place: str
    calm: float
    worst: float | None = None
    datum: str | None = None

    def value(self, done: float, noise: random.Random) -> float:
        """Return what it shows when *done* of the run is over."""
        if self.metric == "rain":
            return self.worst or (0.1 if noise.random() < self.calm else 0)
        top = self.calm if self.worst is None else self.worst
        return round(self.calm + (top - self.calm) * done + noise.random() * self.calm * 0.01, 3)


def write_wet_pack(folder: Path, district: str = DISTRICT) -> Sequence[BenchSensor]:
    """Write the pack into *folder*, which is made, for *district*, and return its sensors."""
    shutil.copytree(DEMO, folder)
    villages = _villages(folder / "places.csv")
    sensors = _sensors(villages)
    points = yaml.safe_load((folder / "points.yaml").read_text(encoding="utf-8"))["points"]
    points += _points(villages)
    ours = [
        {
            "id": sensor.sensor_id,
            "place": sensor.place,
            "metrics": [sensor.metric],
            "every": "PT1M",
            **({"datum": sensor.datum} if sensor.datum else {}),
        }
        for sensor in sensors
    ]
    for name, content in {
        "points.yaml": {"points": points},
        "sensors.yaml": {"sensors": [*_demo_sensors(folder), *ours]},
        "sources.yaml": {"sources": [bench_source(["B-*"])]},
    }.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    if district != DISTRICT:  # another one that is the same but for its code
        for path in (path for path in folder.rglob("*") if path.is_file()):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(DISTRICT, district), encoding="utf-8")
    return sensors


def bodies(sensors: Sequence[BenchSensor], count: int, until: datetime) -> Iterator[bytes]:
    """Yield *count* bodies of 500 readings, in the order of their times, the last from *until*."""
    noise = random.Random(500108)
    in_a_round = len(sensors) // BODY
    rounds = -(-count // in_a_round)
    for nth in range(count):
        this, part = divmod(nth, in_a_round)
        begins_at = until - _EVERY * (rounds - this)
        yield orjson.dumps(
            [
                _reading(
                    sensor, begins_at + _EVERY * (at % _PHASES) / _PHASES, this / rounds, noise
                )
                for at, sensor in enumerate(sensors[part * BODY : (part + 1) * BODY])
            ]
        )


def records(
    sensors: Sequence[BenchSensor], count: int, until: datetime, district: str = DISTRICT
) -> Iterator[bytes]:
    """Yield *count* records of `events.v1` with the readings that `bodies` would bring."""
    normaliser = Normaliser(
        {
            sensor.sensor_id: Sensor(
                sensor_id=sensor.sensor_id,
                place=sensor.place,
                metrics=(sensor.metric,),
                interval_s=60,
                datum=sensor.datum,
            )
            for sensor in sensors
        },
        RecentValues(),
    )
    for nth, body in enumerate(bodies(sensors, count, until)):
        found = tuple(normaliser.read(item, until)[1] for item in orjson.loads(body))
        yield encode(
            Readings(
                district=district,
                event_id=hash_id("bench", nth),
                accepted_at=until,
                source=KEY,
                readings=found,
            )
        )


def single_readings(sensors: Sequence[BenchSensor], count: int, until: datetime) -> Iterator[bytes]:
    """Yield the readings of *count* bodies, each by itself, as JSON."""
    for body in bodies(sensors, count, until):
        for item in orjson.loads(body):
            yield orjson.dumps(item)


def _reading(
    sensor: BenchSensor, occurred_at: datetime, done: float, noise: random.Random
) -> dict[str, Any]:
    reading: dict[str, Any] = {
        "sensor_id": sensor.sensor_id,
        "metric": sensor.metric,
        "value": sensor.value(done, noise),
        "unit": sensor.unit,
        "occurred_at": occurred_at.isoformat(),
    }
    if sensor.datum is not None:
        reading["datum"] = sensor.datum
    return reading


def _sensors(villages: Sequence[str]) -> list[BenchSensor]:
    """Return all of them, the kinds mixed: a body holds some of each."""
    towns = sorted({f"{village[:9]}000" for village in villages})[:_TOWNS]
    found = [
        # 0.08 mm each three seconds is 40 mm in 25 minutes.
        BenchSensor(
            f"B-RG-{nth:03d}",
            "rain",
            "mm",
            towns[nth % len(towns)],
            0.05,
            0.08 if nth % len(towns) < _MOVED else None,
        )
        for nth in range(SENSORS - _RIVERS - 3 * _SLOPES - _CHAMBERS)
    ]
    for nth in range(_RIVERS):
        worst = 4.5 if nth < _MOVED else None
        found.append(
            BenchSensor(f"B-ST-{nth:03d}", "stage", "m", f"B-G-{nth:03d}", 1.5, worst, "BENCH")
        )
    for nth in range(_SLOPES):
        moves = nth < _MOVED
        at = f"B-HP-{nth:03d}"
        found += (
            BenchSensor(f"B-GN-{nth:03d}", "gnss_rate", "mm/d", at, 0.8, 40 if moves else None),
            BenchSensor(f"B-CR-{nth:03d}", "crack_rate", "mm/h", at, 0.1, 3 if moves else None),
            BenchSensor(f"B-RH-{nth:03d}", "rain", "mm", at, 0.05),
        )
    for nth in range(_CHAMBERS):
        worst = 60 if nth < _MOVED else None
        found.append(BenchSensor(f"B-GL-{nth:03d}", "methane", "%LEL", f"B-UC-{nth:03d}", 2, worst))
    random.Random(1).shuffle(found)
    return found


def _points(villages: Sequence[str]) -> list[dict[str, Any]]:
    def point(kind: str, prefix: str, nth: int) -> dict[str, Any]:
        at = villages[nth % len(villages)]
        return {"id": f"{prefix}-{nth:03d}", "name": f"{prefix}{nth}", "kind": kind, "place": at}

    marks = {"警戒": "3.00 m", "保证": "4.00 m", "历史最高": "5.00 m"}
    return [
        *(
            {**point("GAUGE", "B-G", nth), "datum": "BENCH", "marks": marks}
            for nth in range(_RIVERS)
        ),
        *(point("HAZARD_POINT", "B-HP", nth) for nth in range(_SLOPES)),
        *(point("PART", "B-UC", nth) for nth in range(_CHAMBERS)),
    ]


def _villages(places: Path) -> list[str]:
    rows = places.read_text(encoding="utf-8").splitlines()[1:]
    return [row.split(",")[0] for row in rows if row.split(",")[2] == "village"]


def _demo_sensors(folder: Path) -> list[Any]:
    """The demo's own, which a few of its other files name; they are silent in a run."""
    found: list[Any] = yaml.safe_load((folder / "sensors.yaml").read_text(encoding="utf-8"))[
        "sensors"
    ]
    return found
