"""That a channel is dead in an area."""

from dataclasses import dataclass

from services.dispatcher.domain.calls.attempt import Channel


@dataclass(frozen=True, slots=True)
class Outage:
    """*channel* reaches nobody at *place*, nor in what lies in it."""

    place: str
    channel: Channel

    @property
    def key(self) -> str:
        """The key under which it is kept."""
        return f"{self.channel.value}@{self.place}"
