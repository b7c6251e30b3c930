"""Warnings in force, from Alert to Cancel, and past their time."""

import pytest

from schemas.cap import MsgType, Status
from schemas.decision import Decision, ResponseChanged
from schemas.event import Warning as WarningEvent
from schemas.hazard import Hazard
from schemas.level import Colour, Level
from schemas.reason import ReasonCode
from schemas.rule import Scope, WarningCondition
from tests.builders import CITY, HOUR, OTHER_TOWN, SLOPE, TOWN, VILLAGE, a_pack, a_rule, rain_rule
from tests.district_log import Log


@pytest.fixture
def log() -> Log:
    return Log(a_pack(rain_rule(Level.IV, 300)))


def warned(log: Log, place: str = TOWN) -> Level | None:
    return log.last(place).warning_level


def changed(decisions: list[Decision]) -> list[ResponseChanged]:
    return [at for at in decisions if isinstance(at, ResponseChanged)]


@pytest.mark.parametrize(
    ("target", "towns"),
    [
        (TOWN, {TOWN}),
        (VILLAGE, {TOWN}),
        (SLOPE, {TOWN}),
        (CITY, {TOWN, OTHER_TOWN}),
        ("500106000000", set()),
    ],
)
def test_a_warning_acts_on_the_towns_it_names(log: Log, target: str, towns: set[str]) -> None:
    decided = log.publish(0, Level.III, identifier="w", targets=(target,))

    assert {at.place for at in changed(decided)} == towns


def test_the_pack_maps_its_level_to_a_response() -> None:
    mapping = {Level.IV: Level.IV, Level.III: Level.IV, Level.II: Level.III, Level.I: Level.II}
    log = Log(a_pack(warning_response=mapping))

    log.publish(0, Level.I, identifier="w")

    assert (log.last().warning_level, log.last().response_level) == (Level.I, Level.II)


def test_an_update_takes_the_place_of_what_it_refers_to(log: Log) -> None:
    log.publish(0, Level.II, identifier="a")

    log.publish(10, Level.III, identifier="b", msg_type=MsgType.UPDATE, references=("a",))

    assert warned(log) is Level.III
    assert log.level() is Level.II
    codes = {at.code for at in log.last().reasons}
    assert codes == {ReasonCode.WARNING, ReasonCode.WARNING_ENDED, ReasonCode.HELD}


def test_a_cancel_ends_it(log: Log) -> None:
    log.publish(0, Level.IV, identifier="a")

    log.publish(10, None, identifier="b", msg_type=MsgType.CANCEL, references=("a",))

    assert (warned(log), log.level()) == (None, None)


@pytest.mark.parametrize(
    ("sender", "targets", "ended"),
    [("CMA", (CITY,), True), ("other", (CITY,), False), ("CMA", (OTHER_TOWN,), False)],
)
def test_a_cancel_without_references_means_its_senders_own_for_the_same_place(
    log: Log, sender: str, targets: tuple[str, ...], ended: bool
) -> None:
    log.publish(0, Level.III, identifier="a")

    log.publish(10, None, identifier="b", msg_type=MsgType.CANCEL, targets=targets, sender=sender)

    assert (warned(log) is None) is ended


def test_an_alert_that_comes_after_its_update_is_not_in_force(log: Log) -> None:
    log.publish(0, Level.IV, identifier="b", msg_type=MsgType.UPDATE, references=("a",))

    log.publish(1, Level.I, identifier="a")

    assert warned(log) is Level.IV


@pytest.mark.parametrize("msg_type", [MsgType.ACK, MsgType.ERROR])
def test_ack_and_error_move_nothing(log: Log, msg_type: MsgType) -> None:
    assert log.publish(0, Level.I, identifier="a", msg_type=msg_type) == []


@pytest.mark.parametrize("status", [Status.TEST, Status.SYSTEM, Status.DRAFT])
def test_other_statuses_move_nothing(log: Log, status: Status) -> None:
    assert log.publish(0, Level.I, identifier="a", status=status) == []


def test_the_worst_of_several_counts(log: Log) -> None:
    log.publish(0, Level.III, identifier="a", sender="province")
    log.publish(1, Level.IV, identifier="b", sender="district")

    assert warned(log) is Level.III


def test_infos_in_two_languages_are_one_warning(log: Log) -> None:
    log.publish(0, Level.III, identifier="a")
    first = log.events[-1]
    assert isinstance(first, WarningEvent)
    english = first.infos[0].model_copy(update={"language": "en-US", "warning_level": Level.II})
    twice = first.model_copy(
        update={"identifier": "b", "event_id": "w-b", "infos": (*first.infos, english)}
    )

    log.add(twice)

    reasons = [at for at in log.last().reasons if at.code is ReasonCode.WARNING]
    assert [(at.level, at.event_ids) for at in reasons] == [(Level.II, ("w-b",))]


def test_past_its_time_it_still_counts_and_says_so(log: Log) -> None:
    log.publish(0, Level.III, identifier="a", expires=60)

    log.tick(61)

    assert log.last().decided_at == log.at(60)
    assert (warned(log), log.level()) == (Level.III, Level.III)
    assert [at.code for at in log.last().reasons] == [ReasonCode.WARNING_STALE]


def test_without_an_end_it_stands_as_long_as_the_pack_says() -> None:
    log = Log(a_pack(warning_validity={Hazard.RAINSTORM: 6 * HOUR}))
    log.publish(0, Level.III, identifier="a")

    log.tick(24 * 60)

    assert log.last().decided_at == log.at(360)
    assert log.level() is Level.III


def test_one_that_was_over_when_it_came_moves_nothing(log: Log) -> None:
    assert changed(log.publish(10, Level.I, identifier="a", expires=9)) == []


def test_a_stale_warning_is_ended_by_its_cancel(log: Log) -> None:
    log.publish(0, Level.IV, identifier="a", expires=60)
    log.tick(61)

    log.publish(70, None, identifier="b", msg_type=MsgType.CANCEL, references=("a",))

    assert log.level() is None


def test_a_rule_can_ask_for_a_warning_in_force_around_its_point() -> None:
    asks = WarningCondition(hazard=Hazard.LANDSLIDE, colours=(Colour.ORANGE, Colour.RED))
    rule = a_rule("GEO", asks, Level.II, Hazard.LANDSLIDE, Scope.HAZARD_POINT)
    log = Log(a_pack(rule))
    log.publish(0, Level.III, Hazard.LANDSLIDE, identifier="a")
    assert not log.responses(SLOPE, Hazard.LANDSLIDE)

    log.publish(
        1,
        Level.II,
        Hazard.LANDSLIDE,
        identifier="b",
        msg_type=MsgType.UPDATE,
        references=("a",),
    )

    slope = log.last(SLOPE, Hazard.LANDSLIDE)
    assert (slope.hazard_level, slope.warning_level) == (Level.II, None)
    assert slope.reasons[0].event_ids == ("w-b",)


def test_a_warning_without_a_level_moves_nothing(log: Log) -> None:
    assert log.publish(0, None, identifier="a") == []


def test_warnings_before_the_first_pack_count_once_it_is_there() -> None:
    log = Log()
    log.publish(0, Level.III, identifier="a")

    log.activate(a_pack(), 1)

    assert log.level() is Level.III
