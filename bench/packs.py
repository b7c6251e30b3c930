"""
A district pack to measure with: many towns, each with a gauge that trips it and one person to ring.

Every number is of the kind that cannot ring. One rule alone decides, and the carrier's budget is so
large that nothing waits for it: what is left is our own time.
"""

import csv
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DISTRICT = "500108"
KEY = "bench-readings"
DEMO = Path(__file__).parent.parent / "deploy" / "districts" / "demo"
GAUGES_IN_A_TOWN = 50

_FIRST_QUIET_TOWN = 9000
_TRIPPING_MM, _STEADY_MM = 45, 0.01  # the rule trips at 40 mm/h; 1 reading/s makes 36 mm/h
_LEVELS = ("IV", "III", "II", "I")
_LIMITS: dict[str, Any] = {
    "sms_within": "PT30S",
    "first_ring_within": "PT30S",
    "ack_limit": "PT1H",
    "attempts": 1,
    "repeat_gap": "PT10M",
}


@dataclass(frozen=True, slots=True)
class BenchPack:
    """A written pack: *towns* that can be tripped once each, and *quiet_towns* for the load."""

    folder: Path
    towns: int
    quiet_towns: int

    def number(self, town: int) -> str:
        """Return the number that rings when *town* is tripped."""
        return f"+86100{town:08d}"

    def tripping(self, town: int, occurred_at: str) -> bytes:
        """Return the body of the one reading that raises *town* to III."""
        return json.dumps(_reading(f"RG-{town:04d}", _TRIPPING_MM, occurred_at)).encode()

    def steady(self, town: int, occurred_at: str) -> bytes:
        """Return a body with one reading of every gauge of the quiet *town*; it never trips."""
        return json.dumps(
            [_reading(gauge, _STEADY_MM, occurred_at) for gauge in _quiet_gauges(town)]
        ).encode()


def write_pack(folder: Path, towns: int, quiet_towns: int, posts: int = 1) -> BenchPack:
    """
    Write the pack into *folder*, which is made; a town is one gauge, one village, *posts* people.

    The users are the demo's; the practice phones ring and are never answered.
    """
    (folder / "rules").mkdir(parents=True)
    shutil.copy(DEMO / "templates.zh-CN.yaml", folder)
    shutil.copy(DEMO / "approved_texts.yaml", folder)
    shutil.copy(DEMO / "users.yaml", folder)
    numbered = range(towns * posts)
    _write_places(folder / "places.csv", towns, quiet_towns)
    for name, content in {
        "district.yaml": _district(),
        "rules/rainstorm.yaml": _rules(),
        "policies.yaml": _policies(),
        "points.yaml": {"points": []},
        "phones.yaml": {"default": {"habit": "never"}},
        "sensors.yaml": {"sensors": _sensors(towns, quiet_towns)},
        "sources.yaml": {"sources": [bench_source(["RG-*"])]},
        "posts.yaml": {
            "posts": [
                {
                    "id": f"VS-{n}",
                    "name": f"第{n // posts}村{n % posts or ''}书记",
                    "role": "VS",
                    "place": _village(n // posts),
                }
                for n in numbered
            ]
        },
        "people.yaml": {"people": [_person(n) for n in numbered]},
        "shifts.yaml": {"shifts": [{"post": f"VS-{n}", "holder": f"p{n}"} for n in numbered]},
    }.items():
        # JSON is YAML too, and needs no thought about quotes.
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return BenchPack(folder, towns, quiet_towns)


def _reading(sensor: str, value: float, occurred_at: str) -> dict[str, Any]:
    return {
        "sensor_id": sensor,
        "metric": "rain",
        "value": value,
        "unit": "mm",
        "occurred_at": occurred_at,
    }


def _town(number: int) -> str:
    return f"{DISTRICT}{number:04d}00"


def _village(number: int) -> str:
    return f"{DISTRICT}{number:04d}01"


def _quiet_gauges(town: int) -> list[str]:
    return [f"RG-Q{town:02d}-{nth:02d}" for nth in range(GAUGES_IN_A_TOWN)]


def _write_places(path: Path, towns: int, quiet_towns: int) -> None:
    district = f"{DISTRICT}999900"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "level", "parent", "lat", "lon"])
        writer.writerow([district, "压测区", "district", "", "29.53", "106.65"])
        for n in range(towns):
            lat, lon = 29.45 + 0.008 * (n // 25), 106.5 + 0.012 * (n % 25)
            writer.writerow([_town(n), f"第{n}镇", "town", district, lat, lon])
            writer.writerow([_village(n), f"第{n}村", "village", _town(n), lat + 0.004, lon])
        for n in range(quiet_towns):
            code = _town(_FIRST_QUIET_TOWN + n)
            writer.writerow([code, f"静{n}镇", "town", district, "", ""])


def _sensors(towns: int, quiet_towns: int) -> list[dict[str, Any]]:
    # A gauge that reports an hour's rain may say 45 mm at once; the quiet ones report more often
    # than they must, so that their silence means nothing within a run.
    return [
        *(
            {"id": f"RG-{n:04d}", "place": _town(n), "metrics": ["rain"], "every": "PT1H"}
            for n in range(towns)
        ),
        *(
            {
                "id": gauge,
                "place": _town(_FIRST_QUIET_TOWN + n),
                "metrics": ["rain"],
                "every": "PT1H",
            }
            for n in range(quiet_towns)
            for gauge in _quiet_gauges(n)
        ),
    ]


def _person(number: int) -> dict[str, Any]:
    # Voice alone: one event makes one request, as one alert makes one webhook.
    contact = {"number": f"+86100{number:08d}", "sms": False}
    return {"id": f"p{number}", "name": f"压测{number}", "contacts": [contact]}


def bench_source(sensors: list[str]) -> dict[str, Any]:
    """Return a source that may report *sensors* as fast as it can."""
    return {
        "name": KEY,
        "key_sha256": hashlib.sha256(KEY.encode()).hexdigest(),
        "kinds": ["readings"],
        "sensors": sensors,
        "per_s": 100_000,
        "burst": 100_000,
        "callouts_per_hour": 1_000_000,  # one source trips every town
    }


def _district() -> dict[str, Any]:
    acts = ("raise", "lower", "confirm")
    return {
        "pack": "bench-latency",
        "version": "1",
        "district": DISTRICT,
        "name": "压测区",
        "timezone": "Asia/Shanghai",
        "demo": True,
        "night": {"start": "22:00", "end": "06:00"},
        "warning_validity": {"default": "PT24H"},
        "mandates": {
            **{f"{act}_level": ["DL"] for act in acts},
            "issue_order": ["DL"],
            "lift_order": ["DL"],
            "release_quarantine": ["DL"],
        },
    }


def _rules() -> dict[str, Any]:
    return {
        "hazard": "RAINSTORM",
        "scope": "TOWN",
        "clear": {"below_pct": 90, "hold": "PT1H"},
        "rules": [
            {
                "id": "RAINSTORM-III",
                "level": "III",
                "when": {
                    "metric": "rain",
                    "unit": "mm",
                    "window": "PT1H",
                    "op": ">=",
                    "value": 40,
                },
                "provenance": "压测",
            }
        ],
    }


def _policies() -> dict[str, Any]:
    return {
        "budget": {
            "starts_per_s": 2000,
            "lines": 20_000,
            "sms_per_s": 2000,
            "ring_timeout": "PT10M",
            "callee": {"per_minute": 1000, "per_hour": 1000, "per_day": 1000},
        },
        "levels": {level: {"called": ["VS"], "day": _LIMITS} for level in _LEVELS},
    }
