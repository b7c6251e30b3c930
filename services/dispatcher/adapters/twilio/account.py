"""Our account at the carrier, as plain values."""

from dataclasses import dataclass, field
from datetime import timedelta

REAL_API = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """
    Who we are there and how we want calls made.

    *api_base_url* is the real carrier's or a practice network's; *webhooks_base_url* is ours as the
    carrier reaches it, without a slash at its end. *fallback_url* is asked for words when we do not
    answer: it must lie on another host. *machine_detection* is only ever a hint. *call_limit* ends
    a call that got stuck. *webhooks* False: the carrier cannot reach us, so that words go along with
    the request, and states and answers are asked for.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    from_number: str = field(repr=False)
    webhooks_base_url: str
    api_base_url: str = REAL_API
    alternate_token: str = field(default="", repr=False)
    messaging_service_sid: str = ""
    fallback_url: str = ""
    machine_detection: bool = False
    webhooks: bool = True
    timeout: timedelta = timedelta(seconds=10)
    connect_timeout: timedelta = timedelta(seconds=3)
    call_limit: timedelta = timedelta(minutes=10)
