"""`POST /v1/warnings` (design.md section 7): CAP, Chinese shapes, typed text, and bad ones."""

import pytest

from schemas.cap import MsgType, Status
from schemas.event import Warning as WarningEvent
from schemas.hazard import Hazard
from schemas.level import Level
from tests.contract.ingest.bodies import cap, j
from tests.unit.ingest.small_district import (
    DANZISHI,
    NANPING,
    OLD_NANPING,
    XIAKOU,
    Door,
)

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]><alert>&c;</alert>"""


async def test_a_cap_message_becomes_a_warning_for_our_towns(ingest: Door) -> None:
    answer = await ingest.post("/v1/warnings", cap(), "office", "application/cap+xml")

    assert answer.status == 202
    assert answer.json == {
        "accepted": ["50010841600000_20260716195500"],
        "duplicates": [],
        "rejected": [],
    }
    (event,) = await ingest.events()
    assert isinstance(event, WarningEvent)
    (info,) = event.infos
    assert (info.hazard, info.warning_level) == (Hazard.RAINSTORM, Level.II)
    assert info.targets == tuple(sorted((NANPING, DANZISHI, OLD_NANPING, XIAKOU)))
    assert event.original == cap().decode()


async def test_a_warning_for_elsewhere_is_accepted_without_targets(ingest: Door) -> None:
    body = cap(area="平乐县", code="450330000000")

    answer = await ingest.post("/v1/warnings", body, "office", "application/xml")

    assert answer.status == 202
    (event,) = await ingest.events()
    assert event.infos[0].targets == ()


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft"])
async def test_a_warnings_status_is_kept(ingest: Door, status: str) -> None:
    await ingest.post("/v1/warnings", cap(status=status), "office", "application/cap+xml")

    (event,) = await ingest.events()
    assert event.status is Status(status)


async def test_a_list_of_warnings_is_taken_one_by_one(ingest: Door) -> None:
    entry = {
        "alertid": "50010841600000_20260716195500",
        "issuetime": "2026/07/16 19:55",
        "title": "重庆市南岸区气象台发布暴雨橙色预警信号",
        "pic": "https://image.nmc.cn/assets/img/alarm/p0002002.png",
    }
    body = {"code": 0, "data": {"page": {"list": [entry, {"alertid": "x"}, 7]}}}

    answer = await ingest.post("/v1/warnings", j(body), "office")

    assert answer.status == 202
    assert answer.json["accepted"] == [entry["alertid"]]
    assert answer.json["rejected"] == [
        {"index": 1, "reason": "unknown_shape"},
        {"index": 2, "reason": "unknown_shape"},
    ]


async def test_the_same_warning_over_another_provider_is_a_duplicate(ingest: Door) -> None:
    listed = {
        "alertid": "50010841600000_20260716195500",
        "issuetime": "2026/07/16 19:54",
        "title": "重庆市南岸区气象台发布暴雨橙色预警信号",
    }

    await ingest.post("/v1/warnings", cap(), "office", "application/cap+xml")
    answer = await ingest.post("/v1/warnings", j(listed), "office")

    assert answer.json["duplicates"] == [listed["alertid"]]


async def test_the_full_national_message_is_read_by_its_fields(ingest: Door) -> None:
    body = {
        "alert": {
            "identifier": "50010841600000_20260716200000",
            "sender": "南岸区气象局",
            "sendTime": "2026-07-16 20:00:00+08:00",
            "status": "Actual",
            "msgType": "Update",
            "references": "50010841600000_20260716195500",
            "info": {
                "eventType": "11B06",
                "severity": "Blue",
                "headline": "南岸区气象局发布大风蓝色预警[IV级/一般]",
                "onset": "",
                "expires": "",
                "area": {"areaDesc": "峡口镇", "polygon": "", "geocode": "500108105000"},
            },
        }
    }

    await ingest.post("/v1/warnings", j(body), "office")

    (event,) = await ingest.events()
    assert event.msg_type is MsgType.UPDATE
    assert event.references == ("50010841600000_20260716195500",)
    assert event.infos[0].hazard is Hazard.GALE
    assert event.infos[0].warning_level is Level.IV
    assert event.infos[0].targets == (XIAKOU,)


async def test_a_warning_typed_as_text_is_read_from_its_headline(ingest: Door) -> None:
    text = "重庆市南岸区气象台2026年07月16日19时50分解除雷电黄色预警信号：雷雨云团已移出。"

    answer = await ingest.post("/v1/warnings", j({"text": text}), "office")

    assert answer.status == 202
    (event,) = await ingest.events()
    assert event.msg_type is MsgType.CANCEL
    assert event.infos[0].hazard is Hazard.LIGHTNING
    assert len(event.infos[0].targets) == 4


@pytest.mark.parametrize(
    ("body", "type_", "reason"),
    [
        (BOMB, "application/xml", "forbidden_xml"),
        (cap()[:300], "application/cap+xml", "not_xml"),
        (b"", "application/cap+xml", "not_xml"),
        (cap().decode().encode("gb18030"), "application/xml", "wrong_encoding"),
        (cap().replace(b"UTF-8", b"UTF-7"), "application/xml", "wrong_encoding"),
        (cap().replace(b"cap:1.2", b"cap:1.0"), "text/xml", "not_cap_1_1_or_1_2"),
        (cap().replace(b"<status>Actual</status>", b""), "text/xml", "cap_incomplete"),
        (cap(status="Perhaps"), "text/xml", "cap_incomplete"),
        (cap().replace(b"2026-07-16T19:55:00+08:00", b"today"), "text/xml", "bad_time"),
        (b"<" * 100, "application/xml", "not_xml"),
        (b"<a>" * 5_000, "application/xml", "not_xml"),
        (b"{", "application/json", "not_json"),
        (b"[7]", "application/json", "unknown_shape"),
        (j({"hello": "world"}), "application/json", "unknown_shape"),
        (j({"text": "今天天气很好"}), "application/json", "unreadable_warning"),
    ],
)
async def test_invariant_15_bad_input_gets_a_clear_answer_as_a_warning(
    ingest: Door, body: bytes, type_: str, reason: str
) -> None:
    answer = await ingest.post("/v1/warnings", body, "office", type_)

    assert (answer.status, answer.json["reason"]) == (400, reason)
    (letter,) = await ingest.letters()
    assert letter.reason.value == reason
    assert await ingest.events() == []
