import ssl
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from services.dispatcher.adapters.twilio.client import ClosedError
from services.dispatcher.adapters.twilio.errors import translate
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError

NUMBER = "+8613800000001"
KEY = ConnectionKey("carrier.test", 443, True, True, None, None, None)


def rest(status: int, code: int | None = None) -> TwilioRestException:
    return TwilioRestException(status, f"/Calls.json?To={NUMBER}", f"'To' {NUMBER} is bad", code)


RETRY = [
    rest(429, 20429),
    rest(429, 10004),
    rest(400, 10004),
    rest(429, 429),
    rest(400, 21611),
    rest(400, 14107),
    rest(400, 30001),
    aiohttp.ClientConnectorError(KEY, OSError(111, "refused")),
    aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "no such host")),
    aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("bad")),
    aiohttp.ConnectionTimeoutError(f"https://carrier.test/?To={NUMBER}"),
    ClosedError("closed"),
]
NO_RETRY = [
    *(
        rest(400, code)
        for code in (13224, 13225, 13227, 20001, 21205, 21210, 21211, 21212, 21214, 21215, 21216)
    ),
    *(rest(400, code) for code in (21217, 21220, 21408, 21606, 21609, 21610, 21612, 21614, 21617)),
    rest(401, 20003),
    rest(403, 30002),
    rest(404, 20404),
    rest(400),
    TwilioServiceException("urn:x", "Bad", 422, 20001, detail=NUMBER),
    aiohttp.InvalidURL("carrier:test"),
]
LOST = [
    rest(500, 20500),
    rest(503, 20503),
    rest(504, 20504),
    rest(502),
    rest(408),
    rest(400, 20500),
    rest(302),
    TwilioServiceException("urn:x", "Down", 500, 20500),
    TwilioException(f"Unable to fetch page for {NUMBER}"),
    TimeoutError(),
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientOSError(104, "reset"),
    aiohttp.SocketTimeoutError(),
    aiohttp.ClientPayloadError("cut"),
    ConnectionResetError(),
    ValueError(f"not JSON: {NUMBER}"),
    KeyError("calls"),
    AttributeError("get"),
]


def name(error: Any) -> str:
    return f"{type(error).__name__}-{getattr(error, 'status', '')}-{getattr(error, 'code', '')}"


@pytest.mark.parametrize("error", RETRY, ids=name)
def test_what_was_certainly_not_executed_may_be_tried_again(error: Exception) -> None:
    translated = translate(error)

    assert isinstance(translated, CarrierRefusedError)
    assert translated.retry


@pytest.mark.parametrize("error", NO_RETRY, ids=name)
def test_what_the_carrier_will_never_do_is_not_tried_again(error: Exception) -> None:
    translated = translate(error)

    assert isinstance(translated, CarrierRefusedError)
    assert not translated.retry


@pytest.mark.parametrize("error", LOST, ids=name)
def test_what_may_have_been_executed_is_an_answer_that_was_lost(error: Exception) -> None:
    assert isinstance(translate(error), AnswerLostError)


@pytest.mark.parametrize("error", [*RETRY, *NO_RETRY, *LOST], ids=name)
def test_no_error_tells_a_number(error: Exception) -> None:
    assert NUMBER not in str(translate(error))
    assert NUMBER not in repr(translate(error))


def test_the_carriers_own_code_is_kept() -> None:
    translated = translate(rest(400, 21610))

    assert isinstance(translated, CarrierRefusedError)
    assert translated.code == "21610"
