"""
What the carrier's errors mean for a request: one table, used once.

Whether it was executed is the only question. 429 never is; a server error, a time-out and a
connection cut after sending may have been, and count as an answer that was lost.
"""

from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from services.dispatcher.adapters.twilio.client import ClosedError
from services.dispatcher.ports import AnswerLostError, CarrierError, CarrierRefusedError

RETRY_LATER = frozenset(
    {
        "10004",  # too many calls at once
        "14107",  # too many messages a second
        "20429",  # too many requests
        "21611",  # the sender's queue is full
        "30001",  # a queue is full
    }
)
LOST = frozenset({"20500", "20503", "20504"})
ALREADY_OVER = frozenset(
    {
        "20404",  # no such call or message any more
        "21220",  # the call is not in a state in which this can be done
        "30409",  # the message is past cancelling
    }
)
NOT_CONNECTED = "not_connected"
"""Our code for a connection that never came about: nothing was sent."""
_TIMED_OUT, _TOO_MANY, _SERVER_ERROR, _CLIENT_ERROR = 408, 429, 500, 400


def translate(exc: Exception) -> CarrierError:
    """
    Return what *exc* means. Nothing of its text is kept: it may name a number.

    Raise the result outside of the `except` that caught *exc*, or its context brings the text back.
    """
    match exc:
        case TwilioRestException() | TwilioServiceException():
            return _answered(exc.status, str(exc.code or exc.status))
        case ConnectionTimeoutError() | ClientConnectorError() | ClosedError():
            return CarrierRefusedError(NOT_CONNECTED, retry=True)
        case InvalidURL():
            return CarrierRefusedError("bad_url", retry=False)
        case _:
            return AnswerLostError("the carrier's answer was lost")


def _answered(status: int, code: str) -> CarrierError:
    if code in RETRY_LATER or status == _TOO_MANY:
        return CarrierRefusedError(code, retry=True)
    is_clear = _CLIENT_ERROR <= status < _SERVER_ERROR and status != _TIMED_OUT
    if code in LOST or not is_clear:
        return AnswerLostError(f"the carrier's answer was lost: {code}")
    return CarrierRefusedError(code, retry=False)
