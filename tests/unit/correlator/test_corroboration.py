"""UP7, and tips as evidence: the correlator's part of the gas leak (domain.md E.3)."""

import pytest

from schemas.event import TipClass
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.reason import RaiseRule
from schemas.rule import AnyOf, Rule, Scope, TipsCondition
from tests.builders import CHAMBER, METHANE, MINUTE, a_pack, a_rule, a_sensor, measured
from tests.district_log import Log

SMELLS = TipsCondition(hazard=Hazard.GAS_LEAK, count=3, window=15 * MINUTE, radius_m=200)


def gas(level: Level, lel: float, *further: TipsCondition) -> Rule:
    return a_rule(
        f"GAS-{level.name}",
        AnyOf(conditions=(measured(Metric.METHANE, lel, 2 * MINUTE, samples=2), *further)),
        level,
        Hazard.GAS_LEAK,
        Scope.UNIT,
        hold=30 * MINUTE,
        raises=(RaiseRule.UP7,),
    )


RULES = (gas(Level.IV, 10), gas(Level.III, 20), gas(Level.II, 50, SMELLS), gas(Level.I, 80))


def a_log() -> Log:
    return Log(a_pack(*RULES))


def smell(log: Log, minute: float, lel: float, sensor_id: str = METHANE) -> None:
    log.read(minute, lel, sensor_id, Metric.METHANE)


def level(log: Log) -> Level | None:
    return log.level(CHAMBER, Hazard.GAS_LEAK)


def test_the_gas_leak_of_e3() -> None:
    log = a_log()
    log.tip(21, "K1", metres_north=350)
    log.tip(24, "K2", metres_north=230)
    log.tip(24.9, "K1", metres_north=350)
    assert level(log) is None

    smell(log, 24, 12)
    smell(log, 25, 13)
    assert level(log) is Level.III  # IV and UP7

    smell(log, 26, 22)
    smell(log, 27, 24)
    assert level(log) is Level.II  # III and UP7

    log.tip(29, "K3", metres_north=420)
    last = log.last(CHAMBER, Hazard.GAS_LEAK)
    assert (last.hazard_level, last.response_level) == (Level.II, Level.I)
    assert last.raises == (RaiseRule.UP7,)


@pytest.mark.parametrize("callers", [("K1", "K1", "K1"), ("K1", "K2", "K2"), (None, None, "K1")])
def test_a_caller_counts_once(callers: tuple[str | None, ...]) -> None:
    log = a_log()

    for minute, caller in enumerate(callers):
        log.tip(minute, caller)

    assert level(log) is None


def test_tips_alone_are_one_kind_of_evidence() -> None:
    log = a_log()

    for minute, caller in enumerate(("K1", "K2", "K3")):
        log.tip(minute, caller)

    assert level(log) is Level.II
    assert log.last(CHAMBER, Hazard.GAS_LEAK).raises == ()


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ({"metres_north": 501}, False),
        ({"metres_north": 499}, True),
        ({"metres_north": None, "place": CHAMBER}, True),
        ({"metres_north": None, "place": None}, False),
        ({"tip_class": TipClass.B}, False),
        ({"hazard": Hazard.LANDSLIDE}, False),
    ],
    ids=["too far", "near enough", "named the place", "no place", "not immediate", "else"],
)
def test_which_tips_count(said: dict[str, object], counts: bool) -> None:
    log = a_log()
    log.tip(0, "K1")
    log.tip(1, "K2")

    log.tip(2, "K3", **said)  # type: ignore[arg-type] # one thing said differently

    assert level(log) is (Level.II if counts else None)


def test_three_tips_must_lie_within_a_quarter_of_an_hour() -> None:
    log = a_log()
    log.tip(0, "K1")
    log.tip(8, "K2")

    log.tip(15.1, "K3")
    assert level(log) is None

    log.tip(16, "K4")
    assert level(log) is Level.II


def test_the_same_tip_again_replaces_what_it_said() -> None:
    log = a_log()
    log.tip(0, "K1")
    log.tip(1, "K2")
    log.tip(2, "K3", metres_north=None, tip_id="T3")
    assert level(log) is None

    log.tip(3, "K3", place=CHAMBER, metres_north=None, tip_id="T3")

    assert level(log) is Level.II


def test_evidence_older_than_half_an_hour_corroborates_nothing() -> None:
    log = a_log()
    log.tip(0, "K1")

    smell(log, 31, 12)
    smell(log, 32, 13)

    assert level(log) is Level.IV


def test_two_sensors_that_each_suffice_corroborate_each_other() -> None:
    sensors = [a_sensor(name, CHAMBER, Metric.METHANE, interval_s=60) for name in ("A", "B")]
    log = Log(a_pack(*RULES, sensors=sensors))
    for minute in (1, 2):
        smell(log, minute, 12, "A")
    assert level(log) is Level.IV

    for minute in (3, 4):
        smell(log, minute, 12, "B")

    assert level(log) is Level.III


def test_tips_in_a_town_count_around_one_of_them() -> None:
    rule = a_rule("TOWN", SMELLS, Level.II, Hazard.GAS_LEAK, Scope.TOWN)
    log = Log(a_pack(rule))
    for minute, (caller, metres) in enumerate((("K1", 0), ("K2", 150), ("K3", 500))):
        log.tip(minute, caller, metres_north=metres, place="500108001001")
    assert not log.responses("500108001000", Hazard.GAS_LEAK)

    log.tip(3, "K4", metres_north=300, place="500108001001")

    assert log.level("500108001000", Hazard.GAS_LEAK) is Level.II


def test_tips_that_have_grown_old_let_the_rule_clear() -> None:
    log = a_log()
    for minute, caller in enumerate(("K1", "K2", "K3")):
        log.tip(minute, caller)

    log.tick(60)

    cleared = log.last(CHAMBER, Hazard.GAS_LEAK)
    assert cleared.hazard_level is None
    assert log.at(45) <= cleared.decided_at <= log.at(45.1)
    assert cleared.response_level is Level.II
