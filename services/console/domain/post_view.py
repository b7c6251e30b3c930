"""One post of a callout as its own page shows it; and the dead channels in words."""

from collections.abc import Iterable
from datetime import datetime

from services.console.domain.callout_view import callout_view
from services.console.domain.chain_view import chain_view
from services.console.domain.dead_channels import DeadChannel
from services.console.domain.names import ASKS, CHANNELS, Names
from services.console.domain.tracks import CalloutTrack, Tracks
from services.console.domain.views.field import DeadChannelView, PostPage
from services.district.domain.pack import Pack


def post_page(
    pack: Pack, names: Names, tracks: Tracks, callout: CalloutTrack, post: str, now: datetime
) -> PostPage | None:
    """
    Return the ask to *post*: the first one that is open, which is what a word heard from the post
    answers; else the newest.
    """
    mine = [chain for chain in callout.chains.values() if chain.post == post]
    if not mine:
        return None
    chain = next((one for one in mine if one.end is None), mine[-1])
    people = dict.fromkeys(person for _, person in chain.people)
    return PostPage(
        callout=callout_view(names, tracks, callout),
        view=chain_view(pack, names, chain, now, whole=False),
        ask_name=ASKS.get(chain.ask, chain.ask),
        people=tuple((one, names.person(one)) for one in people),
    )


def dead_channel_views(names: Names, dead: Iterable[DeadChannel]) -> tuple[DeadChannelView, ...]:
    """Return *dead* in words."""
    return tuple(
        DeadChannelView(
            place=one.place,
            place_name=names.place(one.place),
            channel=one.channel,
            channel_name=CHANNELS.get(one.channel, one.channel),
            since=one.since,
            user_name=names.user(one.user),
            why=one.why,
        )
        for one in dead
    )
