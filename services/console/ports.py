"""
What the console needs from outside, as it names it.

    ConsoleError
    ├── NotDurableError     the act could not be kept: nothing was done, try again
    └── NotAnsweredError    kept; the correlator has not answered within the time
"""

from collections.abc import Sequence
from typing import Protocol

from schemas.act import ActBody
from schemas.cap import Status
from schemas.decision import ActAnswered
from schemas.dispatch import LedgerRecord
from services.district.domain.pack import User


class ConsoleError(Exception):
    """The root of what the console raises."""


class NotDurableError(ConsoleError):
    """The act could not be made durable; nothing was done. Try again."""


class NotAnsweredError(ConsoleError):
    """The act is kept, and no answer to it came in time. *act_id* names it."""

    def __init__(self, act_id: str) -> None:
        super().__init__("no answer to the act in time")
        self.act_id = act_id


class Acts(Protocol):
    """Appends what a person did and returns what became of it."""

    async def do(
        self, user: User, body: ActBody, status: Status, key: str | None = None
    ) -> ActAnswered:
        """
        Append the act and return the correlator's answer to it.

        *key* is the caller's own idempotency key: the same user, key and body again is the same
        act. NotDurableError, NotAnsweredError.
        """
        ...


class LedgerPages(Protocol):
    """The ledger, from where it lies."""

    async def page(self, before: int | None, limit: int) -> Sequence[LedgerRecord]:
        """Return up to *limit* records older than number *before* (None: the newest), newest first."""
        ...


class Sessions(Protocol):
    """Who is logged in. Tokens are kept as digests only and outlive a restart."""

    async def open(self, user_id: str) -> str:
        """Return the token of a new session of *user_id*."""
        ...

    def holder(self, token: str) -> str | None:
        """Return whose session it is, or None when there is none or it is over."""
        ...

    async def close(self, token: str) -> None:
        """End the session."""
        ...
