"""
Scenario E.1 in a district whose server nobody can reach from outside: the carrier is asked how its
calls stand, people are told in the call to answer by SMS, and their SMS are found by asking too.
"""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.dispatch import Fact
from services.system.engines import OpenEngines
from tests.acceptance.shiping_night import Night, open_night


@pytest.fixture
async def night(tmp_path: Path, engines: OpenEngines) -> AsyncIterator[Night]:
    """The night from 21:30, at a carrier that has no address of ours."""
    async with open_night(tmp_path, engines, webhooks=False) as opened:
        yield opened


async def test_people_hear_how_to_answer_and_confirm_with_the_code_by_sms(
    night: Night,
) -> None:
    """Level II needs proof of listening, also from somebody whose keys nobody can hear."""
    await night.rains_until("00:05")
    await night.live.until("00:07")

    acknowledged = await night.live.ledger(Fact.ACKNOWLEDGED)
    at_ii = [one for one in acknowledged if one.at >= night.live.instant("00:05")]
    given = Counter((one.detail["channel"], one.detail["strength"]) for one in at_ii)
    assert given["voice", "coded"] >= 5
    assert {strength for _, strength in given} == {"coded"}
    assert await night.live.ledger(Fact.KEY_PRESSED) == []

    number = night.live.pack.numbers[str(at_ii[0].contact)]
    heard = night.live.phones.exchange.record.heard(number)
    assert "请用短信回复确认码" in heard
    assert "按1" not in heard


async def test_nothing_is_told_and_everything_is_learned(night: Night) -> None:
    """No call stays live in our books, nobody is rung twice at once or forgotten, without one call-back."""
    await night.rains_until("00:05")
    await night.rains_until("00:10")
    await night.live.until("00:30")

    record = night.live.phones.exchange.record
    assert (record.callbacks_emitted, record.notices) == (0, [])
    assert record.max_live_calls_per_number == 1
    intended = {one.attempt_id for one in await night.live.ledger(Fact.ATTEMPT_INTENDED)}
    ended = await night.live.ledger(Fact.ATTEMPT_ENDED)
    assert {one.attempt_id for one in ended} == intended
    outcomes = Counter(one.detail["outcome"] for one in ended)
    assert outcomes["completed"] >= 5
    assert outcomes["delivered"] >= 5
    assert outcomes["expired"] == 0
    tally = await night.live.tally()
    # Everybody who is asked in this night listens, and each answer counts for the one who gave it.
    assert (tally.acknowledged, tally.escalated, tally.not_woken) == (tally.posts, 0, 0)
    assert (tally.ledger, tally.dead_letters) == ("ok", 0)
