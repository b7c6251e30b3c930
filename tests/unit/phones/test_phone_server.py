"""The HTTP door: access, faults, signatures and lists."""

from datetime import timedelta

import pytest
from aiohttp import ClientConnectionError, encode_basic_auth
from twilio.request_validator import RequestValidator

from services.phones.domain.faults import CreateFault, Resource
from tests.unit.phones.scene import CALLS, MESSAGES, Scene
from tests.unit.phones.town import ANNA, DESK, SID, START, TOKEN


async def test_a_stranger_is_told_to_authenticate(scene: Scene) -> None:
    wrong = {"Authorization": encode_basic_auth(SID, "guess")}
    async with scene.session.get(f"{CALLS}.json", headers=wrong) as response:
        body = await response.json()

    assert response.status == 401
    assert body == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


async def test_an_unknown_call_is_not_found(scene: Scene) -> None:
    body = await scene.get(f"{CALLS}/CA{'0' * 32}.json")

    assert (body["http"], body["code"]) == (404, 20404)


async def test_a_path_that_does_not_exist_is_not_found(scene: Scene) -> None:
    body = await scene.get("/2010-04-01/Nowhere.json")

    assert (body["http"], body["code"]) == (404, 20404)


async def test_a_call_goes_out_and_webhooks_are_signed(scene: Scene) -> None:
    created = await scene.call()
    await scene.live(1)

    method, url, form, headers = scene.customer.seen[0]
    assert (created["http"], created["status"]) == (201, "queued")
    assert (method, form["CallStatus"]) == ("POST", "initiated")
    assert url.endswith("/status?attempt=7")
    assert RequestValidator(TOKEN).validate(url, form, headers["X-Twilio-Signature"])
    assert headers["I-Twilio-Idempotency-Token"]


async def test_a_webhook_may_be_a_get(scene: Scene) -> None:
    await scene.call(StatusCallbackMethod="GET")
    await scene.live(1)

    method, url, form, headers = scene.customer.seen[0]
    assert (method, form) == ("GET", {})
    assert "CallStatus=initiated" in url
    assert RequestValidator(TOKEN).validate(url, {}, headers["X-Twilio-Signature"])


async def test_a_customer_that_is_down_costs_a_callback_and_nothing_else(scene: Scene) -> None:
    await scene.call(StatusCallback="http://127.0.0.1:9/status#rc=0&ct=500")
    await scene.live(1)

    record = scene.server.exchange.record
    assert record.deliveries_failed == 2
    assert scene.server.exchange.live_leg(ANNA) is not None


async def test_a_script_answered_with_an_error_ends_the_call(scene: Scene) -> None:
    scene.customer.status = 503
    created = await scene.call()
    await scene.live(1)

    scene.server.network.input(lambda now: scene.server.exchange.handsets.answer(ANNA, now))
    await scene.live(10)

    call = await scene.get(f"{CALLS}/{created['sid']}.json")
    assert call["status"] == "completed"
    assert scene.server.exchange.record.notices[0].code == 11200


async def test_a_dropped_connection_leaves_a_call_that_rings(scene: Scene) -> None:
    faults = scene.server.exchange.faults
    faults.fail_next_create(Resource.CALLS, CreateFault.DROPPED_AFTER_ACCEPTING)

    with pytest.raises(ClientConnectionError):
        await scene.call()

    listed = await scene.get(f"{CALLS}.json", To=ANNA)
    assert len(listed["calls"]) == 1


async def test_an_error_after_accepting_leaves_a_call_that_rings(scene: Scene) -> None:
    faults = scene.server.exchange.faults
    faults.fail_next_create(Resource.CALLS, CreateFault.SERVER_ERROR_AFTER_ACCEPTING)

    body = await scene.call()

    assert (body["http"], body["code"]) == (500, 20500)
    assert len((await scene.get(f"{CALLS}.json"))["calls"]) == 1


async def test_a_list_is_filtered_and_paged_newest_first(scene: Scene) -> None:
    numbers = [f"+86199000010{n:02}" for n in range(5)]
    sids = [(await scene.call(to=number))["sid"] for number in numbers]

    first = await scene.get(f"{CALLS}.json", PageSize="2")
    second = await scene.get(first["next_page_uri"])
    one = await scene.get(f"{CALLS}.json", To=numbers[3])

    assert [call["sid"] for call in first["calls"]] == [sids[4], sids[3]]
    assert [call["sid"] for call in second["calls"]] == [sids[2], sids[1]]
    assert [call["sid"] for call in one["calls"]] == [sids[3]]
    assert (first["page"], second["page"], second["start"]) == (0, 1, 2)


async def test_a_list_is_filtered_by_status_and_time(scene: Scene) -> None:
    early = await scene.call(to="+8619900001001")
    await scene.live(60)
    late = await scene.call(to="+8619900001002")
    await scene.live(1)
    since = (START + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")

    newer = await scene.get(f"{CALLS}.json", **{"StartTime>": since})
    older = await scene.get(f"{CALLS}.json", **{"StartTime<": since})
    ringing = await scene.get(f"{CALLS}.json", Status="ringing")
    another_day = await scene.get(f"{CALLS}.json", StartTime="2020-01-01")
    bad = await scene.get(f"{CALLS}.json", StartTime="yesterday")

    assert [call["sid"] for call in newer["calls"]] == [late["sid"]]
    assert [call["sid"] for call in older["calls"]] == [early["sid"]]
    assert [call["sid"] for call in ringing["calls"]] == [late["sid"]]
    assert another_day["calls"] == []
    assert (bad["http"], bad["code"]) == (400, 20001)


async def test_a_message_is_created_fetched_and_listed(scene: Scene) -> None:
    form = {"To": [ANNA], "From": [DESK], "Body": ["请转移"]}

    created = await scene.post(f"{MESSAGES}.json", form)
    await scene.live(20)
    fetched = await scene.get(f"{MESSAGES}/{created['sid']}.json")
    listed = await scene.get(f"{MESSAGES}.json", To=ANNA)

    assert (created["status"], fetched["status"]) == ("queued", "delivered")
    assert [one["sid"] for one in listed["messages"]] == [created["sid"]]
