"""
What the carrier says when it does not simply do as it was asked.

    PhonesError
    ├── RefusedError      nothing was done; code, message and status are the carrier's
    ├── AnswerLostError   it was done, and the asker will not learn it
    ├── DeliveryError     the customer's server did not answer a webhook as it should
    └── BadHabitsError    the file of people cannot be read

Codes: https://www.twilio.com/docs/api/errors. No text names a number.
"""

from enum import IntEnum, StrEnum


class Code(IntEnum):
    """The carrier's error codes that this network can give."""

    CONCURRENCY_EXCEEDED = 10004
    SCRIPT_NOT_FETCHED = 11200
    DOCUMENT_PARSE_FAILURE = 12100
    UNSUPPORTED_MARKUP = 12200
    NOT_REACHABLE = 13224
    BAD_REQUEST = 20001
    AUTHENTICATE = 20003
    NOT_FOUND = 20404
    TOO_MANY_REQUESTS = 20429
    SERVER_ERROR = 20500
    NO_TO = 21201
    BAD_URL = 21205
    BAD_TO = 21211
    BAD_FROM = 21212
    NO_FROM = 21213
    CALL_NOT_IN_PROGRESS = 21220
    NO_BODY = 21602
    NO_MESSAGE_FROM = 21603
    NO_MESSAGE_TO = 21604
    OPTED_OUT = 21610
    NOT_A_MOBILE = 21614
    BODY_TOO_LONG = 21617
    HANDSET_UNREACHABLE = 30003
    UNKNOWN_HANDSET = 30005
    UNKNOWN_ERROR = 30008


class PhonesError(Exception):
    """The root of what this service raises."""


class RefusedError(PhonesError):
    """The carrier did nothing and says why; *status* is the HTTP status it answers with."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = int(code)
        self.message = message
        self.status = status


class LostAnswer(StrEnum):
    """How an answer is lost after the carrier has done what it was asked."""

    SERVER_ERROR = "server_error"
    DROPPED = "dropped"


class AnswerLostError(PhonesError):
    """The call or message exists; the asker gets a 500 or a cut connection."""

    def __init__(self, how: LostAnswer) -> None:
        super().__init__(f"accepted, and the answer is lost: {how}")
        self.how = how


class DeliveryError(PhonesError):
    """No 2xx in time. *reason* is a word or a status, without URL or number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadHabitsError(PhonesError):
    """The text says where in the file and what is wrong there."""


def not_found(uri: str) -> RefusedError:
    """Return the carrier's answer for a resource that is not there."""
    return RefusedError(Code.NOT_FOUND, f"The requested resource {uri} was not found", status=404)
