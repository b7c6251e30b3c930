"""
What the carrier's errors mean for a request, by the table of its codes.

Whether it was executed is the only question. 429 never is; a server error, a time-out and a
connection cut after sending may have been, and count as an answer that was lost.
"""

from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from services.dispatcher.adapters.twilio.client import ClosedError
from services.dispatcher.adapters.twilio.error_table import BAD_URL, NOT_CONNECTED, remedies_for
from services.dispatcher.domain.calls.remedy import Remedy
from services.dispatcher.ports import AnswerLostError, CarrierError, CarrierRefusedError

ALREADY_OVER = frozenset(
    {
        "20404",  # no such call or message any more
        "21220",  # the call is not in a state in which this can be done
        "30409",  # the message is past cancelling
    }
)
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
            return refused(NOT_CONNECTED)
        case InvalidURL():
            return refused(BAD_URL)
        case _:
            return AnswerLostError("the carrier's answer was lost")


def refused(code: str) -> CarrierRefusedError:
    """Return the refusal *code*, with what is done about it."""
    remedies = remedies_for(code)
    return CarrierRefusedError(code, retry=Remedy.RETRY_LATER in remedies, remedies=remedies)


def _answered(status: int, code: str) -> CarrierError:
    remedies = remedies_for(code)
    if status == _TOO_MANY and Remedy.RETRY_LATER not in remedies:
        return CarrierRefusedError(code, retry=True, remedies=(Remedy.RETRY_LATER,))
    if Remedy.RETRY_LATER in remedies:
        return refused(code)
    is_clear = _CLIENT_ERROR <= status < _SERVER_ERROR and status != _TIMED_OUT
    if Remedy.RECONCILE in remedies or not is_clear:
        return AnswerLostError(f"the carrier's answer was lost: {code}")
    return refused(code)
