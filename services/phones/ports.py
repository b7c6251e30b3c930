"""
What the network needs from outside: somebody who carries its webhooks.
"""

from dataclasses import dataclass
from typing import Protocol

from services.phones.domain.effects import FetchScript, PostCallback


@dataclass(frozen=True, slots=True)
class Fetched:
    """A script and the absolute URL it came from."""

    url: str
    body: str


class Webhooks(Protocol):
    """Carries what the exchange wants done to the customer's server."""

    async def fetch_script(self, effect: FetchScript) -> Fetched:
        """Return the script. Raises DeliveryError."""
        ...

    async def post_callback(self, effect: PostCallback) -> str:
        """Return the body of the answer. Raises DeliveryError."""
        ...
