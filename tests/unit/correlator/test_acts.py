"""What people do with levels and readings, and how each act is answered."""

import pytest

from schemas.act import ActBody, LevelConfirmed, LevelLowered, LevelRaised, QuarantineReleased
from schemas.cap import Status
from schemas.decision import ActAnswered, ActRefusal, RaiseApplied
from schemas.event import Quality
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.reason import RaiseRule, ReasonCode
from schemas.role import Role
from tests.builders import RAIN, TOWN, VILLAGE, a_pack, only, rain_rule
from tests.district_log import Log

RAINSTORM = Hazard.RAINSTORM


@pytest.fixture
def log() -> Log:
    return Log(a_pack(rain_rule(Level.II, 60), rain_rule(Level.I, 80)))


def raise_to(level: Level, place: str = TOWN) -> LevelRaised:
    return LevelRaised(place=place, hazard=RAINSTORM, level=level, why="研判")


def confirm(level: Level) -> LevelConfirmed:
    return LevelConfirmed(place=TOWN, hazard=RAINSTORM, level=level)


def answers(log: Log) -> list[ActAnswered]:
    return [at for at in log.decisions if isinstance(at, ActAnswered)]


def test_a_person_puts_a_response_in_force_where_there_was_none(log: Log) -> None:
    log.act(5, raise_to(Level.III, VILLAGE))

    last = log.last(VILLAGE)
    assert (last.response_level, last.hazard_level, last.town) == (Level.III, None, TOWN)
    assert last.raises == (RaiseRule.UP10,)
    assert [at.code for at in last.reasons] == [ReasonCode.ACT]
    assert last.causes == ("ev-2",)
    [raised] = only(log.decisions, RaiseApplied)
    assert isinstance(raised, RaiseApplied)
    assert (raised.raise_rule, raised.levels) == (RaiseRule.UP10, 2)


def test_it_does_not_go_down_by_itself(log: Log) -> None:
    log.act(5, raise_to(Level.III))

    log.tick(10_000)

    assert log.level() is Level.III


def test_when_he_lowers_it_again_it_follows_down(log: Log) -> None:
    log.act(5, raise_to(Level.III))

    log.act(10, LevelLowered(place=TOWN, hazard=RAINSTORM, level=Level.IV, why="解除"))
    log.tick(10_000)

    assert log.level() is None


def test_the_answer_comes_after_what_was_done(log: Log) -> None:
    kinds = [type(at).__name__ for at in log.act(1, raise_to(Level.III))]

    assert kinds == ["RaiseApplied", "ResponseChanged", "ActAnswered"]


@pytest.mark.parametrize(
    ("body", "role", "refusal"),
    [
        (raise_to(Level.II), Role.DUTY_OFFICER, ActRefusal.NO_MANDATE),
        (raise_to(Level.II), Role.DUTY_LEADER, ActRefusal.NOT_HIGHER),
        (raise_to(Level.I, "nowhere"), Role.DUTY_LEADER, ActRefusal.UNKNOWN_PLACE),
        (confirm(Level.I), Role.DUTY_LEADER, ActRefusal.WRONG_STATE),
        (confirm(Level.II), Role.COMMANDER, ActRefusal.NO_MANDATE),
        (confirm(Level.II), Role.DUTY_LEADER, None),
    ],
)
def test_what_is_refused_at_level_ii(
    log: Log, body: ActBody, role: Role, refusal: ActRefusal | None
) -> None:
    log.read(4, 60)

    log.act(5, body, role)

    assert [at.refusal for at in answers(log)] == [refusal]


def test_a_confirmed_level_says_so_until_it_gets_worse(log: Log) -> None:
    log.read(5, 60)
    log.act(6, confirm(Level.II))
    log.read(10, 20)

    told = [(at.response_level, at.confirmed) for at in log.responses()]

    assert told == [(Level.II, False), (Level.II, True), (Level.I, False)]


def test_an_act_is_answered_once(log: Log) -> None:
    log.act(5, raise_to(Level.III), event_id="act-1")

    log.act(6, raise_to(Level.III), event_id="act-1")
    log.act(300, raise_to(Level.I), event_id="act-1")

    assert len(answers(log)) == 1
    assert log.level() is Level.III


def test_before_any_pack_nobody_may_do_anything() -> None:
    log = Log()

    log.act(0, raise_to(Level.III))

    assert [at.refusal for at in answers(log)] == [ActRefusal.NO_MANDATE]


def test_an_act_in_an_exercise_touches_the_exercise_only(log: Log) -> None:
    log.read(4, 60)

    log.act(5, raise_to(Level.I), status=Status.EXERCISE)

    assert {(at.status, at.response_level) for at in log.responses()} == {
        (Status.ACTUAL, Level.II),
        (Status.EXERCISE, Level.I),
    }


def release(log: Log, event_id: str, minute: float = 5) -> QuarantineReleased:
    return QuarantineReleased(event_id=event_id, sensor_id=RAIN, occurred_at=log.at(minute))


def test_a_released_reading_counts_from_now_on(log: Log) -> None:
    log.read(5, 60, quality=(Quality.IMPLAUSIBLE_STEP,), event_id="odd")
    assert log.level() is None

    log.act(10, release(log, "odd"), Role.DUTY_OFFICER)

    assert log.level() is Level.II
    assert "odd" in log.last().reasons[0].event_ids


@pytest.mark.parametrize(
    ("role", "event_id", "refusal"),
    [
        (Role.DUTY_LEADER, "odd", ActRefusal.NO_MANDATE),
        (Role.DUTY_OFFICER, "other", ActRefusal.UNKNOWN_READING),
    ],
)
def test_who_may_release_what(log: Log, role: Role, event_id: str, refusal: ActRefusal) -> None:
    log.read(5, 60, quality=(Quality.IMPLAUSIBLE_STEP,), event_id="odd")

    log.act(10, release(log, event_id), role)

    assert [at.refusal for at in answers(log)] == [refusal]
    assert log.level() is None
