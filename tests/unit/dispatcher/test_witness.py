"""What a night leaves in metrics and log lines."""

from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.level import Level
from schemas.order import OrderState
from schemas.role import Role
from services.dispatcher.adapters.witness import Witness
from services.dispatcher.domain.asks.callout import CalloutEnd
from services.dispatcher.domain.asks.chain import ChainState, Strength
from services.dispatcher.domain.asks.rung import RungKind
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.inputs import Heard, Input, RequestLost
from services.dispatcher.domain.script import Script
from services.district.domain.pack import Pack
from services.runtime.metrics import DECISION_KINDS, EVENT_KINDS, Metrics
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night


class WatchedNight(Night):
    """A night whose every fact is seen, as the pipeline lets it be seen."""

    def __init__(self, of: Pack) -> None:
        super().__init__(of)
        self.metrics = Metrics(CollectorRegistry())
        self.witness = Witness(self.metrics)
        self.witness.watch(lambda: self.desk)

    def tell(self, what: Input) -> Script | None:
        seen = len(self.facts)
        script = super().tell(what)
        self.witness.see([draft for _, draft in self.facts[seen:]])
        return script

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


def two_posts() -> WatchedNight:
    return WatchedNight(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",)),
            post("AL", Role.AREA_LEAD, "worker"),
        )
    )


def let_ring_out(night: Night, person: str) -> None:
    while night.chain("AL").is_open:
        night.ends(night.rings(person), Outcome.NO_ANSWER)
        night.wait(minutes=12)


def summaries(logs: list[Any]) -> list[dict[str, Any]]:
    return [dict(line) for line in logs if line["event"] == "callout_summed_up"]


def label_values(metrics: Metrics, name: str, label: str) -> set[str]:
    return {
        sample.labels[label]
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


@pytest.mark.parametrize(
    ("name", "label", "values"),
    [
        ("facts_total", "fact", [fact.value for fact in Fact]),
        ("attempts_total", "outcome", [outcome.value for outcome in Outcome]),
        ("attempts_total", "channel", [channel.value for channel in Channel]),
        ("attempts_intended_total", "channel", [channel.value for channel in Channel]),
        ("acknowledgements_total", "strength", [strength.value for strength in Strength]),
        (
            "chains_total",
            "end",
            [state.value for state in ChainState if state is not ChainState.OPEN],
        ),
        ("chains_standing", "state", [state.value for state in ChainState]),
        ("chains_standing", "level", [level.name for level in Level]),
        ("callouts_open", "level", [level.name for level in Level]),
        ("callouts_open", "status", [status.value for status in Status]),
        ("callouts_opened_total", "level", [level.name for level in Level]),
        ("callouts_ended_total", "end", [end.value for end in CalloutEnd]),
        (
            "escalations_total",
            "rung",
            [*(kind.value for kind in RungKind if kind is not RungKind.HOLDER), "key_2"],
        ),
        (
            "calls_live",
            "progress",
            [progress.name.lower() for progress in Progress if progress is not Progress.ENDED],
        ),
        ("starts_waiting", "channel", [channel.value for channel in Channel]),
        (
            "roster_faults_total",
            "reason",
            ["no_holder", "no_contact", "bad_number", "no_sms", "no_runner"],
        ),
        ("not_woken_total", "reason", ["ack_limit", "nobody_on_roster"]),
        ("events_accepted_total", "kind", list(EVENT_KINDS)),
        ("decisions_total", "kind", list(DECISION_KINDS)),
    ],
)
def test_every_member_of_a_closed_list_has_its_label_before_it_happens(
    name: str, label: str, values: list[str]
) -> None:
    assert label_values(two_posts().metrics, name, label) == set(values)


def test_open_callouts_and_live_calls_are_counted_at_the_moment_they_are_asked_for() -> None:
    night = two_posts()

    night.respond(Level.II)
    night.rings("holder")

    assert night.value("callouts_open", level="II", status="Actual") == 1
    assert night.value("chains_standing", level="II", state="open") == 2
    assert night.value("calls_live", progress="ringing") == 1
    assert night.value("attempts_intended_total", channel="voice") == 2
    assert night.value("first_ring_seconds_count") == 1
    night.respond(None, previous=Level.II)
    assert night.value("callouts_open", level="II", status="Actual") == 0
    assert night.value("callouts_ended_total", end="lowered") == 1


def test_a_lost_answer_of_the_carrier_shows_as_an_unknown_call() -> None:
    night = two_posts()
    night.respond(Level.II)

    night.tell(RequestLost(night.calls("holder")[-1].attempt_id))

    assert night.value("attempts_unknown_total") == 1
    assert night.value("calls_live", progress="unknown") == 1


def test_each_step_up_is_counted_by_whom_it_reaches() -> None:
    night = two_posts()
    night.respond(Level.I)

    call = night.rings("holder")
    night.presses(call, Heard.DEPUTY)
    night.ends(call, Outcome.COMPLETED)
    night.wait(seconds=1)

    assert night.value("escalations_total", rung="key_2") == 1
    assert night.value("escalations_total", rung="deputy") == 1


def test_a_callout_is_summed_up_once_all_its_asks_have_ended() -> None:
    night = two_posts()
    with capture_logs() as logs:
        night.respond(Level.III)
        night.wait(seconds=30)
        night.presses(night.rings("holder"), Heard.CONFIRM)
        assert summaries(logs) == []
        let_ring_out(night, "worker")

    (told,) = summaries(logs)
    assert told["level"] == "III"
    assert (told["posts"], told["acknowledged"], told["not_woken"]) == (2, 1, 1)
    assert told["attempts"] > 4
    assert (told["first_ring_s"], told["last_ack_s"], told["end"]) == (0.0, 30.0, None)


def test_a_callout_is_summed_up_again_when_it_ends() -> None:
    night = two_posts()
    night.respond(Level.III)
    night.presses(night.rings("holder"), Heard.CONFIRM)
    night.presses(night.rings("worker"), Heard.CONFIRM)

    with capture_logs() as logs:
        night.respond(None, previous=Level.III)

    (told,) = summaries(logs)
    assert (told["acknowledged"], told["not_woken"], told["end"]) == (2, 0, "lowered")


def test_a_callout_that_is_superseded_is_summed_up_with_what_it_had_reached() -> None:
    night = two_posts()
    night.respond(Level.III)
    night.presses(night.rings("holder"), Heard.CONFIRM)

    with capture_logs() as logs:
        night.respond(Level.II, previous=Level.III)

    (told,) = summaries(logs)
    assert (told["level"], told["acknowledged"], told["end"]) == ("III", 1, "superseded")


def test_the_callout_of_an_order_says_which() -> None:
    night = two_posts()
    night.order(OrderState.IN_FORCE)

    with capture_logs() as logs:
        night.order(OrderState.LIFTED)

    (told,) = summaries(logs)
    assert (told["order_id"], told["end"]) == ("o1", "lifted")


def test_a_restarted_dispatcher_sums_up_what_began_before_it() -> None:
    night = two_posts()
    night.respond(Level.III)
    night.presses(night.rings("holder"), Heard.CONFIRM)
    night.witness = Witness(Metrics(CollectorRegistry()))
    night.witness.watch(lambda: night.desk)

    with capture_logs() as logs:
        night.presses(night.rings("worker"), Heard.CONFIRM)

    (told,) = summaries(logs)
    assert (told["posts"], told["acknowledged"]) == (2, 2)


def test_lines_carry_the_ids_and_never_a_number() -> None:
    night = two_posts()
    with capture_logs() as logs:
        night.respond(Level.III)
        night.presses(night.rings("holder"), Heard.CONFIRM)

    opened = next(line for line in logs if line["event"] == "callout_opened")
    confirmed = next(line for line in logs if line["event"] == "acknowledged")
    assert opened["callout_id"] == confirmed["callout_id"]
    assert (opened["decision_id"], opened["causes"]) == ("d1", [])
    assert confirmed["chain_id"] == night.chain("VS").chain_id
    assert "+86" not in str(logs)


def test_a_first_ring_is_timed_once_a_callout() -> None:
    night = two_posts()

    night.respond(Level.III)
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)
    night.wait(minutes=5)

    assert len(night.calls("holder")) == 2
    assert night.value("first_ring_seconds_count") == 1


def test_a_restarted_dispatcher_does_not_take_a_repeat_for_a_first_ring() -> None:
    night = two_posts()
    night.respond(Level.III)
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)
    night.metrics = Metrics(CollectorRegistry())
    night.witness = Witness(night.metrics)
    night.witness.watch(lambda: night.desk)

    night.wait(minutes=5)

    assert len(night.calls("holder")) == 2
    assert night.value("first_ring_seconds_count") == 0
