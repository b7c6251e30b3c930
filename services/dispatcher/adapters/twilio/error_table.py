"""
What is done about each of the carrier's error codes (https://www.twilio.com/docs/api/errors).

The table is the whole of it; a code that is not here warns the administrator, and its try counts.
Further in, nobody knows a code: it stands in the ledger for people to look up.
"""

from collections.abc import Mapping
from typing import Final

from services.dispatcher.domain.calls.remedy import Remedies, Remedy

R = Remedy

_OUR_DOOR = (R.POLL_STATUS, R.WARN_ADMIN)
_ACCOUNT_STOPPED = (R.STOP_PROVIDER, R.OTHER_PROVIDER, R.WARN_ADMIN)
_REGION_NOT_PERMITTED = (R.OTHER_PROVIDER, R.WARN_ADMIN)
_WRONG_SENDER = (R.OTHER_PROVIDER, R.WARN_ADMIN)
_NO_SUCH_NUMBER = (R.MEND_ROSTER, R.OTHER_NUMBER)
_NO_MOBILE = (R.NEVER_SMS_AGAIN, R.OTHER_CHANNEL, R.MEND_ROSTER)
_QUEUE_FULL = (R.OTHER_PROVIDER, R.RETRY_LATER, R.WARN_ADMIN)

SIP_UNAVAILABLE: Final = "SIP 480"
NOT_CONNECTED: Final = "not_connected"
"""Our code for a connection that never came about: nothing was sent."""
BAD_URL: Final = "bad_url"
"""Our code for an API address that is none."""
NO_NUMBER: Final = "no_number"
"""Our code for a contact that the phone book does not have."""

OURS: Mapping[str, Remedies] = {
    NOT_CONNECTED: (R.RETRY_LATER, R.OTHER_PROVIDER, R.WARN_ADMIN),
    BAD_URL: (R.OTHER_PROVIDER, R.WARN_ADMIN),
    NO_NUMBER: _NO_SUCH_NUMBER,
}

CODES: Mapping[str, Remedies] = {
    "10001": _ACCOUNT_STOPPED,  # the account is not active
    "10004": (R.RETRY_LATER, R.LOWER_STARTS),  # too many calls at once
    "10005": _ACCOUNT_STOPPED,  # voice is disabled for the account
    "11200": _OUR_DOOR,  # our webhook failed
    "11201": _OUR_DOOR,
    "11202": _OUR_DOOR,
    "11203": _OUR_DOOR,
    "11205": _OUR_DOOR,
    "11210": _OUR_DOOR,
    "11217": _OUR_DOOR,
    "11220": _OUR_DOOR,  # TLS between the carrier and us
    "12100": (R.WARN_ADMIN,),  # our script is not to be read
    "13224": (R.OTHER_PROVIDER, R.RETRY_ONCE, R.OTHER_NUMBER),  # invalid number, or an outage
    "13225": _REGION_NOT_PERMITTED,
    "13227": _REGION_NOT_PERMITTED,
    "14107": (R.RETRY_LATER, R.LOWER_STARTS),  # too many messages a second
    "20003": _ACCOUNT_STOPPED,  # authentication
    "20005": _ACCOUNT_STOPPED,
    "20429": (R.RETRY_LATER,),  # too many requests: never executed
    "20500": (R.RECONCILE,),
    "20503": (R.RECONCILE,),
    "20504": (R.RECONCILE,),
    "21205": (R.WARN_ADMIN,),  # our URL is bad
    "21210": _WRONG_SENDER,  # From is not verified
    "21211": _NO_SUCH_NUMBER,
    "21212": _WRONG_SENDER,
    "21214": (R.OTHER_NUMBER,),  # cannot be reached
    "21215": _REGION_NOT_PERMITTED,
    "21216": (R.OTHER_NUMBER,),  # blocked
    "21217": _NO_SUCH_NUMBER,
    "21408": (R.OTHER_CHANNEL, R.WARN_ADMIN),  # no SMS to this region
    "21606": _WRONG_SENDER,  # From cannot send SMS
    "21609": (R.WARN_ADMIN,),  # our StatusCallback is bad
    "21610": (R.NEVER_SMS_AGAIN, R.OTHER_CHANNEL, R.MEND_ROSTER),  # he wrote STOP
    "21611": _QUEUE_FULL,
    "21612": (R.OTHER_PROVIDER, R.OTHER_CHANNEL),  # no route
    "21614": _NO_MOBILE,
    "21617": (R.OTHER_CHANNEL, R.REVIEW_TEMPLATE, R.WARN_ADMIN),  # the text is too long
    "30001": _QUEUE_FULL,
    "30002": _ACCOUNT_STOPPED,
    "30003": (R.OTHER_CHANNEL, R.RETRY_ONCE),  # the phone is off: ring at once, SMS again later
    "30004": (R.OTHER_CHANNEL, R.MEND_ROSTER),  # blocked
    "30005": _NO_SUCH_NUMBER,
    "30006": _NO_MOBILE,
    "30007": (R.OTHER_CHANNEL, R.REVIEW_TEMPLATE, R.WARN_ADMIN),  # filtered as spam
    "30008": (R.RETRY_ONCE, R.OTHER_CHANNEL),  # unknown
    "30410": (R.OTHER_PROVIDER, R.RETRY_ONCE, R.OTHER_CHANNEL),  # the provider timed out
    "57012": (R.WARN_ADMIN,),  # a signature of ours did not fit
}

SIP: Mapping[str, Remedies] = {SIP_UNAVAILABLE: (R.TREAT_AS_NO_ANSWER,)}

UNLISTED: Remedies = (R.WARN_ADMIN,)
_TABLE: Mapping[str, Remedies] = {**CODES, **SIP, **OURS}


def remedies_for(code: str | None, sip_code: str = "") -> Remedies:
    """Return what is done about *code*; nothing where there is none, unless SIP says more."""
    told_by_sip = SIP.get(f"SIP {sip_code}")
    if told_by_sip is not None:
        return told_by_sip
    return _TABLE.get(code, UNLISTED) if code else ()
