"""Why somebody is called, as it is written and as it is said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.reason import Reason, ReasonCode
from services.demo.stage import PACK
from services.dispatcher.domain.asks.grounds import grounds_of, in_words
from services.district.domain.place_tree import PlaceTree
from services.district.load import load_pack

DEMO = load_pack(PACK)
TREE = PlaceTree(DEMO.rules)
TOWN = "500108003000"
HOUR = timedelta(hours=1)


def measured(
    metric: Metric, observed: int, window: timedelta | None = None, level: Level = Level.II
) -> Reason:
    """A rule that holds: *observed* in thousandths."""
    return Reason(
        code=ReasonCode.RULE,
        place=TOWN,
        level=level,
        metric=metric,
        observed=observed,
        window=window,
        event_ids=("e-1", "e-2"),
    )


WARNED = Reason(
    code=ReasonCode.WARNING,
    place=TOWN,
    hazard=Hazard.RAINSTORM,
    level=Level.III,
    event_ids=("w-1",),
)


@pytest.mark.parametrize(
    ("reason", "written", "said", "english"),
    [
        pytest.param(
            measured(Metric.RAIN, 76_000, 3 * HOUR),
            "南坪街道3小时雨量76毫米",
            "南坪街道三小时雨量七十六毫米",
            "Nanping: rain 76 mm in 3 h",
            id="a sum over hours",
        ),
        pytest.param(
            measured(Metric.RAIN, 22_500, timedelta(minutes=30)),
            "南坪街道30分钟雨量22.5毫米",
            "南坪街道三十分钟雨量二十二点五毫米",
            "Nanping: rain 22.5 mm in 30 min",
            id="and over minutes",
        ),
        pytest.param(
            measured(Metric.GNSS_RATE, 2_000, 2 * HOUR),
            "南坪街道2小时位移速率每天2毫米",
            "南坪街道两小时位移速率每天两毫米",
            "Nanping: movement 2 mm a day in 2 h",
            id="two of something",
        ),
        pytest.param(
            measured(Metric.STAGE, 180_520),
            "南坪街道水位180.52米",
            "南坪街道水位一百八十点五二米",
            "Nanping: water level 180.52 m",
            id="a level, without a window",
        ),
        pytest.param(
            measured(Metric.STAGE, -300),
            "南坪街道水位-0.3米",
            "南坪街道水位负零点三米",
            "Nanping: water level -0.3 m",
            id="below zero",
        ),
        pytest.param(
            measured(Metric.METHANE, 2_000),
            "南坪街道甲烷浓度为爆炸下限的百分之2",
            "南坪街道甲烷浓度为爆炸下限的百分之二",
            "Nanping: methane 2 % of the explosive limit",
            id="two that count nothing",
        ),
        pytest.param(
            WARNED, "暴雨三级预警", "暴雨三级预警", "rainstorm warning, level 3", id="warning"
        ),
    ],
)
def test_a_reason_is_written_in_figures_and_said_in_words(
    reason: Reason, written: str, said: str, english: str
) -> None:
    grounds = grounds_of([reason])

    assert in_words(grounds, DEMO.templates, TREE) == written
    assert in_words(grounds, DEMO.templates, TREE, spoken=True) == said
    assert in_words(grounds, DEMO.languages["en"], TREE, spoken=True) == english


def test_a_per_cent_sign_is_read_before_the_number() -> None:
    templates = DEMO.templates
    metrics = {**templates.metrics, Metric.SOIL_MOISTURE: "土壤湿度{value}%"}
    grounds = grounds_of([measured(Metric.SOIL_MOISTURE, 62_500)])

    assert (
        in_words(grounds, replace(templates, metrics=metrics), TREE, spoken=True)
        == "南坪街道土壤湿度百分之六十二点五"
    )


def test_the_worst_two_are_told_and_the_same_thing_once() -> None:
    rain = measured(Metric.RAIN, 76_000, 3 * HOUR, Level.I)

    grounds = grounds_of([WARNED, measured(Metric.STAGE, 180_520), rain, rain])

    assert (
        in_words(grounds, DEMO.templates, TREE) == "南坪街道3小时雨量76毫米，南坪街道水位180.52米"
    )
    assert all(reason.event_ids == () for reason in grounds)


def test_what_nobody_measured_is_not_told() -> None:
    assert grounds_of([Reason(code=ReasonCode.ACT, place=TOWN, level=Level.II)]) == ()
