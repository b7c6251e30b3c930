"""What a person does past the phone: one post of a callout, and the channels that are dead."""

from dataclasses import dataclass
from datetime import datetime

from services.console.domain.views.callouts import CalloutView, ChainView


@dataclass(frozen=True, slots=True)
class PostPage:
    """The ask of a callout to one post. *people* are (id, name) of whoever may have confirmed."""

    callout: CalloutView
    view: ChainView
    ask_name: str
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DeadChannelView:
    """A channel that reaches nobody at a place, since when, and who reported it."""

    place: str
    place_name: str
    channel: str
    channel_name: str
    since: datetime
    user_name: str
    why: str
