"""Planted mistakes: each is found with its file, its line and what is wrong."""

import pytest

from tests.unit.district.conftest import BreakablePack

MISTAKES = [
    ("policies.yaml", "ack_limit: PT60M", "ack_limti: PT60M", "unknown key 'ack_limti'"),
    ("policies.yaml", "called: [DO, TD, UR]", "called: [DO, TX, UR]", "found 'TX'"),
    ("policies.yaml", "ack_limit: PT60M", "ack_limit: 3600", "a span is written in ISO 8601"),
    ("policies.yaml", "FLASH_FLOOD: [PM", "FLASHFLOOD: [PM", "found 'FLASHFLOOD'"),
    ("rules/rainstorm.yaml", "unit: mm", "unit: m3/s", "unit 'm3/s' cannot become 'mm'"),
    ("rules/rainstorm.yaml", ', op: ">=", value: 50', ', op: ">="', "either value or mark"),
    ("rules/rainstorm.yaml", "value: 50", "value: 50.0001", "finer than a thousandth"),
    ("rules/rainstorm.yaml", "metric: rain,", "metric: rian,", "found 'rian'"),
    ("rules/rainstorm.yaml", "window: PT12H, ", "over: sum, ", "sum needs a window"),
    (
        "rules/rainstorm.yaml",
        "level: IV",
        "level: V",
        "a level is one of IV, III, II, I; found 'V'",
    ),
    ("rules/rainstorm.yaml", "[POWER, TD]", "[COMMANDER]", "no post has the role COMMANDER"),
    ("rules/rainstorm.yaml", "id: RAINSTORM-III", "id: RAINSTORM-IV", "stands here twice"),
    ("rules/river_flood.yaml", "mark: 警戒, plus", "mark: 设防, plus", "has no mark '设防'"),
    ("rules/river_flood.yaml", "plus: -1.0 m", "plus: -1.0", "such as 180.50 m"),
    (
        "rules/landslide_seattle.yaml",
        "[HP-0101, HP-0102]",
        "[HP-0101, HP-9]",
        "unknown point 'HP-9'",
    ),
    ("rules/landslide.yaml", "confirm: DL, auto", "auto", "auto_after without confirm"),
    ("points.yaml", "kind: GAUGE", "kind: GAUGES", "found 'GAUGES'"),
    ("points.yaml", "id: HP-0102", "id: HP-0101", "the id 'HP-0101' is used twice"),
    ("sensors.yaml", "place: HP-0101", "place: HP-01O1", "unknown place or point 'HP-01O1'"),
    ("sensors.yaml", ", datum: KUZHUXI-0", "", "it needs a datum"),
    ("posts.yaml", "superior: DL}", "superior: DX}", "unknown superior 'DX'"),
    ("posts.yaml", "id: DV,", "id: DC,", "the post 'DC' stands here twice"),
    ("shifts.yaml", "holder: p001", "holder: p999", "unknown person 'p999'"),
    ("shifts.yaml", "post: DC,", "post: DCC,", "unknown post 'DCC'"),
    ("shifts.yaml", "end: 2026-09-19T20:00:00", "end: 2026-09-18T20:00:00", "before it starts"),
    ("sources.yaml", "RG-*", "RX-*", "unknown sensor 'RX-*'"),
    ("sources.yaml", 'area: "5001080', 'area: "5001070', "unknown place '500107000000'"),
    ("users.yaml", "id: duty-leader", "id: duty-officer", "stands here twice"),
    ("users.yaml", "role: COMMANDER", "role: BOSS", "found 'BOSS'"),
    ("templates.zh-CN.yaml", "请立即到岗到位", "{who}请到岗", "unknown variable {who}"),
    (
        "templates.zh-CN.yaml",
        "{exercise}确认码是{code}。",
        "{exercise}确认。",
        "must say {code}",
    ),
    ("district.yaml", "Asia/Shanghai", "Asia/Chongching", "unknown time zone"),
    ("district.yaml", "LANDSLIDE, WATERLOGGING", "RAINSTORM", "RAINSTORM is in two families"),
    ("places.csv", "南坪街道,town,", "南坪街道,city,", "level 'city' is none of"),
    ("places.csv", ",village,500108001000", ",village,500108001999", "unknown parent"),
    ("replay.yaml", "sensor: RG-15A", "sensor: RG-15X", "unknown sensor 'RG-15X'"),
    ("replay.yaml", "user: commander", "user: nobody", "unknown user 'nobody'"),
    ("replay.yaml", "0.4 x 12", "0.4 y 12", "'0.4 y 12' is no value"),
]


@pytest.mark.parametrize(
    ("file", "right", "wrong", "reason"),
    MISTAKES,
    ids=[f"{mistake[0]}: {mistake[3]}" for mistake in MISTAKES],
)
def test_a_mistake_is_found_with_its_file_and_line(
    breakable: BreakablePack, file: str, right: str, wrong: str, reason: str
) -> None:
    line = breakable.replace(file, right, wrong)

    found = [f for f in breakable.faults() if f.file == file and reason in f.reason]

    assert found, [str(fault) for fault in breakable.faults()]
    assert abs(found[0].line - line) <= LINES_A_VALUE_MAY_SPAN


LINES_A_VALUE_MAY_SPAN = 3
"""A fault of a whole entry names the line where the entry begins."""


def test_all_mistakes_are_found_in_one_go(breakable: BreakablePack) -> None:
    breakable.replace("posts.yaml", "superior: DL}", "superior: DX}")
    breakable.replace("rules/gas_leak.yaml", "PT3M", "PT")
    breakable.replace("users.yaml", "role: OPERATOR", "role: BOSS")

    assert {fault.file for fault in breakable.faults()} == {
        "posts.yaml",
        "rules/gas_leak.yaml",
        "users.yaml",
    }


def test_a_post_above_itself_is_a_fault(breakable: BreakablePack) -> None:
    breakable.replace("posts.yaml", "role: DC, place: ", "role: DC, superior: DL, place: ")

    assert any("is above itself" in fault.reason for fault in breakable.faults())


def test_a_level_without_a_policy_is_a_fault(breakable: BreakablePack) -> None:
    text = (breakable.folder / "policies.yaml").read_text(encoding="utf-8")
    start, end = text.index("  IV:\n"), text.index("  III:\n")
    (breakable.folder / "policies.yaml").write_text(text[:start] + text[end:], encoding="utf-8")

    assert [fault.reason for fault in breakable.faults()] == ["level IV has no policy"]


def test_a_text_that_is_missing_is_a_fault(breakable: BreakablePack) -> None:
    breakable.replace("templates.zh-CN.yaml", "  sms.release:", "  # sms.release:")

    assert [fault.reason for fault in breakable.faults()] == ["nothing for 'sms.release' in texts"]


@pytest.mark.parametrize("number", ["13900000000", "+8613912345678", "+86100123"])
def test_a_number_of_a_demo_pack_cannot_ring_and_is_never_repeated(
    breakable: BreakablePack, number: str
) -> None:
    text = (breakable.folder / "people.yaml").read_text(encoding="utf-8")
    first = text.split('number: "')[1].split('"')[0]
    line = breakable.replace("people.yaml", first, number)

    faults = [fault for fault in breakable.faults() if fault.file == "people.yaml"]

    assert [fault.line for fault in faults] == [line]
    assert number not in faults[0].reason


def test_a_key_that_stands_twice_is_a_fault(breakable: BreakablePack) -> None:
    line = breakable.replace("policies.yaml", "max_code_tries: 3", "join_within: PT5S")

    assert [str(fault) for fault in breakable.faults()] == [
        f"policies.yaml:{line}: the key 'join_within' stands here twice"
    ]


def test_what_is_not_yaml_is_a_fault(breakable: BreakablePack) -> None:
    breakable.replace("users.yaml", "users:", "users: [")

    assert all(fault.reason.startswith("not YAML") for fault in breakable.faults())


def test_a_file_that_is_missing_is_a_fault(breakable: BreakablePack) -> None:
    (breakable.folder / "sensors.yaml").unlink()

    assert "sensors.yaml:1: the file is missing" in [str(fault) for fault in breakable.faults()]
