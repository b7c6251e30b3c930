"""断禁停撤疏: what rules propose, what people do with it, and what time does."""

from datetime import timedelta

import pytest

from schemas.act import (
    ActBody,
    LevelRaised,
    OrderConfirmed,
    OrderIssued,
    OrderLifted,
    OrderRefused,
)
from schemas.decision import ActAnswered, ActRefusal
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.order import OrderState
from schemas.role import Role
from schemas.rule import OrderRule, Scope
from tests.builders import GNSS, SLOPE, TOWN, a_pack, a_rule, measured
from tests.district_log import Log

EVACUATE = OrderRule(
    measure=Measure.EVACUATE,
    target="point.households",
    confirm=Role.DISTRICT_CHIEF,
    auto_after=timedelta(minutes=5),
    executors=(Role.HOUSEHOLD_LEAD,),
)
BAN = OrderRule(measure=Measure.BAN, target="zone", confirm=Role.DUTY_LEADER, executors=())
CUT = OrderRule(measure=Measure.CUT, target="point.roads", executors=(Role.TRAFFIC_POLICE,))
CUT_AT_I = CUT.model_copy(update={"target": "zone.gas", "min_response": Level.I})


def a_log(*orders: OrderRule) -> Log:
    rule = a_rule(
        "SLIDE",
        measured(Metric.GNSS_RATE, 30),
        Level.II,
        Hazard.LANDSLIDE,
        Scope.HAZARD_POINT,
        hold=timedelta(minutes=10),
        orders=orders,
    )
    return Log(a_pack(rule))


def moves(log: Log, minute: float, rate: float = 30) -> None:
    log.read(minute, rate, GNSS, Metric.GNSS_RATE)


def states(log: Log) -> list[OrderState]:
    return [order.state for order in log.orders()]


def answer(log: Log) -> ActAnswered:
    return [at for at in log.decisions if isinstance(at, ActAnswered)][-1]


def test_an_order_that_needs_nobody_is_in_force_at_once() -> None:
    log = a_log(CUT)

    moves(log, 5)

    [order] = log.orders()
    assert (order.state, order.number, order.place, order.town) == (
        OrderState.IN_FORCE,
        1,
        SLOPE,
        TOWN,
    )
    assert order.starts_at == log.at(5)
    assert order.issued_by is not None
    assert order.issued_by.automatic
    assert (order.people, order.households) == (None, None)


def test_one_that_needs_a_person_waits_for_him() -> None:
    log = a_log(BAN)

    moves(log, 5)
    log.tick(1000)

    assert states(log) == [OrderState.PROPOSED]


def test_where_the_plan_allows_it_waits_for_its_time_only() -> None:
    log = a_log(EVACUATE)
    moves(log, 5)

    log.tick(60)

    assert states(log) == [OrderState.PROPOSED, OrderState.IN_FORCE]
    assert log.orders()[-1].starts_at == log.at(10)


def test_a_confirmed_order_does_not_come_into_force_again() -> None:
    log = a_log(EVACUATE)
    moves(log, 5)

    log.act(6, OrderConfirmed(order_id=log.orders()[0].order_id), Role.DISTRICT_CHIEF)
    log.tick(60)

    assert states(log) == [OrderState.PROPOSED, OrderState.IN_FORCE]
    assert answer(log).order_id == log.orders()[0].order_id


def test_a_refused_order_is_not_proposed_again_while_its_rule_holds() -> None:
    log = a_log(EVACUATE)
    moves(log, 5)

    refused = OrderRefused(order_id=log.orders()[0].order_id, why="已空")
    log.act(6, refused, Role.DISTRICT_CHIEF)
    moves(log, 10, 35)
    log.tick(60)

    assert states(log) == [OrderState.PROPOSED, OrderState.REFUSED]


def test_a_proposal_stays_when_its_rule_holds_no_more() -> None:
    log = a_log(BAN)
    moves(log, 5)
    for minute in range(10, 60, 5):
        moves(log, minute, 0)

    log.act(60, OrderConfirmed(order_id=log.orders()[0].order_id))

    assert answer(log).done
    assert states(log) == [OrderState.PROPOSED, OrderState.IN_FORCE]


def test_while_it_is_open_the_same_is_not_proposed_a_second_time() -> None:
    log = a_log(BAN)
    moves(log, 5)
    for minute in range(10, 60, 5):
        moves(log, minute, 0)

    moves(log, 60)

    assert states(log) == [OrderState.PROPOSED]


def test_once_it_is_lifted_it_is_proposed_when_the_rule_comes_to_hold_again() -> None:
    log = a_log(CUT)
    moves(log, 5)
    lifted = OrderLifted(order_id=log.orders()[0].order_id, why="已排险")
    log.act(6, lifted, Role.COMMANDER)
    for minute in range(10, 60, 5):
        moves(log, minute, 0)

    moves(log, 60)

    assert [(order.number, order.state) for order in log.orders()] == [
        (1, OrderState.IN_FORCE),
        (1, OrderState.LIFTED),
        (2, OrderState.IN_FORCE),
    ]


def test_an_order_for_a_higher_response_comes_when_the_response_gets_there() -> None:
    log = a_log(CUT, CUT_AT_I)
    moves(log, 5)
    assert [order.target for order in log.orders()] == ["point.roads"]

    log.act(
        6,
        LevelRaised(place=SLOPE, hazard=Hazard.LANDSLIDE, level=Level.I, why="险"),
        Role.COMMANDER,
    )

    assert [(order.target, order.level) for order in log.orders()] == [
        ("point.roads", Level.II),
        ("zone.gas", Level.I),
    ]


def issued(ends: timedelta | None = None, measure: Measure = Measure.BAN) -> OrderIssued:
    log = Log()
    return OrderIssued(
        measure=measure,
        place=SLOPE,
        hazard=Hazard.LANDSLIDE,
        level=Level.II,
        text="禁止进入",
        executors=(Role.VILLAGE_SECRETARY,),
        ends_at=None if ends is None else log.at(0) + ends,
    )


def test_a_person_issues_an_order() -> None:
    log = a_log()

    log.act(5, issued(), Role.COMMANDER)

    [order] = log.orders()
    assert (order.state, order.text, order.starts_at) == (
        OrderState.IN_FORCE,
        "禁止进入",
        log.at(5),
    )
    assert order.issued_by is not None
    assert (order.issued_by.user, order.issued_by.role) == ("li", Role.COMMANDER)
    assert (answer(log).done, answer(log).order_id) == (True, order.order_id)


@pytest.mark.parametrize(
    ("measure", "last"),
    [(Measure.BAN, OrderState.COMPLETED), (Measure.EVACUATE, OrderState.IN_FORCE)],
)
def test_an_order_ends_when_it_was_to_end_but_an_evacuation_does_not(
    measure: Measure, last: OrderState
) -> None:
    log = a_log()
    log.act(5, issued(timedelta(minutes=30), measure), Role.COMMANDER)

    log.tick(60)

    assert states(log)[-1] is last


@pytest.mark.parametrize(
    ("body", "role", "refusal"),
    [
        (issued(), Role.DUTY_OFFICER, ActRefusal.NO_MANDATE),
        (OrderConfirmed(order_id="none"), Role.COMMANDER, ActRefusal.UNKNOWN_ORDER),
        (OrderLifted(order_id="none", why=""), Role.COMMANDER, ActRefusal.UNKNOWN_ORDER),
        (
            issued().model_copy(update={"place": "nowhere"}),
            Role.COMMANDER,
            ActRefusal.UNKNOWN_PLACE,
        ),
    ],
)
def test_what_is_refused(body: ActBody, role: Role, refusal: ActRefusal) -> None:
    log = a_log()

    log.act(5, body, role)

    assert (answer(log).done, answer(log).refusal) == (False, refusal)
    assert log.orders() == []


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        (Role.DISTRICT_CHIEF, None),
        (Role.COMMANDER, None),
        (Role.DUTY_LEADER, ActRefusal.NO_MANDATE),
    ],
)
def test_who_may_confirm(role: Role, refusal: ActRefusal | None) -> None:
    log = a_log(EVACUATE)
    moves(log, 5)

    log.act(6, OrderConfirmed(order_id=log.orders()[0].order_id), role)

    assert answer(log).refusal is refusal


def test_an_order_in_force_cannot_be_confirmed_nor_a_proposal_lifted() -> None:
    log = a_log(CUT, BAN)
    moves(log, 5)
    cut, ban = log.orders()

    log.act(6, OrderConfirmed(order_id=cut.order_id), Role.COMMANDER)
    assert answer(log).refusal is ActRefusal.WRONG_STATE
    log.act(7, OrderLifted(order_id=ban.order_id, why=""), Role.COMMANDER)
    assert answer(log).refusal is ActRefusal.WRONG_STATE
