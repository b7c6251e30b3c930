"""`Telephony`: the same promises over real HTTP and in process, against the practice network."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.dispatcher.adapters.twilio.telephony import CLOCKS_DIFFER_BY
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.calls.remedy import Remedy
from services.dispatcher.domain.commands import SendMessage
from services.dispatcher.domain.inputs import (
    CalledBack,
    Heard,
    SmsAnswer,
    SmsReceived,
)
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError
from services.phones.domain.faults import CallbackFault, CreateFault, Resource
from tests.contract.telephony_town import (
    BACK,
    CODER,
    DEAF,
    MACHINE,
    NEVER,
    NUMBERS,
    OFF,
    START,
    TINNY,
    WRITER,
    Town,
    open_town,
)


@pytest.fixture(params=[False, True], ids=["in_process", "http"])
async def town(request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    async with open_town(http=request.param) as opened:
        yield opened


async def test_a_person_hears_the_words_presses_the_key_and_types_the_code(town: Town) -> None:
    provider_id = await town.call(CODER)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    assert town.asker.heard("a_1") == [Heard.ANSWERED, Heard.CONFIRM, Heard.CODE_RIGHT]
    assert {one.provider_id for one in town.asker.seen("a_1")} == {provider_id}
    assert town.asker.seen("a_1")[-1].outcome is Outcome.COMPLETED
    assert "暴雨红色预警" in town.exchange.record.heard(NUMBERS[CODER])


async def test_call_backs_tell_how_far_a_call_has_come_and_count(town: Town) -> None:
    await town.call(CODER)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    seen = [one for one in town.asker.seen("a_1") if one.sequence is not None]

    assert [one.progress for one in seen] == [
        Progress.ACCEPTED,
        Progress.RINGING,
        Progress.ANSWERED,
        Progress.ENDED,
    ]
    assert [one.sequence for one in seen] == [0, 1, 2, 3]


async def test_a_phone_that_nobody_answers_ends_unanswered_after_the_ring_time_out(
    town: Town,
) -> None:
    await town.call(NEVER)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    assert town.asker.seen("a_1")[-1].outcome is Outcome.NO_ANSWER
    assert town.clock.now() - START < timedelta(seconds=40)


async def test_a_phone_that_is_off_counts_as_not_answered(town: Town) -> None:
    await town.call(OFF)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    assert town.asker.seen("a_1")[-1].remedies == (Remedy.TREAT_AS_NO_ANSWER,)


async def test_who_rings_back_is_known_by_his_number_and_proves_himself_by_the_code(
    town: Town,
) -> None:
    await town.call(BACK)
    await town.live_until(lambda: any(isinstance(one, CalledBack) for one in town.asker.told))
    called_back = next(one for one in town.asker.told if isinstance(one, CalledBack))
    await town.live_until(lambda: Heard.CODE_RIGHT in town.asker.heard(called_back.attempt_id))

    assert called_back.contact == BACK
    assert town.asker.heard(called_back.attempt_id) == [Heard.CONFIRM, Heard.CODE_RIGHT]


async def test_a_message_is_delivered_with_its_code_and_the_code_comes_back(town: Town) -> None:
    await town.text(WRITER, text="请立即转移。确认码 {code}，请回复。")
    await town.live_until(lambda: any(isinstance(one, SmsReceived) for one in town.asker.told))

    reply = next(one for one in town.asker.told if isinstance(one, SmsReceived))

    assert (reply.contact, reply.answer, reply.attempt_id) == (
        WRITER,
        SmsAnswer.CODE_RIGHT,
        "s_1",
    )
    assert town.asker.seen("s_1")[-1].outcome is Outcome.DELIVERED
    assert "{code}" not in next(iter(town.exchange.messages.values())).body


async def test_a_call_that_rings_is_withdrawn(town: Town) -> None:
    provider_id = await town.call(NEVER)
    await town.live(3)
    await town.telephony.end_call(provider_id, answered=False)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    assert town.asker.seen("a_1")[-1].outcome is Outcome.CANCELLED


@pytest.mark.parametrize("answered", [True, False])
async def test_a_call_in_progress_is_ended_even_if_we_have_not_heard_of_its_answer(
    town: Town, answered: bool
) -> None:
    provider_id = await town.call(CODER)
    await town.live_until(lambda: Heard.ANSWERED in town.asker.heard("a_1"))
    await town.telephony.end_call(provider_id, answered=answered)

    seen = await town.telephony.fetch(provider_id, voice=True)

    assert (seen.progress, seen.outcome) == (Progress.ENDED, Outcome.COMPLETED)


@pytest.mark.parametrize("answered", [True, False])
async def test_ending_a_call_that_is_over_or_never_was_is_no_error(
    town: Town, answered: bool
) -> None:
    provider_id = await town.call(CODER)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    await town.telephony.end_call(provider_id, answered=answered)
    await town.telephony.end_call("CA" + "0" * 32, answered=answered)

    seen = await town.telephony.fetch(provider_id, voice=True)
    assert (seen.progress, seen.outcome) == (Progress.ENDED, Outcome.COMPLETED)


async def test_a_message_is_cancelled_while_it_waits_and_left_alone_after(town: Town) -> None:
    provider_id = await town.text(CODER)
    await town.telephony.cancel_message(provider_id)
    await town.telephony.cancel_message("SM" + "0" * 32)

    seen = await town.telephony.fetch(provider_id, voice=False)

    assert (seen.progress, seen.outcome) == (Progress.ENDED, Outcome.CANCELLED)


async def test_what_does_not_exist_cannot_be_fetched(town: Town) -> None:
    with pytest.raises(CarrierRefusedError) as refused:
        await town.telephony.fetch("CA" + "0" * 32, voice=True)

    assert (refused.value.code, refused.value.retry) == ("20404", False)


@pytest.mark.parametrize(
    "fault", [CreateFault.SERVER_ERROR_AFTER_ACCEPTING, CreateFault.DROPPED_AFTER_ACCEPTING]
)
async def test_a_call_whose_answer_was_lost_is_found_by_contact_and_time(
    town: Town, fault: CreateFault
) -> None:
    town.exchange.faults.fail_next_create(Resource.CALLS, fault)

    with pytest.raises(AnswerLostError):
        await town.call(NEVER)
    found = await town.telephony.list_to(NEVER, town.clock.now(), voice=True)

    assert [one.provider_id for one in found] == list(town.exchange.calls)
    assert len(found) == 1


async def test_a_message_whose_answer_was_lost_is_found_by_contact_and_time(town: Town) -> None:
    fault = CreateFault.SERVER_ERROR_AFTER_ACCEPTING
    town.exchange.faults.fail_next_create(Resource.MESSAGES, fault)

    with pytest.raises(AnswerLostError):
        await town.text(CODER)
    found = await town.telephony.list_to(CODER, town.clock.now(), voice=False)

    assert [one.provider_id for one in found] == list(town.exchange.messages)


async def test_of_several_messages_the_one_with_this_attempts_code_is_found(town: Town) -> None:
    """Two texts to one person, both answers lost: he answers with the code that he holds."""
    texts = {
        key: SendMessage(key, CODER, "确认码{code}。", timedelta(minutes=5))
        for key in ("s_1", "s_2")
    }
    ids = {key: await town.telephony.send_message(text) for key, text in texts.items()}

    for key, provider_id in ids.items():
        found = await town.telephony.list_to(CODER, town.clock.now(), voice=False, coded_for=key)
        assert [one.provider_id for one in found] == [provider_id]
    nobodys = await town.telephony.list_to(CODER, town.clock.now(), voice=False, coded_for="s_3")
    assert nobodys == []


async def test_a_server_error_leaves_it_open_whether_the_call_was_placed(town: Town) -> None:
    town.exchange.faults.fail_next_create(Resource.CALLS, CreateFault.SERVER_ERROR)

    with pytest.raises(AnswerLostError):
        await town.call(NEVER)

    assert await town.telephony.list_to(NEVER, town.clock.now(), voice=True) == []


async def test_too_many_requests_is_a_refusal_to_try_again(town: Town) -> None:
    town.exchange.faults.fail_next_create(Resource.CALLS, CreateFault.TOO_MANY_REQUESTS)

    with pytest.raises(CarrierRefusedError) as refused:
        await town.call(CODER)

    assert (refused.value.code, refused.value.retry) == ("20429", True)


async def test_the_list_holds_only_this_contact_since_then_oldest_first(town: Town) -> None:
    await town.call(NEVER, "a_0")
    await town.live_until(lambda: town.asker.has_ended("a_0"))
    town.clock.move_to(town.clock.now() + CLOCKS_DIFFER_BY + timedelta(seconds=1))
    since = town.clock.now()
    ids = [await town.call(NEVER, "a_1")]
    await town.live_until(lambda: town.asker.has_ended("a_1"))
    ids.append(await town.call(NEVER, "a_2"))
    await town.call(CODER, "a_3")

    found = await town.telephony.list_to(NEVER, since, voice=True)

    assert [one.provider_id for one in found] == ids


async def test_a_refusal_says_its_code_and_never_the_number(town: Town) -> None:
    with pytest.raises(CarrierRefusedError) as refused:
        await town.text(DEAF)

    assert (refused.value.code, refused.value.retry) == ("21610", False)
    assert "199" not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


async def test_a_contact_without_a_number_is_refused_at_once(town: Town) -> None:
    with pytest.raises(CarrierRefusedError) as refused:
        await town.call("nobody")

    assert (refused.value.code, refused.value.retry) == ("no_number", False)


async def test_a_doubled_call_back_brings_the_same_fact_again(town: Town) -> None:
    town.exchange.faults.fail_next_callback(CallbackFault.DOUBLED)
    await town.call(NEVER)
    await town.live_until(lambda: len(town.asker.seen("a_1")) >= 4)

    first = town.asker.seen("a_1")[0]

    assert town.asker.seen("a_1").count(first) == 2


async def test_a_machine_is_told_apart_while_it_speaks_and_shown_by_the_call(town: Town) -> None:
    provider_id = await town.call(MACHINE)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    hints = [one for one in town.asker.seen("a_1") if one.answered_by_machine]

    assert [one.progress for one in hints] == [Progress.ANSWERED]
    assert (await town.telephony.fetch(provider_id, voice=True)).machine


async def test_a_human_who_sounds_like_a_machine_still_confirms(town: Town) -> None:
    await town.call(TINNY)
    await town.live_until(lambda: town.asker.has_ended("a_1"))

    assert any(one.answered_by_machine for one in town.asker.seen("a_1"))
    assert town.asker.heard("a_1") == [Heard.ANSWERED, Heard.CONFIRM, Heard.CODE_RIGHT]
