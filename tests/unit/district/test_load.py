"""The demo pack as it is loaded: exact numbers, the matrix, the words, the version."""

from datetime import timedelta

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.place import PlaceLevel
from schemas.role import Role
from schemas.rule import AnyOf, Mark, MetricCondition, Over, Rule
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.templates import TextKey
from services.district.load import load_pack
from tests.unit.district.conftest import BreakablePack


def rule(pack: Pack, rule_id: str) -> Rule:
    return next(rule for rule in pack.rules.rules if rule.id == rule_id)


def test_the_demo_pack_holds_the_district_as_the_statistics_bureau_lists_it(demo: Pack) -> None:
    levels = [place.level for place in demo.rules.places]

    assert levels.count(PlaceLevel.DISTRICT) == 1
    assert levels.count(PlaceLevel.TOWN) == 15
    assert levels.count(PlaceLevel.VILLAGE) == 153


def test_inches_become_exact_thousandths_of_a_millimetre(demo: Pack) -> None:
    when = rule(demo, "LANDSLIDE-III-ANTECEDENT").when

    assert isinstance(when, MetricCondition)
    assert when.value == 88_900
    assert when.window == timedelta(days=3)
    assert when.antecedent is not None
    assert (when.antecedent.window, when.antecedent.permille) == (timedelta(days=15), 670)


def test_a_mark_is_a_name_and_a_shift_in_thousandths(demo: Pack) -> None:
    when = rule(demo, "RIVER-IV").when

    assert isinstance(when, AnyOf)
    stage, forecast = when.conditions
    assert isinstance(stage, MetricCondition)
    assert isinstance(forecast, MetricCondition)
    assert (stage.value, stage.over, stage.samples) == (Mark(name="警戒", plus=-1000), Over.LAST, 2)
    assert (forecast.value, forecast.over) == (Mark(name="警戒"), Over.FORECAST)


def test_the_marks_of_a_gauge_are_its_own(demo: Pack) -> None:
    gauge = next(point for point in demo.rules.points if point.point_id == "G-DAFOSI")
    sensor = next(sensor for sensor in demo.rules.sensors if sensor.sensor_id == "ST-DAFOSI")

    assert gauge.datum == "WUSONG"
    assert gauge.marks == {"警戒": 180_500, "保证": 183_500, "历史最高": 191_620}
    assert sensor.datum_shift == {"HUANGHAI": 1_490}


def test_rain_with_a_window_is_a_sum(demo: Pack) -> None:
    when = rule(demo, "RAINSTORM-II").when

    assert isinstance(when, AnyOf)
    assert [
        (condition.over, condition.value, condition.window)
        for condition in when.conditions
        if isinstance(condition, MetricCondition)
    ] == [
        (Over.SUM, 50_000, timedelta(hours=3)),
        (Over.SUM, 60_000, timedelta(hours=1)),
    ]


def test_growth_is_in_thousandths_of_the_sample_before(demo: Pack) -> None:
    growth = [
        condition
        for condition in _metric_conditions(rule(demo, "LANDSLIDE-I"))
        if condition.over is Over.GROWTH
    ]

    assert [(condition.value, condition.samples) for condition in growth] == [(200, 3)]


def _metric_conditions(graded: Rule) -> list[MetricCondition]:
    found: list[MetricCondition] = []
    waiting = [graded.when]
    while waiting:
        condition = waiting.pop()
        if isinstance(condition, MetricCondition):
            found.append(condition)
        waiting += getattr(condition, "conditions", ())
    return found


def test_the_orders_of_a_file_belong_to_each_of_its_rules(demo: Pack) -> None:
    for level in ("IV", "III", "II"):
        orders = rule(demo, f"LANDSLIDE-{level}").orders
        evacuation = next(order for order in orders if order.measure == "EVACUATE")
        assert evacuation.min_response is Level.II
        assert evacuation.confirm is Role.DUTY_LEADER
        assert evacuation.auto_after == timedelta(minutes=5)


def test_two_takes_all_limits_of_one_at_night_and_not_its_roles(demo: Pack) -> None:
    two, one = demo.policies.levels[Level.II], demo.policies.levels[Level.I]

    assert two.night == one.day
    assert two.day != one.day
    roles = {called.role for called in one.called} - {called.role for called in two.called}
    assert roles == {Role.DISTRICT_CHIEF, Role.RESCUE_TEAM}


def test_point_monitors_are_called_for_landslides_only(demo: Pack) -> None:
    called = next(
        called
        for called in demo.policies.levels[Level.III].called
        if called.role is Role.POINT_MONITOR
    )

    assert called.hazards == (Hazard.LANDSLIDE,)


def test_every_post_lies_in_the_district(demo: Pack) -> None:
    tree = PlaceTree(demo.rules)

    assert all(tree.is_within(post.place, tree.district) for post in demo.roster.posts.values())
    assert tree.town_of("HP-0103") == "500108108000"
    assert tree.town_of(tree.district) is None
    assert len(tree.towns()) == 15


def test_a_text_is_filled_with_what_happened(demo: Pack) -> None:
    said = demo.templates.fill(
        TextKey.VOICE_CONFIRM,
        exercise="",
        place="广阳镇",
        hazard=demo.templates.hazards[Hazard.RAINSTORM],
        level=demo.templates.levels[Level.II],
        why="广阳镇3小时雨量58毫米",
        post="广阳镇应急值班",
        measure="",
        target="",
    )

    assert "广阳镇，暴雨二级响应。广阳镇3小时雨量58毫米" in said


def test_the_version_changes_with_a_rule_and_not_with_a_person(
    breakable: BreakablePack, demo: Pack
) -> None:
    breakable.replace("people.yaml", "name: ", "name: 新")
    assert load_pack(breakable.folder).rules.version == demo.rules.version

    breakable.replace("rules/rainstorm.yaml", "value: 50", "value: 51")
    assert load_pack(breakable.folder).rules.version != demo.rules.version


def test_the_pack_survives_the_log(demo: Pack) -> None:
    again = type(demo.rules).model_validate_json(demo.rules.model_dump_json())

    assert again == demo.rules
