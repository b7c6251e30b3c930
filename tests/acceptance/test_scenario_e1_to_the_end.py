"""
Scenario E.1 from 00:35 on: the second call, a packet that comes late, the morning.

Head counts, the incident and its reports belong to orders and are not here.
"""

from datetime import timedelta

from schemas.act import LevelLowered, OrderConfirmed
from schemas.decision import ActAnswered, ActRefusal
from schemas.dispatch import Fact, LedgerRecord
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from services.dispatcher.domain.asks.chain import Ask
from tests.acceptance.phone import Phone
from tests.acceptance.shiping_night import TOWN, Night, night, until_the_slide_moves

__all__ = ["night"]  # a fixture is used by its name


async def _asked(night: Night, ask: Ask) -> list[LedgerRecord]:
    return [
        record
        for record in await night.live.ledger(Fact.CHAIN_OPENED)
        if record.detail["ask"] == ask.value
    ]


async def test_at_0040_those_who_confirmed_are_called_again_and_say_what_is_done(
    night: Night,
) -> None:
    """再呼应 half an hour after C3 opened: a confirmed word at 00:11 is not yet a moved household."""
    await until_the_slide_moves(night)
    await night.live.until("00:39:59")
    assert await _asked(night, Ask.SECOND_CALL) == []
    confirmed = {
        record.post
        for record in await night.live.ledger(Fact.ACKNOWLEDGED)
        if record.callout_id == (await night.newest_callout())
    }

    await night.live.until("00:40")
    again = await _asked(night, Ask.SECOND_CALL)
    assert {record.post for record in again} == confirmed

    await night.live.until("00:50")
    ids = {one.chain_id for one in again}
    rung = {
        str(record.person)
        for record in await night.live.ledger(Fact.ATTEMPT_INTENDED)
        if record.chain_id in ids and record.detail["channel"] == "voice"
    }
    # Who has other asks open too hears the most urgent of them in full, and this one named.
    assert any("再呼应" in Phone(night.live, person).heard for person in rung)
    answered = [
        record for record in await night.live.ledger(Fact.ACKNOWLEDGED) if record.chain_id in ids
    ]
    posts = {record.post for record in answered}
    # Whoever was rung five times in this hour already may not be rung again (D.2.1.10).
    assert posts <= confirmed
    assert len(posts) > len(confirmed) / 2


async def test_from_0025_on_the_measures_are_asked_for_until_they_are_done(night: Night) -> None:
    """闭环反馈 a quarter of an hour after C3: each post once, since everybody here says "done"."""
    await until_the_slide_moves(night)
    await night.live.until("00:25:01")
    first = await _asked(night, Ask.MEASURES)
    assert first != []

    await night.live.until("01:30")

    again = await _asked(night, Ask.MEASURES)
    c3 = await night.newest_callout()
    done = {
        record.post
        for record in await night.live.ledger(Fact.MEASURES_REPORTED)
        if record.detail["done"] and record.callout_id == c3
    }
    assert done
    for post in done:
        asked = [one for one in again if (one.post, one.callout_id) == (post, c3)]
        assert len(asked) == 1


async def test_at_0205_late_rain_lowers_nothing_and_calls_nobody(night: Night) -> None:
    """A packet from 23:50 that arrives at 02:05 corrects windows; it is no reason to wake anybody."""
    await until_the_slide_moves(night)
    await night.rains_until("02:00")
    await night.live.until("02:04:59")
    before = await night.response(TOWN, Hazard.RAINSTORM)
    opened = len(await night.live.ledger(Fact.CHAIN_OPENED))
    await night.live.until("02:05")

    late_at = night.live.instant("23:52")
    await night.live.reads("RG-17", "rain", "mm", (late_at, 9.0))
    await night.live.rest()

    assert await night.response(TOWN, Hazard.RAINSTORM) == before
    assert len(await night.live.ledger(Fact.CHAIN_OPENED)) == opened


async def test_in_the_morning_nothing_lowers_by_itself_and_not_over_an_evacuation(
    night: Night,
) -> None:
    """06:30: the leader may take a step back only after a consultation, and never over open O1."""
    await until_the_slide_moves(night)
    await night.live.until("00:16")
    order = await night.order(Measure.EVACUATE, "住户")
    await night.live.acts("leader", OrderConfirmed(order_id=order.order_id))
    await night.rains_until("06:30")
    await night.live.until("06:30")
    assert (await night.response(TOWN, Hazard.RAINSTORM)).response_level is Level.I

    await night.live.acts(
        "leader",
        LevelLowered(
            place=TOWN,
            hazard=Hazard.RAINSTORM,
            level=Level.II,
            why="雨停",
            consultation="会商纪要3号",
        ),
    )

    answer = [one for one in await night.live.decisions() if isinstance(one, ActAnswered)][-1]
    assert (answer.done, answer.refusal) == (False, ActRefusal.EVACUATION_OPEN)


async def test_the_night_ends_in_silence(night: Night) -> None:
    """From the last measure reported on, no phone rings; the chains, the log and the ledger agree."""
    await until_the_slide_moves(night)
    await night.live.until("01:40")
    await night.live.to_the_end()
    rung = len(await night.live.ledger(Fact.ATTEMPT_INTENDED))

    await night.live.until_that(lambda: False, night.live.clock.now() + timedelta(minutes=20))

    assert len(await night.live.ledger(Fact.ATTEMPT_INTENDED)) == rung
    result = await night.live.tally()
    assert (result.open_chains, result.dead_letters, result.ledger) == (0, 0, "ok")
    assert night.live.phones.exchange.record.max_live_calls_per_number == 1
