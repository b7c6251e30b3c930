"""What the dispatcher did, as log lines and metrics, once it is durable."""

from collections.abc import Callable, Sequence
from itertools import product

import structlog
from prometheus_client import Counter

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.level import Level
from services.dispatcher.adapters.desk_gauges import DeskGauges
from services.dispatcher.adapters.summing_up import summed_up
from services.dispatcher.domain.asks.callout import CalloutEnd
from services.dispatcher.domain.asks.chain import ChainState, Strength
from services.dispatcher.domain.asks.rung import RungKind
from services.dispatcher.domain.asks.rungs import NO_CONTACT, NO_HOLDER
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.calls.remedying import BAD_NUMBER, NO_SMS
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.ladder.task import TaskEnd
from services.dispatcher.domain.ladder.tasks import NO_RUNNER
from services.dispatcher.domain.watch.auditing import Neglect
from services.district.domain.policy import ResortKind
from services.runtime.metrics import Metrics

_TOLD = {
    Fact.CALLOUT_OPENED,
    Fact.CALLOUT_HELD,
    Fact.CALLOUT_RELEASED,
    Fact.CALLOUT_ENDED,
    Fact.CHAIN_ENDED,
    Fact.ACKNOWLEDGED,
    Fact.NOT_WOKEN_LISTED,
    Fact.ROSTER_FAULT,
    Fact.ATTEMPT_UNKNOWN,
    Fact.CARRIER_TROUBLE,
    Fact.ACCOUNT_DOWN,
    Fact.ACCOUNT_UP,
    Fact.CALLOUT_PLANNED,
    Fact.CALL_HELD_BACK,
    Fact.CHAIN_NEGLECTED,
    Fact.CARRIER_SILENT,
    Fact.TASK_OPENED,
    Fact.TASK_ENDED,
    Fact.CHANNEL_REPORTED,
    Fact.VOUCHED_LATE,
    Fact.ACT_WITHOUT_EFFECT,
}
"""What a log line is worth; the rest is in the ledger."""
_FREE_TEXT = {"note", "why"}
"""What somebody typed may hold a name or a number: it stands in the ledger only."""
_ENDS = {Fact.CHAIN_ENDED, Fact.CALLOUT_ENDED}
_MOST_REMEMBERED = 1000
_ASKED_FOR_DEPUTY = "key_2"
_NOT_WOKEN = ("ack_limit", "nobody_on_roster")

_LABELS: dict[Fact, tuple[str, ...]] = {
    Fact.CALLOUT_ENDED: ("end",),
    Fact.CHAIN_ENDED: ("end",),
    Fact.ROSTER_FAULT: ("reason",),
    Fact.NOT_WOKEN_LISTED: ("reason",),
    Fact.ACKNOWLEDGED: ("strength",),
    Fact.CHAIN_NEGLECTED: ("reason",),
    Fact.TASK_ENDED: ("task", "end"),
    Fact.ATTEMPT_INTENDED: ("channel",),
    Fact.ATTEMPT_ENDED: ("channel", "outcome"),
}
"""Which words of a fact's detail are the labels of what counts it."""

log = structlog.get_logger()


class Witness:
    """
    Tells what happened, and changes nothing. What a callout came to is asked of the desk, so that
    it is right after a restart too.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._desk: Callable[[], Desk] | None = None
        self._counters = _counters(metrics)
        self._rung: dict[str, None] = {}
        """The callouts of late whose first ring was timed, oldest first."""

    def watch(self, desk: Callable[[], Desk], *, alone: bool = True) -> None:
        """
        Ask *desk*, which may be another one later, how a callout ended; and for gauges, where it
        stands *alone* in its process.
        """
        self._desk = desk
        if alone:
            self._metrics.registry.register(DeskGauges(lambda: (desk(),)))

    def see(self, drafts: Sequence[Draft]) -> None:
        """Count *drafts*, log those that a night is understood by, and sum up what has ended."""
        over: dict[str, None] = {}
        for draft in drafts:
            self._count(draft)
            ids = {key: value for key, value in draft.values.items() if value is not None}
            if draft.fact in _TOLD:
                told = {k: v for k, v in draft.detail.items() if k not in _FREE_TEXT}
                log.info(draft.fact.value, status=draft.status.value, **ids, **told)
            if draft.fact in _ENDS and "callout_id" in ids:
                over[ids["callout_id"]] = None
        for callout_id in over:
            self._sum_up(callout_id)

    def _sum_up(self, callout_id: str) -> None:
        told = summed_up(self._desk(), callout_id) if self._desk is not None else None
        if told is not None:
            log.info("callout_summed_up", **told)

    def _count(self, draft: Draft) -> None:
        self._metrics.facts.labels(draft.fact.value).inc()
        counter = self._counters.get(draft.fact)
        if counter is not None:
            counter.labels(*_labels(draft)).inc()
        elif draft.fact is Fact.ATTEMPT_UNKNOWN:
            self._metrics.attempts_unknown.inc()
        if draft.fact is Fact.ATTEMPT_INTENDED:
            self._time_first_ring(draft)

    def _time_first_ring(self, draft: Draft) -> None:
        callout_id, attempt_id = draft.values.get("callout_id"), draft.values.get("attempt_id")
        if self._desk is None or draft.detail["channel"] != Channel.VOICE.value:
            return
        if callout_id is None or attempt_id is None or callout_id in self._rung:
            return
        desk = self._desk()
        self._rung[callout_id] = None
        if len(self._rung) > _MOST_REMEMBERED:
            del self._rung[next(iter(self._rung))]
        rung_at = desk.attempts[attempt_id].intended_at
        # A process that was started again remembers none, and the desk all.
        if all(
            chain.first_ring_at is None or chain.first_ring_at >= rung_at
            for chain in desk.chains_of_callout(callout_id)
        ):
            waited = rung_at - desk.callouts[callout_id].opened_at
            self._metrics.first_ring.observe(waited.total_seconds())


def _labels(draft: Draft) -> list[str]:
    if draft.fact is Fact.CALLOUT_OPENED:
        return [str(draft.detail["level"]), draft.status.value]
    if draft.fact is Fact.CHAIN_ESCALATED:
        return [str(draft.detail.get("to") or _ASKED_FOR_DEPUTY)]
    return [str(draft.detail[key]) for key in _LABELS[draft.fact]]


def _counters(metrics: Metrics) -> dict[Fact, Counter]:
    """Return what counts each fact; every value of its labels stands at 0 from the start."""
    ends = [state.value for state in ChainState if state is not ChainState.OPEN]
    channels = [channel.value for channel in Channel]
    rungs = (RungKind.DEPUTY.value, RungKind.SUPERIOR.value, _ASKED_FOR_DEPUTY)
    outcomes = [outcome.value for outcome in Outcome]
    levels, statuses = [level.name for level in Level], [status.value for status in Status]
    found: dict[Fact, tuple[Counter, tuple[Sequence[str], ...]]] = {
        Fact.CALLOUT_OPENED: (metrics.callouts_opened, (levels, statuses)),
        Fact.CALLOUT_ENDED: (metrics.callouts_ended, ([end.value for end in CalloutEnd],)),
        Fact.CHAIN_ENDED: (metrics.chains, (ends,)),
        Fact.CHAIN_ESCALATED: (metrics.escalations, (rungs,)),
        Fact.ROSTER_FAULT: (
            metrics.roster_faults,
            ((NO_HOLDER, NO_CONTACT, BAD_NUMBER, NO_SMS, NO_RUNNER),),
        ),
        Fact.CHAIN_NEGLECTED: (metrics.chains_neglected, ([one.value for one in Neglect],)),
        Fact.TASK_ENDED: (
            metrics.tasks,
            ([kind.value for kind in ResortKind], [end.value for end in TaskEnd]),
        ),
        Fact.NOT_WOKEN_LISTED: (metrics.not_woken, (_NOT_WOKEN,)),
        Fact.ACKNOWLEDGED: (metrics.acknowledgements, ([one.value for one in Strength],)),
        Fact.ATTEMPT_INTENDED: (metrics.attempts_intended, (channels,)),
        Fact.ATTEMPT_ENDED: (metrics.attempts, (channels, outcomes)),
    }
    for counter, values in found.values():
        for labels in product(*values):
            counter.labels(*labels)
    return {fact: counter for fact, (counter, _) in found.items()}
