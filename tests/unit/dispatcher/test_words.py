"""What a call and an SMS say, of one ask and of several."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.callout import Callout, CalloutKind
from services.dispatcher.domain.words import Words
from services.district.domain.place_tree import PlaceTree
from services.district.domain.templates import TextKey
from tests import districts

NIGHT = datetime(2026, 9, 18, 18, 14, tzinfo=UTC)
"""02:14 where the district is."""
RAIN = Callout(
    callout_id="c-1",
    kind=CalloutKind.RESPONSE,
    status=Status.ACTUAL,
    town=districts.TOWN,
    place=districts.TOWN,
    hazard=Hazard.RAINSTORM,
    level=Level.II,
    limits=districts.LEVEL_II,
    opened_at=NIGHT,
    decision_id="d-1",
    causes=(),
    why="雨量58毫米",
)
SLOPE = replace(
    RAIN, callout_id="c-2", place=districts.POINT, hazard=Hazard.LANDSLIDE, level=Level.I
)


@pytest.fixture
def words() -> Words:
    """The words of the small district, with two posts."""
    pack = districts.pack(
        districts.post("镇长", Role.TOWN_PRINCIPAL, "anna"),
        districts.post("监测员", Role.POINT_MONITOR, "boris", place=districts.POINT),
    )
    return Words(pack, PlaceTree(pack.rules))


def test_what_was_recorded_is_read_back_with_post_place_and_local_time(words: Words) -> None:
    said = words.read_back([(RAIN, "镇长")], NIGHT)

    assert said == "已记录您对石坪镇RAINSTORM的确认：镇长，凌晨两点十四分。"


def test_every_ask_that_was_recorded_is_read_back(words: Words) -> None:
    said = words.read_back([(SLOPE, "监测员"), (RAIN, "镇长")], NIGHT)

    assert "大田湾滑坡" in said
    assert said.endswith("另有石坪镇RAINSTORM二级响应。")


def test_a_second_call_says_that_it_is_one(words: Words) -> None:
    asks = [(RAIN, "镇长")]

    assert words.message(asks, TextKey.VOICE_SECOND_CALL) == "再呼应：石坪镇RAINSTORM二级响应。"
    assert words.sms(asks, coded=False, key=TextKey.SMS_SECOND_CALL).startswith("再呼应")


def test_a_task_tells_whom_to_find_where(words: Words) -> None:
    said = words.fixed(TextKey.SMS_TASK, RAIN, "镇长", names="anna")

    assert said == "任务：石坪镇镇长（anna）未叫应。"


def test_trouble_is_told_without_a_callout(words: Words) -> None:
    assert words.fixed(TextKey.SMS_TROUBLE, text="运营商拒绝呼叫") == "系统告警：运营商拒绝呼叫"
