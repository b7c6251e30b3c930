"""Which towns a warning is for: by code, by name, by shape, and not at all."""

from typing import Any

import pytest

from schemas.area import Area, Geocode, Position
from schemas.event import WarningInfo
from schemas.hazard import Hazard
from services.ingest.domain.targets import district_areas, targets
from tests.unit.ingest.small_district import (
    DANZISHI,
    DISTRICT,
    NANPING,
    OLD_NANPING,
    OUTLINE,
    PLACES,
    POINTS,
    XIAKOU,
)

OURS = district_areas(PLACES, POINTS, {DISTRICT: OUTLINE})
ALL = tuple(sorted((NANPING, DANZISHI, XIAKOU, OLD_NANPING)))


def info(
    desc: str = "", code: str = "", sender: str = "", headline: str = "", **shape: Any
) -> WarningInfo:
    codes = (Geocode(value_name="CPEAS Geographic Code", value=code),) if code else ()
    area = Area(area_desc=desc, geocodes=codes, **shape)
    return WarningInfo(
        event="暴雨",
        hazard=Hazard.RAINSTORM,
        areas=(area,),
        sender_name=sender,
        headline=headline,
    )


@pytest.mark.parametrize("code", ["500000", "500000000000", "500100", "500108", "500108000000"])
def test_a_code_of_the_district_or_above_is_for_all_its_towns(code: str) -> None:
    assert targets(info("重庆市", code), OURS) == ALL


@pytest.mark.parametrize("code", ["500107", "500107000000", "130132000000", "51", "000000"])
def test_a_code_of_elsewhere_is_for_nobody_here(code: str) -> None:
    assert targets(info("南岸区外", code), OURS) == () or code == "000000"


def test_a_towns_code_is_for_the_town() -> None:
    assert targets(info("", "500108006000"), OURS) == (DANZISHI,)
    assert targets(info("", "500108006"), OURS) == (DANZISHI,)


def test_a_villages_code_is_for_the_village() -> None:
    assert targets(info("", "500108105202"), OURS) == ("500108105202",)


def test_a_towns_name_wins_over_another_issuers_code() -> None:
    assert targets(info("弹子石街道", "500108999000"), OURS) == (DANZISHI,)


def test_an_unknown_part_of_the_district_is_all_of_it() -> None:
    assert targets(info("某街道", "500108999000"), OURS) == ALL


def test_several_codes_in_one_geocode_are_each_read() -> None:
    assert targets(info("", "500107000000,500108006000,500108105000"), OURS) == (DANZISHI, XIAKOU)


def test_a_list_of_other_codes_says_nothing() -> None:
    code = Geocode(value_name="SAME", value="500108")
    same = Area(area_desc="Somewhere", geocodes=(code,))

    read = WarningInfo(event="flood", hazard=Hazard.RIVER_FLOOD, areas=(same,))

    assert targets(read, OURS) == ()


def test_the_districts_name_is_enough() -> None:
    assert targets(info("重庆市南岸区"), OURS) == ALL
    assert targets(info("全区", sender="南岸区气象台"), OURS) == ALL


def test_towns_named_with_the_district_are_those_towns() -> None:
    named = info("弹子石街道、峡口镇", sender="重庆市南岸区气象台")

    assert targets(named, OURS) == (DANZISHI, XIAKOU)


def test_towns_alone_are_ours_when_all_of_them_are() -> None:
    assert targets(info("弹子石街道,峡口镇"), OURS) == (DANZISHI, XIAKOU)
    assert targets(info("峡口镇、平乐镇"), OURS) == ()


def test_the_city_is_for_all_towns_and_another_of_its_districts_for_none() -> None:
    assert targets(info("重庆市", sender="重庆市气象台"), OURS) == ALL
    assert targets(info("重庆市渝中区", sender="重庆市气象台"), OURS) == ()


def test_a_polygon_is_for_the_towns_that_lie_in_it() -> None:
    north = tuple(
        Position(lat=lat, lon=lon)
        for lat, lon in ((29.57, 106.5), (29.57, 106.8), (29.7, 106.8), (29.7, 106.5))
    )

    assert targets(info(polygons=(north,)), OURS) == (DANZISHI, XIAKOU)


def test_a_circle_is_for_the_towns_with_a_point_in_it() -> None:
    near_the_slope = ((Position(lat=29.6, lon=106.695), 1.0),)

    assert targets(info(circles=near_the_slope), OURS) == (XIAKOU,)


def test_a_shape_between_the_towns_is_for_the_nearest() -> None:
    between = ((Position(lat=29.46, lon=106.6), 0.0),)

    assert targets(info(circles=between), OURS) == (OLD_NANPING,)


def test_a_shape_elsewhere_is_for_nobody() -> None:
    wellington = tuple(
        Position(lat=lat, lon=lon) for lat, lon in ((-38.8, 173), (-41.2, 170.7), (-44, 175.3))
    )

    assert targets(info("North Island", polygons=(wellington,)), OURS) == ()
