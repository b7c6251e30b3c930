"""
What the exchange wants done outside: the doors do it, over HTTP or by a function call.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FetchScript:
    """
    Ask *url*, relative to *base_url*, what to say in a call.

    The answer goes back with *fetch_no*, so that one that comes too late is known as such.
    """

    account_sid: str
    call_sid: str
    fetch_no: int
    base_url: str
    url: str
    method: str
    form: Mapping[str, str]
    token: str


@dataclass(frozen=True, slots=True)
class PostCallback:
    """
    Tell *url* what became of a call or message, or that a message came in.

    *token* is the carrier's idempotency token: a doubled call-back carries the same one.
    """

    account_sid: str
    sid: str
    url: str
    method: str
    form: Mapping[str, str]
    token: str
    wants_reply: bool = False


Effect = FetchScript | PostCallback
