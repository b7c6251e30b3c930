"""
Scenario E.5 of the field's own book: a flash flood in a valley, and the phones are gone.

The bridge, the helicopter and the roll call belong to orders; here is who is reached, and how.
"""

from datetime import UTC, timedelta

from schemas.act import AckVouched, ChannelReported, HeardBy, TaskReported, TaskResult
from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import ChainState
from tests.acceptance.valley import LOWER, MIDDLE, UPPER, Valley, valley

__all__ = ["valley"]  # a fixture is used by its name

_BOTH = ("voice", "sms")


async def _flood(valley: Valley) -> str:
    """02:10: 84 mm in an hour; everybody's phone is to ring. Returns the callout."""
    await valley.live.until("02:10")
    await valley.pours(84)
    opened = [
        record
        for record in await valley.facts(Fact.CALLOUT_OPENED)
        if record.detail["level"] == "I"
    ]
    return str(opened[-1].callout_id)


async def _dead(valley: Valley, *places: str, works: bool = False) -> None:
    for place in places:
        await valley.live.acts(
            "officer",
            ChannelReported(place=place, channels=_BOTH, works=works, why="3、4号基站退服"),
        )


async def _chain_state(valley: Valley, post: str) -> str:
    ends = await valley.facts(Fact.CHAIN_ENDED, post)
    return str(ends[0].detail["end"]) if ends else ChainState.OPEN.value


async def test_a_dead_network_is_passed_over_within_ten_seconds_and_is_no_no_answer(
    valley: Valley,
) -> None:
    """02:10:20: whoever is cut off is not waited for; what is above him, and the radio, come at once."""
    await _flood(valley)
    await valley.live.until("02:10:20")

    await _dead(valley, UPPER, MIDDLE)
    await valley.live.until("02:10:30")

    climbed = {
        record.person
        for post in ("VS-A", "VS-B")
        for record in await valley.facts(Fact.CHAIN_ESCALATED, post)
    }
    assert "tp" in climbed
    ended = [
        record
        for record in await valley.facts(Fact.ATTEMPT_ENDED)
        if record.person in {"vs-a", "vs-b"}
    ]
    assert [record for record in ended if record.detail["outcome"] == "no_answer"] == []


async def test_village_a_is_heard_by_radio_and_the_record_says_who_keyed_it_in(
    valley: Valley,
) -> None:
    """02:12: an acknowledgement by radio is the post's, vouched for by the duty officer's name."""
    callout = await _flood(valley)
    await _dead(valley, UPPER)
    await valley.live.until("02:12")

    await valley.live.acts(
        "officer",
        AckVouched(
            callout_id=callout,
            post="VS-A",
            by=HeardBy.RADIO,
            heard_at=valley.live.clock.now(),
            person="vs-a",
            note="370MHz",
        ),
    )

    (said,) = await valley.facts(Fact.ACKNOWLEDGED, "VS-A")
    assert (said.detail["strength"], said.detail["channel"]) == ("vouched", "radio")
    assert (said.person, said.detail["user"]) == ("vs-a", "officer")


async def test_village_b_answers_nowhere_so_somebody_is_sent_and_finds_them(valley: Valley) -> None:
    """02:13 to 02:15: the superior is rung, then the nearest team goes to the door and reports."""
    await _flood(valley)
    # The rescue team confirms: it is awake, and it can be sent.
    await (await valley.phone("rt").rings(by="02:10:30")).confirms()
    await _dead(valley, MIDDLE)
    superior = await valley.phone("tp").rings(by="02:13")
    await superior.confirms()
    acknowledged = await valley.facts(Fact.ACKNOWLEDGED, "VS-B")
    assert [record.person for record in acknowledged] in (["tp"], [])

    await valley.live.until("02:16")
    tasks = await valley.facts(Fact.TASK_OPENED, "GW-B")
    assert "door" in {record.detail["task"] for record in tasks}
    door = next(record for record in tasks if record.detail["task"] == "door")
    assert door.person == "rt"
    await valley.phone("rt").reads("任务", "中谷村网格员")
    await valley.live.acts(
        "officer",
        TaskReported(
            task_id=str(door.detail["task_id"]), result=TaskResult.CONFIRMED, note="全村已上高地"
        ),
    )

    (said,) = await valley.facts(Fact.ACKNOWLEDGED, "GW-B")
    assert (said.detail["channel"], said.detail["runner"]) == ("door", "rt")


async def test_when_the_network_is_back_nobody_who_was_heard_is_rung_again(valley: Valley) -> None:
    """03:05: late words are recorded with their own time, and cause no call and no second count."""
    callout = await _flood(valley)
    await _dead(valley, UPPER, MIDDLE, LOWER)
    heard_at = valley.live.clock.now() + timedelta(minutes=2)
    await valley.live.until("02:12")
    said = AckVouched(
        callout_id=callout, post="VS-A", by=HeardBy.SATELLITE, heard_at=heard_at, person="vs-a"
    )
    # He stands over the grid worker too: heard for both, he has nothing left to answer.
    for post in ("VS-A", "GW-A"):
        await valley.live.acts("officer", said.model_copy(update={"post": post}))
    await valley.live.until("02:20")
    rung = valley.phone("vs-a").calls

    await _dead(valley, UPPER, MIDDLE, LOWER, works=True)
    await valley.live.acts("officer", said)  # what was queued in the dead network arrives twice
    await valley.live.until("02:25")

    assert valley.phone("vs-a").calls == rung
    assert len(await valley.facts(Fact.ACKNOWLEDGED, "VS-A")) == 1
    (late,) = await valley.facts(Fact.VOUCHED_LATE, "VS-A")
    assert late.detail["heard_at"] == heard_at.astimezone(UTC).isoformat()


async def test_the_night_adds_up_and_ends_in_silence(valley: Valley) -> None:
    """The sum of what was opened is the sum of what ended, each with its own end."""
    callout = await _flood(valley)
    await (await valley.phone("td").rings(by="02:10:30")).confirms()
    await _dead(valley, UPPER, MIDDLE, LOWER)
    for post in ("VS-A", "VS-B", "VS-C"):
        await valley.live.acts(
            "officer",
            AckVouched(
                callout_id=callout,
                post=post,
                by=HeardBy.RADIO,
                heard_at=valley.live.clock.now(),
            ),
        )
    await valley.is_dry_until("05:30")
    await valley.is_over()

    opened = await valley.facts(Fact.CHAIN_OPENED)
    ended = await valley.facts(Fact.CHAIN_ENDED)
    assert {record.chain_id for record in opened} == {record.chain_id for record in ended}
    assert len(ended) == len(opened)
    assert await _chain_state(valley, "VS-C") == ChainState.ACKNOWLEDGED
    await valley.ends_in_silence()
