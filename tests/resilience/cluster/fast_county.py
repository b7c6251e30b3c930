"""
The county of 506 persons, with phones at twenty times the speed of life, as a district of its own.

Everything that the phones do takes a twentieth of its time, and what the policy grants them too;
the carrier takes sixty starts a second. Leases, sessions and takeovers take as long as they take:
against them the night is twenty times shorter, so that a takeover is felt in it.

Beside the county lie towns where nobody is called. A gauge in each brings its town to level IV with
exactly its last reading: each decision on them says that every reading before it was counted.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.county import DISTRICT, LINES, STARTS_PER_S, County, write_county

SPEED = 20
STARTS_A_SECOND = STARTS_PER_S * SPEED
READINGS_A_TOWN = 8
READING_MM = 1.25
WITNESSES = 240
"""Towns without people: two a second for two minutes."""
_WITNESSED_MM = 10  # eight readings of 1.25 mm, which binary fractions hold exactly
_NOBODYS_ROLE = "PM"
_PEOPLE = ("rings_s", "reacts_s")


@dataclass(frozen=True, slots=True)
class FastCounty:
    """The written pack; *district* is its code, *towns* are the places of its witnesses."""

    county: County
    district: str

    @property
    def folder(self) -> Path:
        """Where the pack lies."""
        return self.county.folder

    @property
    def towns(self) -> tuple[str, ...]:
        """The codes of the towns without people."""
        return tuple(_town(self.district, nth) for nth in range(WITNESSES))


def write_fast_county(folder: Path, district: str, posts: int = 506) -> FastCounty:
    """Write the pack into *folder*, which is made; *district* is six digits of its own."""
    budget = {
        "starts_per_s": STARTS_A_SECOND,
        "lines": LINES,
        "sms_per_s": 20 * SPEED,
        "ring_timeout": "PT2S",  # whole seconds are what the carrier takes
        "callee": {"per_minute": SPEED, "per_hour": 5 * SPEED, "per_day": 20 * SPEED},
    }
    county = write_county(folder, district, posts, budget=budget)
    for path in folder.rglob("*.*"):
        # Every code of the county begins with its own, and nothing else has it.
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(DISTRICT, district), encoding="utf-8")
    _change(folder / "policies.yaml", _hurried)
    _change(folder / "phones.yaml", _quick)
    _change(folder / "rules" / "rainstorm.yaml", _with_level_iv)
    _change(folder / "sources.yaml", _that_report_often)
    _change(folder / "sensors.yaml", lambda file: _with_gauges(file, district))
    with (folder / "places.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for nth in range(WITNESSES):
            row = (_town(district, nth), f"第{nth + 1}镇", "town", f"{district}000000", "", "")
            writer.writerow(row)
    return FastCounty(county, district)


def gauge_of(town: int) -> str:
    """Return the sensor of the witness number *town*."""
    return f"RG-W{town:03d}"


def _town(district: str, nth: int) -> str:
    return f"{district}{501 + nth}000"


def _change(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _hurried(policies: dict[str, Any]) -> None:
    """A minute between a person's calls, and eight until the list of those not woken."""
    level = policies["levels"]["II"]
    level["day"] |= {"repeat_gap": "PT2S", "ack_limit": "PT24S"}
    # Nobody has this role: a town without people is at level IV, and no phone rings for it.
    quiet = {**level, "called": [_NOBODYS_ROLE]}
    policies["levels"] = {"IV": quiet, "III": level, "II": level, "I": level}


def _quick(phones: dict[str, Any]) -> None:
    for person in phones["people"]:
        for name in _PEOPLE:
            person[name] = [at / SPEED for at in person[name]]
        if "hangs_up_after_s" in person:
            person["hangs_up_after_s"] /= SPEED


def _with_level_iv(rules: dict[str, Any]) -> None:
    (worse,) = rules["rules"]
    when = {**worse["when"], "value": _WITNESSED_MM}
    rules["rules"].append({**worse, "id": "RAINSTORM-IV", "level": "IV", "when": when})


def _that_report_often(sources: dict[str, Any]) -> None:
    (source,) = sources["sources"]
    source |= {"kinds": ["readings", "tips"], "per_s": 1000, "burst": 1000}
    source["callouts_per_hour"] = 1_000_000  # one source brings every town to its level


def _with_gauges(sensors: dict[str, Any], district: str) -> None:
    gauge = sensors["sensors"][0]
    sensors["sensors"] += [
        {**gauge, "id": gauge_of(nth), "place": _town(district, nth)} for nth in range(WITNESSES)
    ]
