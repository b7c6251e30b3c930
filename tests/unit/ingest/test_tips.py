"""Tips: the place a reader would conclude, the class by its words, the caller left out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from schemas.event import TipClass
from schemas.hazard import Hazard
from services.ingest.adapters.word_tables import load_tip_words
from services.ingest.domain.caller_identity import Caller, read_caller, without_identity
from services.ingest.domain.place_names import PlaceNames
from services.ingest.domain.tip import locate, read_tip
from tests.unit.ingest.collected_data import collected, lines_of, region_places
from tests.unit.ingest.small_district import DANZISHI, NANPING, OLD_NANPING, PLACES

WORDS = load_tip_words()
NAMES = PlaceNames(PLACES)
BEIJING = ZoneInfo("Asia/Shanghai")
BY_CODE = {place.code: place for place in PLACES}

# By seq, as a person at the hotline would class them (domain.md D.5).
CLASSES = {
    1: "A",  # a load over a pavement, and a timber fell yesterday
    2: "A",
    4: "A",
    5: "B",
    7: "A",
    8: "A",  # tiles fall on the way to school
    10: "B",
    11: "A",
    13: "A",
    14: "B",
    16: "A",
    17: "A",
    19: "B",
    20: "A",
    22: "A",
    23: "A",
    25: "A",
    26: "B",
    28: "B",
    29: "A",
    31: "A",
    32: "B",
    34: "A",
    35: "B",
}
HAZARDS = {
    1: Hazard.TOWER_CRANE,
    2: Hazard.GAS_LEAK,
    4: Hazard.LANDSLIDE,
    7: Hazard.FLASH_FLOOD,
    13: Hazard.MINE_TAILINGS,
    17: Hazard.HAZCHEM,
    20: Hazard.FLASH_FLOOD,
    22: Hazard.GAS_LEAK,
    23: Hazard.LANDSLIDE,
    25: Hazard.LANDSLIDE,
    34: Hazard.GAS_LEAK,
}


@pytest.mark.servers
def test_each_collected_tip_is_placed_where_a_reader_would_place_it() -> None:
    tips = lines_of(collected("hotline", "hotline_12350_synthetic.ndjson"))
    names = {
        district: PlaceNames(region_places(district))
        for district in {tip["district_code"] for tip in tips} - {""}
    }

    found = {
        tip["seq"]: names[tip["district_code"]].find(tip["text"]).place
        for tip in tips
        if tip["district_code"]
    }

    assert {seq: place.code if place else None for seq, place in found.items()} == {
        tip["seq"]: tip["village_code"] for tip in tips if tip["district_code"]
    }


@pytest.mark.servers
def test_a_tip_whose_place_is_not_said_gets_none() -> None:
    tips = {t["seq"]: t for t in lines_of(collected("hotline", "hotline_12350_synthetic.ndjson"))}
    everywhere = PlaceNames([p for d in ("500107", "500113") for p in region_places(d)])

    assert everywhere.find(tips[34]["text"]).place is None
    unsure = everywhere.find(tips[35]["text"])
    assert unsure.place is None
    assert {place.code for place in unsure.candidates} == {"500107102202", "500113114235"}


@pytest.mark.servers
def test_each_collected_tip_is_classed_by_its_words() -> None:
    tips = lines_of(collected("hotline", "hotline_12350_synthetic.ndjson"))

    classes = {tip["seq"]: WORDS.class_of(tip["text"]).value for tip in tips}
    hazards = {tip["seq"]: hazard for tip in tips if (hazard := WORDS.hazard_of(tip["text"]))}

    assert classes == CLASSES
    assert hazards == HAZARDS


def test_a_name_that_repeats_is_asked_back() -> None:
    unsure = NAMES.find("白鹤社区的下水道堵了")

    assert unsure.place is None
    assert [place.code for place in unsure.candidates] == ["500108003014", "500108006002"]


def test_its_town_settles_a_name_that_repeats() -> None:
    found = NAMES.find("弹子石白鹤社区的下水道堵了")

    assert found.place is not None
    assert found.place.code == "500108006002"


def test_a_town_said_in_short_may_be_two() -> None:
    unsure = NAMES.find("南坪这边有人烧垃圾")

    assert unsure.place is None
    assert {place.code for place in unsure.candidates} == {NANPING, OLD_NANPING}
    in_full = NAMES.find("南坪街道这边有人烧垃圾").place
    assert in_full is not None
    assert in_full.code == NANPING


def test_a_village_without_its_ending_is_known_behind_its_town() -> None:
    found = NAMES.find("峡口镇大田后山")

    assert found.place is not None
    assert found.place.code == "500108105202"


def test_a_class_a_word_decides_over_others() -> None:
    assert WORDS.class_of("消防通道堵死,楼道里冒烟了") is TipClass.A
    assert WORDS.class_of("公司拖欠工资") is TipClass.C


def told(**fields: object) -> dict[str, object]:
    return {"text": "煤气味很大", "occurred_at": "2026-07-16T20:00:00+08:00", **fields}


@pytest.mark.parametrize(
    "place",
    [
        DANZISHI,
        "弹子石街道",
        {"code": DANZISHI},
        {"text": "弹子石"},
        {"lat": 29.586, "lon": 106.586},
    ],
    ids=["code", "text", "code inside", "text inside", "coordinates"],
)
def test_a_place_may_be_given_as_text_code_or_coordinates(place: object) -> None:
    tip = read_tip(told(place=place), BEIJING)
    located = [found for found in PLACES if found.position is not None]

    found = locate(tip, NAMES, BY_CODE, located)

    assert found.place is not None
    assert found.place.code == DANZISHI


def test_coordinates_far_from_any_known_place_are_asked_back() -> None:
    tip = read_tip(told(lat=29.5, lon=106.7), BEIJING)
    located = [found for found in PLACES if found.position is not None]

    found = locate(tip, NAMES, BY_CODE, located)

    assert found.place is None
    assert len(found.candidates) == 3


def test_a_time_without_an_offset_is_beijing_time() -> None:
    tip = read_tip(told(occurred_at="2026-07-16 20:00"), BEIJING)

    assert tip.occurred_at == datetime(2026, 7, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "我姓王,电话13800138000,煤气味很大",
        "回电 138 0013 8000",
        "身份证500108199001011234有人冒用",
        "打023-62800000找我",
    ],
)
def test_numbers_of_people_are_left_out_of_the_text(text: str) -> None:
    kept = without_identity(text, None)

    assert "138" not in kept
    assert "1990" not in kept
    assert "62800000" not in kept


def test_the_same_number_written_differently_is_the_same_caller() -> None:
    ways = ["13800138000", "+86 138-0013-8000", 13800138000, {"number": "138 0013 8000"}]

    assert {read_caller(way) for way in ways} == {Caller("13800138000", "")}


def test_a_caller_does_not_show_itself() -> None:
    assert "138" not in repr(Caller("13800138000", "王某"))
    assert "王" not in str(Caller("13800138000", "王某"))
