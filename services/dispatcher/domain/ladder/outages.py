"""
Where phones are dead. Whoever is there is passed over at once, which is not the same as no answer;
when they work again he is rung as if the time between had not been.
"""

from dataclasses import replace
from datetime import datetime

from schemas.act import ChannelReported
from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.desk.desk import Desk


def channel_reported(desk: Desk, said: ChannelReported, user: str, now: datetime) -> list[Chain]:
    """Take up that a channel is dead at a place, or works again; return the chains it concerns."""
    for name in said.channels:
        desk.put_outage(said.place, Channel(name), is_dead=not said.works)
    desk.fact(
        Fact.CHANNEL_REPORTED,
        detail={
            "place": said.place,
            "channels": list(said.channels),
            "works": said.works,
            "why": said.why,
            "user": user,
        },
    )
    concerned = []
    for chain in desk.open_chains():
        after = with_outages(desk, chain)
        if after != chain or (said.works and _has_text_waiting(chain, now)):
            desk.put_chain(after, now)
            concerned.append(after)
    return concerned


def _has_text_waiting(chain: Chain, now: datetime) -> bool:
    """Whether an SMS of *chain* was due while none could be sent: it is queued anew."""
    return any(rung.text_at is not None and rung.text_at <= now for rung in chain.rungs)


def with_outages(desk: Desk, chain: Chain) -> Chain:
    """Return *chain* with each rung marked by whether a call reaches where it is."""
    rungs = tuple(
        replace(rung, cut_off=desk.is_dead(rung.place, Channel.VOICE)) for rung in chain.rungs
    )
    return chain if rungs == chain.rungs else replace(chain, rungs=rungs)
