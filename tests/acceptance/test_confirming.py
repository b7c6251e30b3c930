"""
Who confirms, and with what (domain.md D.2.1): seen from the phone in a hand.
"""

from datetime import timedelta

from schemas.act import LevelRaised, OrderIssued, OrderLifted
from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.role import Role
from tests.acceptance.valley import TOWN, UPPER, Valley, valley

__all__ = ["valley"]  # a fixture is used by its name


async def test_at_level_i_the_code_that_was_said_confirms_and_it_is_read_back(
    valley: Valley,
) -> None:
    """A key alone does not: whoever hears the code of this very call is awake (D.2.1.1)."""
    await valley.is_raised(Level.I)

    phone = await valley.phone("vs-a").rings(by="02:00:30")
    await phone.hears("山洪", "一级")
    await phone.presses("1")
    await phone.types_the_code()
    await phone.hears("已记录")

    (said,) = await valley.facts(Fact.ACKNOWLEDGED, "VS-A")
    assert (said.detail["strength"], said.detail["channel"]) == ("coded", "voice")
    assert float(str(said.detail["listened_s"])) > 0
    await valley.is_over()
    await valley.ends_in_silence()


async def test_a_call_that_is_only_taken_is_made_again(valley: Valley) -> None:
    """A box that answers, a child, a pocket: nobody was woken, so it rings again (invariant 7)."""
    await valley.is_raised(Level.I)
    phone = await valley.phone("vs-a").rings(by="02:00:30")
    await phone.hears("山洪")
    await phone.hangs_up()

    await valley.phone("vs-a").rings(by="02:02:30")

    assert await valley.facts(Fact.ACKNOWLEDGED, "VS-A") == []
    await valley.is_over()
    await valley.ends_in_silence()


async def test_a_plain_1_by_sms_is_not_enough_at_level_i_and_the_code_in_it_is(
    valley: Valley,
) -> None:
    """D.2.1.1: an SMS "1" is keyed; the code that was sent in that SMS is coded."""
    await valley.is_raised(Level.I)
    phone = await valley.phone("gw-b").reads("山洪")
    await phone.writes("1")
    assert await valley.facts(Fact.ACKNOWLEDGED, "GW-B") == []

    await phone.writes(_code_of(phone.texts[-1]))

    (said,) = await valley.facts(Fact.ACKNOWLEDGED, "GW-B")
    assert (said.detail["strength"], said.detail["channel"]) == ("coded", "sms")
    assert not phone.is_ringing
    await valley.is_over()
    await valley.ends_in_silence()


async def test_key_2_rings_the_deputy_at_once_and_him_no_more(valley: Valley) -> None:
    """He cannot act: his deputy is rung without waiting for a clock (D.2.1.1)."""
    await valley.is_raised(Level.I)
    phone = await valley.phone("vs-a").rings(by="02:00:30")
    await phone.hears("请按2")
    await phone.presses("2")

    deputy = await valley.phone("vs-a-2").rings(by="02:01:30")
    await deputy.confirms()

    (said,) = await valley.facts(Fact.ACKNOWLEDGED, "VS-A")
    assert (said.person, said.detail["rung"]) == ("vs-a-2", "deputy")
    await valley.live.until("02:06")
    rung = [
        record
        for record in await valley.facts(Fact.ATTEMPT_INTENDED, "VS-A")
        if (record.person, record.detail["channel"]) == ("vs-a", "voice")
    ]
    assert len(rung) == 1
    await valley.is_over()
    await valley.ends_in_silence()


async def test_whoever_rings_back_hears_what_is_pending_and_needs_the_code(valley: Valley) -> None:
    """Caller ID is no proof of a person: the code of that call is (peers 9.4)."""
    await valley.is_raised(Level.I)
    phone = await valley.phone("gw-a").rings(by="02:00:30")
    await phone.is_left_unanswered()

    await phone.rings_back()
    await phone.hears("山洪", "请按1")
    await phone.presses("1")
    await phone.types_the_code()

    (said,) = await valley.facts(Fact.ACKNOWLEDGED, "GW-A")
    assert said.detail["strength"] == "coded"
    await valley.is_over()
    await valley.ends_in_silence()


async def test_one_confirmation_stops_the_deputys_and_the_superiors_phone(valley: Valley) -> None:
    """D.2.1.2 and .3: the post has answered, so whatever rings for it is withdrawn at once."""
    await valley.is_raised(Level.I)
    await (await valley.phone("vs-a").rings(by="02:00:30")).is_left_unanswered()
    deputy = await valley.phone("vs-a-2").rings(by="02:02:30")

    holder = valley.phone("vs-a")
    await holder.writes(_code_of(holder.texts[0]))

    await deputy.is_left_unanswered()
    (said,) = await valley.facts(Fact.ACKNOWLEDGED, "VS-A")
    assert said.person == "vs-a"
    await valley.is_over()
    await valley.ends_in_silence()


async def test_a_person_in_two_callouts_gets_one_call_that_answers_both(valley: Valley) -> None:
    """D.2.1.7: one call with the highest level in full and the other named; each records its ack."""
    await valley.live.acts(
        "commander",
        OrderIssued(
            measure=Measure.EVACUATE,
            place=UPPER,
            hazard=Hazard.FLASH_FLOOD,
            level=Level.I,
            text="撤到镇中心小学",
            executors=(Role.VILLAGE_SECRETARY,),
        ),
    )
    await valley.is_raised(Level.I, Hazard.GALE)

    phone = await valley.phone("vs-a").rings(by="02:00:30")
    await phone.confirms()

    acknowledged = await valley.facts(Fact.ACKNOWLEDGED, "VS-A")
    assert len({record.callout_id for record in acknowledged}) == 2
    assert len({record.attempt_id for record in acknowledged}) == 1
    assert len(phone.calls) == 1
    (order,) = {record.callout_id for record in acknowledged} & {
        record.callout_id
        for record in await valley.facts(Fact.CALLOUT_OPENED)
        if record.detail["kind"] == "order"
    }
    assert order


async def test_a_higher_level_is_a_new_ask_and_is_called_anew(valley: Valley) -> None:
    """D.2.1.4: what was confirmed at II is not carried over to I."""
    await valley.is_raised(Level.II)
    await (await valley.phone("vs-a").rings(by="02:00:30")).confirms()
    await valley.live.until("02:03")

    await valley.is_raised(Level.I)

    phone = await valley.phone("vs-a").rings(by="02:03:30")
    await phone.hears("一级")
    assert len(await valley.facts(Fact.ACKNOWLEDGED, "VS-A")) == 1
    await phone.confirms()
    assert len(await valley.facts(Fact.ACKNOWLEDGED, "VS-A")) == 2
    await valley.is_over()
    await valley.ends_in_silence()


async def test_a_cancelled_callout_falls_silent_in_the_middle_of_a_ring_and_says_so(
    valley: Valley,
) -> None:
    """D.2.1.5: a lift stops what rings within a second, and sends a release."""
    await valley.live.acts(
        "commander",
        OrderIssued(
            measure=Measure.STOP,
            place=UPPER,
            hazard=Hazard.FLASH_FLOOD,
            level=Level.I,
            text="停工",
            executors=(Role.VILLAGE_SECRETARY,),
        ),
    )
    phone = await valley.phone("vs-a").rings(by="02:00:30")
    (opened,) = await valley.facts(Fact.CALLOUT_OPENED)
    order_id = str(opened.detail["order_id"])

    await valley.live.acts("commander", OrderLifted(order_id=order_id, why="误报"))
    lifted_at = valley.live.clock.now()
    await phone.is_left_unanswered()

    assert valley.live.clock.now() - lifted_at <= timedelta(seconds=1)
    await phone.reads("结束")
    await valley.ends_in_silence()


async def test_an_exercise_says_so_first_and_is_counted_apart(valley: Valley) -> None:
    """Invariant 12: the first words are 演练, on the phone and in the text."""
    await valley.live.acts(
        "leader",
        LevelRaised(place=TOWN, hazard=Hazard.FLASH_FLOOD, level=Level.II, why="演练"),
        exercise=True,
    )

    phone = await valley.phone("vs-a").rings(by="02:00:30")
    await phone.hears("演练")

    assert all(text.startswith("【演练】") for text in phone.texts)
    assert {record.status for record in await valley.facts(Fact.CHAIN_OPENED)} == {"Exercise"}


def _code_of(text: str) -> str:
    digits = "".join(
        sign if sign.isdigit() else " " for sign in text.rsplit("确认码", maxsplit=1)[-1]
    )
    return digits.split()[0]
