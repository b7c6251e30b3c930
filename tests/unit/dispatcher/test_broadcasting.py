"""Loudspeakers: told again until they answer, never looked for at the telephone carrier."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import AskStatus, Broadcast, Reconcile
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    RequestAnswered,
    RequestLost,
    RequestRefused,
    WokenUp,
)
from services.dispatcher.domain.ladder.broadcasting import PLAYED_WITHIN
from services.district.domain.pack import Station, StationKind
from services.district.domain.policy import Resort, ResortKind
from tests.districts import TOWN, pack, policies, post, with_level
from tests.unit.dispatcher.night import Night


def spoken_to() -> Night:
    """A night in which nobody answers, at the moment the loudspeaker is told."""
    night = Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, None),
            policies_=with_level(
                policies(),
                Level.I,
                resorts=(Resort(ResortKind.LOUDSPEAKER, timedelta(minutes=5)),),
            ),
            stations=(Station("LS-1", StationKind.LOUDSPEAKER, "喇叭", TOWN, "http://x"),),
        )
    )
    night.respond(Level.I)
    night.wait(minutes=5)
    return night


def told(night: Night) -> list[Broadcast]:
    return [command for _, command in night.commands if isinstance(command, Broadcast)]


def attempt(night: Night) -> Attempt:
    (found,) = [a for a in night.desk.attempts.values() if a.channel is Channel.LOUDSPEAKER]
    return found


def asked_the_carrier(night: Night) -> bool:
    kinds = (AskStatus, Reconcile)
    mine = attempt(night).attempt_id
    return any(isinstance(c, kinds) and c.attempt_id == mine for _, c in night.commands)


def test_a_lost_answer_is_told_again_with_the_same_id_and_then_given_up() -> None:
    night = spoken_to()
    night.tell(RequestLost(told(night)[0].attempt_id))

    night.wait(minutes=2)

    assert len({command.attempt_id for command in told(night)}) == 1
    assert len(told(night)) == 3
    assert attempt(night).outcome is Outcome.EXPIRED
    assert not asked_the_carrier(night)


def test_one_that_answers_the_second_time_is_not_told_a_third() -> None:
    night = spoken_to()
    night.tell(RequestLost(told(night)[0].attempt_id))
    night.wait(seconds=2)
    night.tell(RequestAnswered(told(night)[0].attempt_id, told(night)[0].attempt_id))

    night.wait(minutes=2)

    assert len(told(night)) == 2
    assert attempt(night).progress is Progress.ACCEPTED


def test_a_station_that_took_it_and_never_says_more_is_no_trouble() -> None:
    night = spoken_to()
    night.tell(RequestAnswered(told(night)[0].attempt_id, told(night)[0].attempt_id))

    night.wait(seconds=PLAYED_WITHIN.total_seconds() + 1)

    assert (attempt(night).outcome, len(told(night))) == (Outcome.EXPIRED, 1)
    assert not asked_the_carrier(night)


def test_played_is_recorded_once_and_stays_the_end() -> None:
    night = spoken_to()
    mine = told(night)[0].attempt_id
    night.tell(RequestAnswered(mine, mine))
    for outcome in (Outcome.COMPLETED, Outcome.FAILED):
        night.tell(AttemptSeen(mine, mine, Progress.ENDED, outcome))

    ends = [fact.detail["outcome"] for fact in night.said(Fact.ATTEMPT_ENDED)]
    assert ends == ["completed"]


def test_a_refusal_is_the_end_and_says_nothing_against_the_telephone_account() -> None:
    night = spoken_to()
    night.tell(RequestRefused(told(night)[0].attempt_id, "http_403", retry=False))
    night.wait(minutes=1)

    assert (attempt(night).outcome, len(told(night))) == (Outcome.REFUSED, 1)
    assert night.said(Fact.ACCOUNT_DOWN) == []


def test_what_was_under_way_when_the_process_died_is_told_again() -> None:
    night = spoken_to()
    night.tell(WokenUp(restarted=True))

    night.wait(seconds=2)

    assert len(told(night)) == 2
