"""The ladder past the phone: loudspeakers speak, somebody calls by radio, somebody goes to the door."""

from dataclasses import replace
from datetime import datetime

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.climbing import resort_at
from services.dispatcher.domain.calls.attempt import Attempt, Channel, Purpose
from services.dispatcher.domain.calls.calling import ANSWER_WITHIN
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.ladder.broadcasting import broadcast
from services.dispatcher.domain.ladder.tasks import open_task
from services.district.domain.pack import Station
from services.district.domain.policy import ResortKind
from services.district.domain.templates import TextKey


def take_resorts(desk: Desk, chain: Chain, now: datetime) -> Chain:
    """Return *chain* with every last resort taken that is due."""
    for resort in chain.limits.resorts:
        if resort.kind in chain.resorts or resort_at(chain, resort, now) > now:
            continue
        chain = replace(chain, resorts=(*chain.resorts, resort.kind))
        if resort.kind is ResortKind.LOUDSPEAKER:
            _broadcast(desk, chain, now)
        else:
            task = open_task(desk, chain, resort, now)
            until = chain.tasks_until
            chain = replace(chain, tasks_until=max(until, task.until) if until else task.until)
    return chain


def _broadcast(desk: Desk, chain: Chain, now: datetime) -> None:
    """Let the stations around the post speak; each once for a callout, however many posts need it."""
    callout = desk.callouts[chain.callout_id]
    place = desk.pack.roster.posts[chain.post].place
    around = [one for one in _stations(desk, place) if one.station_id not in callout.spoken]
    if not around:
        return
    spoken = (*callout.spoken, *(station.station_id for station in around))
    desk.put_callout(replace(callout, spoken=spoken))
    text = desk.words.fixed(TextKey.LOUDSPEAKER, callout)
    for station in around:
        attempt = Attempt(
            attempt_id=desk.new_id("b"),
            channel=Channel.LOUDSPEAKER,
            purpose=Purpose.INFORM,
            person=station.station_id,
            contact=station.station_id,
            chains=(),
            intended_at=now,
            look_at=now + ANSWER_WITHIN,
            account="",  # of no telephone carrier
            text=text,
            status=callout.status,
        )
        desk.put_attempt(attempt)
        desk.fact(
            Fact.ATTEMPT_INTENDED,
            attempt=attempt,
            callout=callout,
            detail={"channel": Channel.LOUDSPEAKER.value, "station": station.kind.value},
        )
        broadcast(desk, attempt)


def _stations(desk: Desk, place: str) -> list[Station]:
    """Return the stations at or in *place*; where there is none, those of what it lies in."""
    for outer in desk.tree.upwards(place):
        found = [one for one in desk.pack.stations if desk.tree.is_within(one.place, outer)]
        if found:
            return found
        if outer == desk.tree.town_of(place):
            break
    return []
