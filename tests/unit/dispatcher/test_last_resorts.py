"""When phones fail: loudspeakers speak, somebody calls by radio, somebody goes to the door."""

from datetime import timedelta

from schemas.act import AckVouched, ChannelReported, HeardBy, TaskReported, TaskResult
from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState, Strength
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.commands import Broadcast
from services.dispatcher.domain.ladder.task import TaskEnd
from services.district.domain.pack import Station, StationKind
from services.district.domain.policy import Resort, ResortKind
from tests.districts import TOWN, pack, policies, post, with_level
from tests.unit.dispatcher.night import Night

_FIVE = timedelta(minutes=5)
_LADDER = (
    Resort(ResortKind.LOUDSPEAKER, _FIVE),
    Resort(ResortKind.DOOR, _FIVE, (Role.GRID_WORKER, Role.RESCUE_TEAM), timedelta(minutes=20)),
)
_VILLAGE = f"{TOWN[:9]}201"


def ladder(*, superior: bool = False) -> Night:
    return Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "ann", place=_VILLAGE),
            post("AL", Role.AREA_LEAD, "al", place=_VILLAGE),
            post("GW", Role.GRID_WORKER, "gus", place=_VILLAGE),
            post("RT", Role.RESCUE_TEAM, "rod"),
            post("DO", Role.DUTY_OFFICER, "officer"),
            policies_=with_level(policies(), Level.I, resorts=_LADDER),
            stations=(
                Station("LS-1", StationKind.LOUDSPEAKER, "大田村喇叭", _VILLAGE, "http://x"),
                Station("LS-2", StationKind.LOUDSPEAKER, "邻镇喇叭", "500199002000", "http://y"),
            ),
        )
    )


def silent(night: Night, *people: str) -> None:
    """Nobody of *people* ever picks up; time goes on until the limit."""
    for _ in range(5):
        for name in people:
            calls = night.calls(name)
            if calls and night.desk.attempts[calls[-1].attempt_id].is_live:
                night.ends(night.rings(name), Outcome.NO_ANSWER)
        night.wait(seconds=60)


def test_at_the_limit_the_nearest_grid_worker_is_sent_to_the_door() -> None:
    night = ladder()
    night.respond(Level.I)

    silent(night, "ann")

    (task,) = [
        one for one in night.desk.tasks.values() if one.chain_id == night.chain("VS").chain_id
    ]
    assert (task.kind, task.runner) == (ResortKind.DOOR, "gus")
    assert any("任务" in text and "ann" in text for text in night.messages("gus"))
    assert night.chain("VS").is_open


def test_the_loudspeakers_of_the_village_speak_once_for_all_its_posts() -> None:
    night = ladder()
    night.respond(Level.I)

    silent(night, "ann", "al")

    spoken = [command for _, command in night.commands if isinstance(command, Broadcast)]
    assert [command.station for command in spoken] == ["LS-1"]


def test_found_at_the_door_is_a_vouched_acknowledgement() -> None:
    night = ladder()
    night.respond(Level.I)
    silent(night, "ann")
    task = night.desk.open_tasks_of(night.chain("VS").chain_id)[0]

    night.act(TaskReported(task_id=task.task_id, result=TaskResult.CONFIRMED, note="已转移"))

    chain = night.chain("VS")
    assert (chain.state, chain.strength) == (ChainState.ACKNOWLEDGED, Strength.VOUCHED)
    said = night.said(Fact.ACKNOWLEDGED)[-1]
    assert (said.detail["user"], said.detail["channel"]) == ("duty-officer", "door")
    night.wait(hours=1)
    assert len(night.calls("ann")) == 3


def test_a_task_without_result_expires_and_the_chain_ends() -> None:
    night = ladder()
    night.respond(Level.I)
    silent(night, "ann")

    night.wait(minutes=21)

    assert night.chain("VS").state is ChainState.EXHAUSTED
    assert night.said(Fact.TASK_ENDED)[-1].detail["end"] == TaskEnd.EXPIRED


def test_who_answers_after_all_calls_the_runner_back() -> None:
    night = ladder()
    night.respond(Level.I)
    silent(night, "ann")

    now = night.now
    night.act(
        AckVouched(callout_id=night.callout().callout_id, post="VS", by=HeardBy.RADIO, heard_at=now)
    )

    assert night.said(Fact.TASK_ENDED)[-1].detail["end"] == TaskEnd.WITHDRAWN
    night.wait(seconds=1)
    assert any("任务取消" in text for text in night.messages("gus"))


def test_a_post_without_anybody_on_the_roster_gets_a_runner_at_the_limit() -> None:
    night = Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, None, place=_VILLAGE),
            post("GW", Role.GRID_WORKER, "gus", place=_VILLAGE),
            policies_=with_level(policies(), Level.I, resorts=_LADDER),
        )
    )
    night.respond(Level.I)

    assert night.chain("VS").is_open
    night.wait(minutes=5)

    assert [task.runner for task in night.desk.tasks.values()] == ["gus"]


def test_a_runner_who_cannot_be_found_is_a_fault_of_the_roster() -> None:
    night = Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "ann"),
            policies_=with_level(policies(), Level.I, resorts=_LADDER),
        )
    )
    night.respond(Level.I)
    silent(night, "ann")

    assert night.said(Fact.ROSTER_FAULT)[-1].detail["reason"] == "no_runner"


def test_a_vouched_word_for_an_ended_chain_is_recorded_as_late() -> None:
    night = ladder()
    night.respond(Level.I)
    silent(night, "ann")
    night.wait(minutes=30)

    night.act(
        AckVouched(
            callout_id=night.callout().callout_id, post="VS", by=HeardBy.RADIO, heard_at=night.now
        )
    )

    assert night.chain("VS").state is ChainState.EXHAUSTED
    assert night.said(Fact.VOUCHED_LATE)[-1].values["post"] == "VS"


def test_an_act_about_nothing_there_is_recorded_without_effect() -> None:
    night = ladder()

    night.act(AckVouched(callout_id="c-none", post="VS", by=HeardBy.RADIO, heard_at=night.now))
    night.act(TaskReported(task_id="t-none", result=TaskResult.CONFIRMED))

    reasons = [fact.detail["reason"] for fact in night.said(Fact.ACT_WITHOUT_EFFECT)]
    assert reasons == ["no_such_chain", "no_such_task"]


def test_an_exercises_words_touch_nothing_real() -> None:
    night = ladder()
    night.respond(Level.I)
    silent(night, "ann")
    task = night.desk.open_tasks_of(night.chain("VS").chain_id)[0]
    callout_id = night.callout().callout_id
    told = AckVouched(callout_id=callout_id, post="VS", by=HeardBy.RADIO, heard_at=night.now)
    dead = ChannelReported(place=TOWN, channels=("voice",), works=False, why="演练")
    done = TaskReported(task_id=task.task_id, result=TaskResult.CONFIRMED)

    for said in (told, dead, done):
        night.act(said, status=Status.EXERCISE)

    assert night.chain("VS").is_open
    assert not any(rung.cut_off for rung in night.chain("VS").rungs)
    reasons = [fact.detail["reason"] for fact in night.said(Fact.ACT_WITHOUT_EFFECT)]
    assert reasons == ["other_status"] * 3


def test_a_post_without_anybody_is_found_when_phones_are_reported_dead() -> None:
    """Nobody stands on its rungs, and yet it is open: the audit and an outage must see it."""
    night = Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, None, place=_VILLAGE),
            post("GW", Role.GRID_WORKER, "gus", place=_VILLAGE),
            policies_=with_level(policies(), Level.I, resorts=_LADDER),
        )
    )
    night.respond(Level.I)

    assert "VS" in {chain.post for chain in night.desk.open_chains()}
