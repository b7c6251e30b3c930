"""The dispatcher against a carrier that does whatever it likes."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from schemas.act import AckVouched, ChannelReported, HeardBy, TaskReported, TaskResult
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.order import OrderState
from schemas.role import Role
from services.dispatcher.domain.asks.chain import Ask, ChainState
from services.dispatcher.domain.calls.attempt import Attempt, Channel, Purpose
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import PlaceCall
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    Audited,
    CallHeard,
    Heard,
    Input,
    NotFound,
    RequestAnswered,
    RequestLost,
    RequestRefused,
    SmsAnswer,
    SmsReceived,
)
from services.district.domain.pack import Station, StationKind
from services.district.domain.policy import FollowUp, Resort, ResortKind
from tests.districts import (
    LEVEL_III,
    LEVEL_IV,
    POINT,
    TOWN,
    pack,
    person,
    policies,
    post,
    with_level,
)
from tests.unit.dispatcher.recorded_night import RecordedNight

STARTS_PER_S = 3
LINES = 3

DISTRICT = pack(
    post("DO", Role.DUTY_OFFICER, "officer", place="500199000000", deputies=("leader",)),
    post("TP", Role.TOWN_PRINCIPAL, "mayor", superior="DO"),
    post("VS", Role.VILLAGE_SECRETARY, "secretary", deputies=("aide", "mayor"), superior="TP"),
    post("AL", Role.AREA_LEAD, None, deputies=("aide",), superior="TP"),
    post("PM", Role.POINT_MONITOR, "secretary", place=POINT, superior="VS"),
    post("TD", Role.TOWN_DUTY, "mute"),
    post("R3", Role.AREA_LEAD, "one", together=("two", "aide"), need=2),
    post("GW", Role.GRID_WORKER, "runner"),
    people=(person("mute", voice=False, sms=False), person("mayor", landlines=1)),
    policies_=with_level(
        policies(starts_per_s=STARTS_PER_S, lines=LINES),
        Level.I,
        second_call=FollowUp(timedelta(minutes=8), LEVEL_IV),
        measures=FollowUp(timedelta(minutes=6), LEVEL_III, every=timedelta(minutes=40)),
        resorts=(
            Resort(ResortKind.LOUDSPEAKER, timedelta(minutes=5)),
            Resort(ResortKind.DOOR, timedelta(minutes=5), (Role.GRID_WORKER,)),
        ),
    ),
    stations=(Station("LS", StationKind.LOUDSPEAKER, "喇叭", TOWN, "http://127.0.0.1:9"),),
)

FAMILIES = [(TOWN, Hazard.RAINSTORM), (POINT, Hazard.LANDSLIDE), (TOWN, Hazard.GAS_LEAK)]


class AnyCarrier(RuleBasedStateMachine):
    """Decisions, keys, losses, restarts and time in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.night = RecordedNight(DISTRICT)
        self.levels: dict[tuple[str, Hazard], Level | None] = {}
        self.answered: set[tuple[str, str]] = set()

    def live(self) -> list[Attempt]:
        """What the carrier may still say something about, in a stable order."""
        return sorted(
            (a for a in self.night.desk.attempts.values() if a.is_live), key=lambda a: a.attempt_id
        )

    @rule(
        which=st.sampled_from(FAMILIES), level=st.sampled_from([None, *Level]), night=st.booleans()
    )
    def respond(self, which: tuple[str, Hazard], level: Level | None, night: bool) -> None:
        """A response changes."""
        place, hazard = which
        before = self.levels.get(which)
        self.levels[which] = level
        self.night.respond(level, place=place, hazard=hazard, previous=before, night=night)

    @rule(state=st.sampled_from([OrderState.IN_FORCE, OrderState.LIFTED]))
    def order(self, state: OrderState) -> None:
        """An order changes."""
        self.night.order(state)

    @rule(seconds=st.integers(1, 400))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.night.wait(seconds=seconds)

    @rule()
    def restart(self) -> None:
        """The process came back with everything that was stored."""
        self.night.restart()

    @rule()
    def audit(self) -> None:
        """The dispatcher looks whether anything was forgotten."""
        self.night.tell(Audited())

    @rule()
    def reload(self) -> None:
        """An input broke the desk: it is read from the store again, and goes on."""
        self.night.reload()

    @rule(place=st.sampled_from([TOWN, POINT]), works=st.booleans(), voice=st.booleans())
    def phones_go_dead(self, place: str, works: bool, voice: bool) -> None:
        """A channel dies in an area, or works again."""
        self.night.act(
            ChannelReported(
                place=place, channels=("voice",) if voice else ("sms",), works=works, why="断网"
            )
        )

    @rule(post_id=st.sampled_from(["VS", "R3", "TP"]), result=st.sampled_from([None, *TaskResult]))
    def somebody_records(self, post_id: str, result: TaskResult | None) -> None:
        """A named user records whom he heard, or what a task came to."""
        if result is not None:
            tasks = [task for task in self.night.desk.tasks.values() if task.is_open]
            for task in tasks[:1]:
                self.night.act(TaskReported(task_id=task.task_id, result=result))
        elif self.night.desk.callouts:
            callout_id = self.night.callout().callout_id
            said = AckVouched(
                callout_id=callout_id, post=post_id, by=HeardBy.RADIO, heard_at=self.night.now
            )
            self.night.act(said)

    @precondition(lambda self: self.live())
    @rule(
        data=st.data(),
        what=st.sampled_from(
            [
                "accepted",
                "lost",
                "refused",
                "busy number",
                "not found",
                "ringing",
                "ended",
                "called back",
            ]
        ),
    )
    def carrier_says(self, data: st.DataObject, what: str) -> None:
        """The carrier says something about one of the attempts."""
        attempt = data.draw(st.sampled_from(self.live()))
        key, provider = attempt.attempt_id, f"P{attempt.attempt_id}"
        said: dict[str, Input] = {
            "accepted": RequestAnswered(key, provider),
            "lost": RequestLost(key),
            "refused": RequestRefused(key, "20429", retry=True),
            "busy number": RequestRefused(key, "21211", retry=False),
            "not found": NotFound(key),
            "ringing": AttemptSeen(key, provider, Progress.RINGING),
            "called back": AttemptSeen(key, provider, Progress.RINGING, sequence=1),
            "ended": AttemptSeen(key, provider, Progress.ENDED, Outcome.NO_ANSWER),
        }
        self.night.tell(said[what])

    @precondition(lambda self: self.live())
    @rule(data=st.data(), heard=st.lists(st.sampled_from(list(Heard)), min_size=1, max_size=3))
    def somebody_answers(self, data: st.DataObject, heard: list[Heard]) -> None:
        """Somebody takes a call and does something."""
        attempt = data.draw(st.sampled_from(self.live()))
        if attempt.channel is not Channel.VOICE:
            return
        step = attempt.script.step if attempt.script else 0
        for what in heard:
            script = self.night.tell(CallHeard(attempt.attempt_id, step, what))
            step = script.step if script else step

    @rule(
        who=st.sampled_from(["secretary", "mayor", "aide"]),
        answer=st.sampled_from(list(SmsAnswer)),
        nth=st.integers(0, 99),
    )
    def somebody_replies(self, who: str, answer: SmsAnswer, nth: int) -> None:
        """An SMS comes back."""
        self.night.tell(SmsReceived(f"c-{who}", answer, f"SM{nth}"))

    @invariant()
    def no_number_has_two_live_calls(self) -> None:
        """Invariant 6: an inbound call aside, one number is never rung twice at the same time."""
        ringing = [a.contact for a in self.live() if a.channel is Channel.VOICE and not a.inbound]
        assert len(ringing) == len(set(ringing))
        assert len(ringing) <= LINES

    @invariant()
    def nobody_is_rung_at_two_numbers_at_once(self) -> None:
        """Invariant 6: a person has one live call, however many numbers and asks he has."""
        ringing = [
            one.person for one in self.live() if one.channel is Channel.VOICE and not one.inbound
        ]
        assert len(ringing) == len(set(ringing))

    @invariant()
    def a_quorum_ends_only_when_it_is_reached(self) -> None:
        """Two of three are two people, whatever else was pressed."""
        for chain in self.night.desk.chains.values():
            if chain.state is ChainState.ACKNOWLEDGED:
                assert len(set(chain.confirmed)) == len(chain.confirmed) >= chain.need

    @invariant()
    def a_call_carries_measure_asks_or_the_others(self) -> None:
        """The key that says "done" must never say "received" to another ask."""
        chains = self.night.desk.chains
        for attempt in self.live():
            asks = {chains[key].ask is Ask.MEASURES for key in attempt.chains}
            assert len(asks) < 2

    @invariant()
    def the_starts_of_a_second_are_within_the_budget(self) -> None:
        """Invariant 8."""
        at = [when for when, command in self.night.commands if isinstance(command, PlaceCall)]
        for sooner, later in zip(at, at[STARTS_PER_S:], strict=False):
            assert later - sooner >= timedelta(seconds=1)

    @invariant()
    def nobody_is_called_for_an_ask_that_has_ended(self) -> None:
        """Invariant 6: a call or an SMS goes out only while one of its asks is open."""
        for attempt in self.live():
            is_wanted = attempt.purpose is Purpose.ASK and not attempt.withdrawn
            if attempt.progress is Progress.INTENDED and is_wanted:
                assert any(self.night.desk.chains[key].is_open for key in attempt.chains)

    @invariant()
    def an_open_chain_has_a_timer_or_a_live_call(self) -> None:
        """Invariant 5: there is always a live timer or an end."""
        chains = self.night.desk.chains.values()
        assert not any(chain.is_open for chain in chains) or self.night.desk.next_wake() is not None

    def teardown(self) -> None:
        """
        Left alone with a carrier that ends everything, every chain comes to its end; and the whole
        night comes out again from its ledger, to the byte, with the state of every chain.
        """
        for _ in range(60):
            for attempt in self.live():
                key = attempt.attempt_id
                self.night.tell(AttemptSeen(key, f"P{key}", Progress.ENDED, Outcome.NO_ANSWER))
            self.night.wait(minutes=2)
            self.night.commands.clear()
        chains = self.night.desk.chains.values()
        states = {chain.state for chain in chains if chain.ask.is_first}
        assert ChainState.OPEN not in states
        assert self.night.rebuilt().differences == []


TestAnyCarrier = AnyCarrier.TestCase
TestAnyCarrier.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
