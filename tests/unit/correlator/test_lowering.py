"""Down again: by itself to IV and away, and from II and I only by a person."""

import pytest

from schemas.act import ConsultationRecorded, LevelLowered, OrderIssued
from schemas.decision import ActAnswered, ActRefusal
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.reason import ReasonCode
from schemas.role import Role
from services.correlator.domain.lowering import one_below, refuse_lowering, step_due_us
from services.correlator.domain.response import Response
from tests.builders import HOUR, MINUTE, SLOPE, TOWN, a_pack, rain_rule
from tests.district_log import Log

III_ONLY = rain_rule(Level.III, 40, hold=HOUR)
II_ONLY = rain_rule(Level.II, 60, hold=HOUR)


def dry(start: int, end: int) -> list[tuple[float, float]]:
    return [(float(at), 0.0) for at in range(start, end, 5)]


def lower(level: Level | None, consultation: str | None = None) -> LevelLowered:
    return LevelLowered(
        place=TOWN, hazard=Hazard.RAINSTORM, level=level, why="雨停", consultation=consultation
    )


def answered(log: Log) -> ActAnswered:
    decision = log.decisions[-1]
    assert isinstance(decision, ActAnswered)
    return decision


def cleared_at_ii() -> Log:
    """60 mm at minute 5; the rule has cleared by minute 125, the response stays II."""
    log = Log(a_pack(II_ONLY))
    log.series([(5, 60.0), *dry(10, 200)])
    return log


@pytest.mark.parametrize(
    ("level", "below"),
    [(Level.I, Level.II), (Level.II, Level.III), (Level.III, Level.IV), (Level.IV, None)],
)
def test_a_step_is_one_level(level: Level, below: Level | None) -> None:
    assert one_below(level) is below


@pytest.mark.parametrize(
    ("level", "stepped", "due"),
    [
        (Level.I, None, None),
        (Level.II, None, None),
        (Level.III, None, 100),
        (Level.III, 90, 140),
        (Level.IV, 10, 100),
    ],
)
def test_only_iii_and_iv_step_down_by_themselves(
    level: Level, stepped: int | None, due: int | None
) -> None:
    assert step_due_us(Response(level=level, stepped_us=stepped), 100, 50) == due


@pytest.mark.parametrize(
    ("level", "wanted", "base", "consulted", "evacuating", "refusal"),
    [
        (None, None, None, True, False, ActRefusal.WRONG_STATE),
        (Level.I, Level.III, None, True, False, ActRefusal.NOT_ONE_STEP),
        (Level.II, None, None, True, False, ActRefusal.NOT_ONE_STEP),
        (Level.II, Level.III, None, True, True, ActRefusal.EVACUATION_OPEN),
        (Level.II, Level.III, None, False, False, ActRefusal.CONSULTATION_MISSING),
        (Level.II, Level.III, Level.II, True, False, ActRefusal.WRONG_STATE),
        (Level.IV, None, Level.IV, False, False, ActRefusal.WRONG_STATE),
        (Level.II, Level.III, Level.III, True, False, None),
        (Level.III, Level.IV, None, False, False, None),
        (Level.IV, None, None, False, False, None),
    ],
)
def test_what_a_person_may_lower(
    level: Level | None,
    wanted: Level | None,
    base: Level | None,
    consulted: bool,
    evacuating: bool,
    refusal: ActRefusal | None,
) -> None:
    assert (
        refuse_lowering(level, wanted, base, consulted=consulted, evacuating=evacuating) is refusal
    )


def test_iii_goes_to_iv_when_its_rule_clears_and_away_a_clearing_time_later() -> None:
    log = Log(a_pack(III_ONLY))
    log.series([(5, 40.0), *dry(10, 300)])

    told = [((at.decided_at - log.at(0)) // MINUTE, at.response_level) for at in log.responses()]

    assert told == [(5, Level.III), (125, Level.IV), (185, None)]


def test_it_does_not_go_under_a_lower_rule_that_still_holds() -> None:
    log = Log(a_pack(III_ONLY, rain_rule(Level.IV, 50, hours=12)))
    log.series([(5, 50.0), *dry(10, 300)])

    assert log.level() is Level.IV


def test_ii_stays_when_nothing_speaks_for_it_any_more() -> None:
    log = cleared_at_ii()

    assert (log.last().hazard_level, log.last().response_level) == (None, Level.II)
    held = [at for at in log.last().reasons if at.code is ReasonCode.HELD]
    assert [at.event_ids for at in held] == [("ev-2",)]


def test_a_person_lowers_one_step_after_a_consultation() -> None:
    log = cleared_at_ii()

    log.act(200, lower(Level.III, "C-1"))

    assert log.last().response_level is Level.III
    assert answered(log).done


def test_after_that_it_goes_on_down_by_itself_a_step_a_clearing_time() -> None:
    log = cleared_at_ii()
    log.act(200, lower(Level.III, "C-1"))

    log.tick(400)

    told = [(at.decided_at - log.at(0)) // MINUTE for at in log.responses()[-2:]]
    assert told == [260, 320]
    assert log.level() is None


def test_a_recorded_consultation_serves_once() -> None:
    log = cleared_at_ii()
    said = ConsultationRecorded(
        consultation="C-1", place=TOWN, hazard=Hazard.RAINSTORM, conclusion="可降级"
    )
    log.act(199, lower(Level.III))
    assert answered(log).refusal is ActRefusal.CONSULTATION_MISSING

    log.act(200, said)
    log.act(201, lower(Level.III))

    assert answered(log).done


def test_nobody_lowers_under_what_is_measured() -> None:
    log = Log(a_pack(II_ONLY))
    log.read(5, 60)

    log.act(10, lower(Level.III, "C-1"))

    assert answered(log).refusal is ActRefusal.WRONG_STATE
    assert log.level() is Level.II


def test_nothing_is_lowered_while_people_are_being_moved_in_the_place() -> None:
    log = cleared_at_ii()
    order = OrderIssued(
        measure=Measure.EVACUATE,
        place=SLOPE,
        hazard=Hazard.LANDSLIDE,
        level=Level.II,
        text="转移",
        executors=(Role.VILLAGE_SECRETARY,),
    )
    log.act(200, order, Role.COMMANDER)

    log.act(201, lower(Level.III, "C-1"))

    assert answered(log).refusal is ActRefusal.EVACUATION_OPEN


def test_rain_that_comes_back_raises_again_at_once() -> None:
    log = cleared_at_ii()
    log.act(200, lower(Level.III, "C-1"))

    log.read(205, 60)

    assert log.level() is Level.II
