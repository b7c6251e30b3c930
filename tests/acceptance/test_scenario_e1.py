"""
Scenario E.1 of the field's own book: a cloudburst at night, a slope that moves, forty-seven people.

Every line from 23:40 to 00:21 about levels, callouts, calls, deputies and orders. Where the scenario
and the default rules (D) disagree, the rules hold; each place says so.
"""

from datetime import timedelta

from schemas.act import OrderConfirmed
from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.order import OrderState
from schemas.reason import RaiseRule
from services.dispatcher.domain.asks.chain import ChainState
from tests.acceptance.shiping_night import POINT, TOWN, Night, cap, night, until_the_slide_moves

__all__ = ["night"]  # a fixture is used by its name


async def test_before_midnight_the_measured_level_climbs_and_nobody_is_called_again(
    night: Night,
) -> None:
    """Response III stands since the yellow warning: 38 mm and 47 mm add reasons, not calls."""
    assert await night.callouts() == ["III"]

    await night.rains_until("23:40")
    at_2340 = await night.response(TOWN, Hazard.RAINSTORM)
    assert (at_2340.warning_level, at_2340.hazard_level) == (Level.III, Level.IV)
    assert at_2340.response_level is Level.III

    await night.rains_until("23:55")
    at_2355 = await night.response(TOWN, Hazard.RAINSTORM)
    assert (at_2355.hazard_level, at_2355.response_level) == (Level.III, Level.III)
    assert await night.callouts() == ["III"]


async def test_at_0005_level_ii_is_called_with_the_limits_of_the_night(night: Night) -> None:
    """58 mm in an hour at night: SMS within 10 s, first rings within 30 s, everybody at once."""
    await night.rains_until("00:05")

    response = await night.response(TOWN, Hazard.RAINSTORM)
    assert (response.hazard_level, response.response_level) == (Level.II, Level.II)
    assert RaiseRule.UP1 in response.raises
    assert await night.callouts() == ["III", "II"]
    await night.live.until("00:05:30")
    opened_at = night.live.instant("00:05")
    chains = [
        record
        for record in await night.live.ledger(Fact.CHAIN_OPENED)
        if record.at == opened_at and record.detail["level"] == "II"
    ]
    holders = [record.detail["rungs"][0][1] for record in chains]  # type: ignore[index]
    assert {"vs-dt", "gw-dt", "tp-sp", "al-sp", "hl-0231a"} <= set(map(str, holders))
    for holder in map(str, holders):
        assert await night.texts(holder, "00:05") >= 1
        assert any(at >= opened_at for at in await night.calls(holder))


async def test_at_0007_the_orange_update_is_one_sms_and_no_second_callout(night: Night) -> None:
    """The same process at the same level: who is in it is told once, nobody is rung."""
    await night.rains_until("00:05")
    await night.live.until("00:06:59")
    rung = await night.calls("vs-dt")
    await night.live.until("00:07")

    await night.live.warns(
        cap(
            "O1",
            "Orange",
            "2026-07-09T00:07:00+08:00",
            references="石坪区气象台,Y1,2026-07-08T21:30:00+08:00",
        )
    )
    await night.live.until("00:08")

    response = await night.response(TOWN, Hazard.RAINSTORM)
    assert (response.warning_level, response.response_level) == (Level.II, Level.II)
    assert await night.callouts() == ["III", "II"]
    assert await night.texts("vs-dt", "00:07") == 1
    assert await night.calls("vs-dt") == rung


async def test_at_0010_level_i_opens_a_callout_that_follows_the_other(night: Night) -> None:
    """83 mm in an hour: every first ring within 30 seconds, and the old asks are superseded."""
    await night.rains_until("00:05")
    await night.rains_until("00:10")

    assert (await night.response(TOWN, Hazard.RAINSTORM)).response_level is Level.I
    assert await night.callouts() == ["III", "II", "I"]
    opened = [
        record
        for record in await night.live.ledger(Fact.CALLOUT_OPENED)
        if record.detail["kind"] == "response"
    ]
    assert opened[2].detail["follows"] == opened[1].callout_id
    await night.live.until("00:10:30")
    mine = opened[2].callout_id
    intended = {
        record.chain_id
        for record in await night.live.ledger(Fact.ATTEMPT_INTENDED, Fact.ATTEMPT_JOINED)
        if record.callout_id == mine and record.detail.get("channel") != "sms"
    }
    # A person who was rung within the last minute is rung again when his minute is over (D.2.1.10).
    limit = timedelta(minutes=1)
    late = [
        record
        for record in await night.live.ledger(Fact.CHAIN_OPENED)
        if record.callout_id == mine and record.chain_id not in intended
    ]
    for record in late:
        holder = str(record.detail["rungs"][0][1])  # type: ignore[index]
        assert night.live.instant("00:10:30") - (await night.calls(holder))[-1] < limit


async def test_at_0012_the_slope_joins_the_callout_and_its_orders_are_out(night: Night) -> None:
    """Three rates above 30 mm a day: II by rule, raised to I by rain before and beside it."""
    await until_the_slide_moves(night)

    point = await night.response(POINT, Hazard.LANDSLIDE)
    assert (point.hazard_level, point.response_level) == (Level.II, Level.I)
    assert {RaiseRule.UP2, RaiseRule.UP4} <= set(point.raises)
    assert await night.callouts() == ["III", "II", "I"]
    assert len(await night.live.ledger(Fact.CALLOUT_JOINED)) == 1
    evacuate = await night.order(Measure.EVACUATE, "住户")
    assert (evacuate.state, evacuate.people, evacuate.shelter) == (
        OrderState.PROPOSED,
        47,
        "SH-12",
    )
    assert evacuate.auto_at == night.live.instant("00:17")
    assert (await night.order(Measure.CUT, "道路")).state is OrderState.IN_FORCE
    assert (await night.order(Measure.CUT, "燃气")).state is OrderState.IN_FORCE
    await night.live.until("00:12:20")
    for told in ("al-sp", "rg-sp", "hl-0231a", "hl-0231b", "vs-dt"):
        assert await night.texts(told, "00:12") >= 1


async def test_the_monitor_sleeps_and_his_deputy_answers_for_the_post(night: Night) -> None:
    """00:12 to 00:15: two calls unanswered, the deputy rung two minutes after the first."""
    await until_the_slide_moves(night)
    await night.live.until("00:15:30")

    first, second, *_ = await night.calls("pm-0231")
    started = night.live.instant("00:12")
    assert timedelta(0) <= first - started <= timedelta(seconds=30)
    # The pause of 60 s runs from the end of a call that rang for 30 s.
    assert timedelta(seconds=85) <= second - first <= timedelta(seconds=95)
    deputy = (await night.calls("pm-0231-2"))[0]
    assert deputy - first == timedelta(minutes=2)
    assert deputy <= night.live.instant("00:14:30")
    acknowledged = next(
        record for record in await night.live.ledger(Fact.ACKNOWLEDGED) if record.post == "PM-0231"
    )
    assert (acknowledged.person, acknowledged.detail["strength"]) == ("pm-0231-2", "coded")
    ended = [
        record
        for record in await night.live.ledger(Fact.ATTEMPT_ENDED)
        if record.person == "pm-0231" and record.detail["channel"] == "voice"
    ]
    assert {record.detail["outcome"] for record in ended} <= {"no_answer", "cancelled"}


async def test_the_duty_leader_confirms_the_evacuation(night: Night) -> None:
    """00:16: his act puts O1 in force; village secretary, household leads and rescuers are told."""
    await until_the_slide_moves(night)
    await night.live.until("00:16")

    order = await night.order(Measure.EVACUATE, "住户")
    await night.live.acts("leader", OrderConfirmed(order_id=order.order_id))

    order = await night.order(Measure.EVACUATE, "住户")
    assert order.state is OrderState.IN_FORCE
    assert order.issued_by is not None
    assert (order.issued_by.user, order.issued_by.automatic) == ("leader", False)
    opened = [
        record
        for record in await night.live.ledger(Fact.CALLOUT_OPENED)
        if record.detail.get("order_id") == order.order_id
    ]
    posts = {
        record.post
        for record in await night.live.ledger(Fact.CHAIN_OPENED)
        if record.callout_id == opened[0].callout_id
    }
    assert posts == {"VS-DT", "HL-0231A", "HL-0231B", "RT-SP"}


async def test_without_him_the_evacuation_comes_into_force_by_itself(night: Night) -> None:
    """00:17, the variant: five minutes without an answer, and the plan's own word counts."""
    await until_the_slide_moves(night)
    await night.live.until("00:16:59")
    assert (await night.order(Measure.EVACUATE, "住户")).state is OrderState.PROPOSED

    await night.live.until("00:17")

    order = await night.order(Measure.EVACUATE, "住户")
    assert order.state is OrderState.IN_FORCE
    assert order.issued_by is not None
    assert order.issued_by.automatic


async def test_the_red_warning_calls_nobody_and_the_night_adds_up(night: Night) -> None:
    """00:20: already at I. In the end every chain has ended, no phone rang twice, all is on record."""
    await until_the_slide_moves(night)
    await night.rains_until("00:20")
    callouts = await night.callouts()

    await night.live.warns(
        cap(
            "R1",
            "Red",
            "2026-07-09T00:20:00+08:00",
            references="石坪区气象台,O1,2026-07-09T00:07:00+08:00",
        )
    )
    await night.live.until("00:21")
    assert await night.callouts() == callouts == ["III", "II", "I"]
    response = await night.response(TOWN, Hazard.RAINSTORM)
    assert (response.warning_level, response.response_level) == (Level.I, Level.I)
    # A callout at I has every chain of the ones before it superseded or answered.
    await night.live.to_the_end()
    result = await night.live.tally()
    assert result.open_chains == 0
    assert result.chains == result.posts + result.cancelled + result.superseded
    assert result.dead_letters == 0
    assert result.ledger == "ok"
    assert night.live.phones.exchange.record.max_live_calls_per_number == 1
    ends = {record.detail["end"] for record in await night.live.ledger(Fact.CHAIN_ENDED)}
    assert ends <= {state.value for state in ChainState}
