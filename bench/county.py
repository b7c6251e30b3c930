"""
A county's real order as a district pack: 506 persons responsible, 38 of the county, 72 of its towns
and 396 of its villages (Mianxian County's rule of 2024), each with one number and no deputy.

Every number is of the kind that cannot ring. One gauge trips one rule at level II, so one callout
calls everybody; a duty officer, who is not called, is sent the list of those not woken.
"""

import csv
import hashlib
import json
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DISTRICT = "610725"
KEY = "bench-county"
GAUGE = "RG-1"
STARTS_PER_S, LINES = 3, 120
MESSAGE_S = 20.0
RING_TIMEOUT_S = 30.0
OFFICER = "+8610099000001"

_DEMO = Path(__file__).parent.parent / "deploy" / "districts" / "demo"
_COUNTY, _TOWN = f"{DISTRICT}000000", f"{DISTRICT}100000"
_OF_COUNTY, _OF_TOWNS = 38, 72
_TRIPPING_MM = 45
_NEVER: dict[str, Any] = {"habit": "never"}
_SHARES: tuple[tuple[int, dict[str, Any]], ...] = (
    (70, {"habit": "coder"}),
    (10, {"habit": ["never", "coder"]}),
    (10, {"habit": "voicemail"}),
    (5, {"habit": "hangs_up", "hangs_up_after_s": 6}),
    (5, _NEVER),
)
"""How many of a hundred behave how: 70 confirm at the first call, 10 at the second."""
_BEHAVES = {"rings_s": [5, 15], "reacts_s": [0.3, 0.8]}

# Ninety characters at 4.5 a second are the twenty seconds of the county's rule, up to the key that
# is asked for; then the code and its read-back within five.
_TEXTS = {
    "voice.confirm": (
        "{exercise}县防汛抗旱指挥部紧急叫应。{place}{hazard}{level}响应已经启动。您的岗位是{post}。"
        "未来三小时内还有强降雨，请您立即到岗到位，组织危险区群众转移避险，撤离的人员不得返回，"
        "情况随时报告指挥部。"
    ),
    "voice.menu": "收到请按1。",
    "voice.code": "{exercise}请按{code}。",
    "voice.recorded": "{exercise}记录{place}{post}，{time}。",
}


@dataclass(frozen=True, slots=True)
class County:
    """A written pack, and who lives there: *habits* by number."""

    folder: Path
    habits: dict[str, str]

    @property
    def posts(self) -> int:
        """How many are called."""
        return len(self.habits)


def tripping(occurred_at: str) -> bytes:
    """Return the body of the one reading that raises the county to II."""
    reading = {
        "sensor_id": GAUGE,
        "metric": "rain",
        "value": _TRIPPING_MM,
        "unit": "mm",
        "occurred_at": occurred_at,
    }
    return json.dumps(reading).encode()


def number_of(post: int) -> str:
    """Return the number of the holder of *post*."""
    return f"+86100{post:08d}"


def write_county(
    folder: Path,
    seed: str,
    posts: int = 506,
    budget: dict[str, Any] | None = None,
    attempts: int = 4,
) -> County:
    """
    Write the pack into *folder*, which is made. People are dealt their habits by *seed*, in exactly
    the given shares, and called so many *attempts*; *budget* adds to what the carrier permits.
    """
    (folder / "rules").mkdir(parents=True)
    shutil.copy(_DEMO / "users.yaml", folder)
    templates = yaml.safe_load((_DEMO / "templates.zh-CN.yaml").read_text(encoding="utf-8"))
    templates["texts"] |= _TEXTS
    people = _dealt(seed, posts)
    villages = max(1, posts - _OF_COUNTY - _OF_TOWNS)
    _write_places(folder / "places.csv", villages)
    for name, content in {
        "district.yaml": _district(),
        "templates.zh-CN.yaml": templates,
        "approved_texts.yaml": {"required": False},
        "rules/rainstorm.yaml": _RULES,
        "policies.yaml": _policies({**_BUDGET, **(budget or _ONE_ACCOUNT)}, attempts),
        "points.yaml": {"points": []},
        "phones.yaml": {
            "default": _NEVER,
            "people": [{"number": number_of(n), **_BEHAVES, **one} for n, one in enumerate(people)],
        },
        "sensors.yaml": {
            "sensors": [{"id": GAUGE, "place": _TOWN, "metrics": ["rain"], "every": "PT1H"}]
        },
        "sources.yaml": {"sources": [_SOURCE]},
        "posts.yaml": {
            "posts": [
                {"id": "DO", "name": "县值班员", "role": "DO", "place": _COUNTY},
                *(_post(n, posts) for n in range(posts)),
            ]
        },
        "people.yaml": {
            "people": [
                {"id": "officer", "name": "值班员", "contacts": [{"number": OFFICER}]},
                *(_person(n) for n in range(posts)),
            ]
        },
        "shifts.yaml": {
            "shifts": [
                {"post": "DO", "holder": "officer"},
                *({"post": f"P-{n:03d}", "holder": f"p{n:03d}"} for n in range(posts)),
            ]
        },
    }.items():
        # JSON is YAML too, and needs no thought about quotes.
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return County(folder, {number_of(n): _named(one["habit"]) for n, one in enumerate(people)})


def _named(habit: str | list[str]) -> str:
    return habit if isinstance(habit, str) else " then ".join(habit)


def _dealt(seed: str, posts: int) -> list[dict[str, Any]]:
    dealt: list[dict[str, Any]] = []
    for share, habit in _SHARES[1:]:
        dealt += [habit] * round(posts * share / 100)
    dealt += [_SHARES[0][1]] * (posts - len(dealt))
    random.Random(seed).shuffle(dealt)
    return dealt


def _post(number: int, posts: int) -> dict[str, Any]:
    if number < _OF_COUNTY and posts > _OF_COUNTY + _OF_TOWNS:
        role, place, name = "SH", _COUNTY, f"县{number + 1}"
    elif number < _OF_COUNTY + _OF_TOWNS and posts > _OF_COUNTY + _OF_TOWNS:
        role, place, name = "TP", _TOWN, f"镇{number + 1}"
    else:
        role, place, name = "VS", _village(number % max(1, posts - _OF_COUNTY - _OF_TOWNS)), ""
        name = f"村{number + 1}"
    return {"id": f"P-{number:03d}", "name": name, "role": role, "place": place}


def _person(number: int) -> dict[str, Any]:
    contact = {"number": number_of(number), "sms": False}
    return {"id": f"p{number:03d}", "name": f"责任人{number}", "contacts": [contact]}


def _village(number: int) -> str:
    return f"{_TOWN[:9]}{number + 1:03d}"


def _write_places(path: Path, villages: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "level", "parent", "lat", "lon"])
        writer.writerow([_COUNTY, "压测县", "district", "", "33.15", "106.67"])
        writer.writerow([_TOWN, "江镇", "town", _COUNTY, "33.16", "106.68"])
        for n in range(villages):
            writer.writerow([_village(n), f"第{n + 1}村", "village", _TOWN, "", ""])


_SOURCE = {
    "name": KEY,
    "key_sha256": hashlib.sha256(KEY.encode()).hexdigest(),
    "kinds": ["readings"],
    "sensors": ["RG-*"],
}
_RULES = {
    "hazard": "RAINSTORM",
    "scope": "TOWN",
    "clear": {"below_pct": 90, "hold": "PT1H"},
    "rules": [
        {
            "id": "RAINSTORM-II",
            "level": "II",
            "when": {"metric": "rain", "unit": "mm", "window": "PT1H", "op": ">=", "value": 40},
            "provenance": "压测",
        }
    ],
}


def _district() -> dict[str, Any]:
    acts = ("raise", "lower", "confirm")
    return {
        "pack": "bench-county",
        "version": "1",
        "district": DISTRICT,
        "name": "压测县",
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


_ONE_ACCOUNT: dict[str, Any] = {
    "starts_per_s": STARTS_PER_S,
    "lines": LINES,
    "sms_per_s": 20,
}
_BUDGET: dict[str, Any] = {
    "ring_timeout": "PT30S",
    "callee": {"per_minute": 1, "per_hour": 5, "per_day": 20},
}


def _policies(budget: dict[str, Any], attempts: int) -> dict[str, Any]:
    # Four calls a person, each a minute after the one before began: the callee's own limit sees to
    # the minute, and the gap from the end of a call leaves it room (30 s of ringing, or 15 + 20 s).
    limits = {
        "sms_within": "PT10S",
        "first_ring_within": "PT3M",
        "ack_limit": "PT8M",
        "attempts": attempts,
        "repeat_gap": "PT10S",
        "coded": True,
    }
    level = {"called": ["SH", "TP", "VS"], "day": limits}
    return {"budget": budget, "levels": dict.fromkeys(("IV", "III", "II", "I"), level)}
