"""The metrics of every service, built on the registry that the main hands in."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.deadletter import RefusalReason
from schemas.decision import AnyDecision
from schemas.dispatch import Fact
from schemas.event import AnyEvent
from schemas.topics import Topic
from services.runtime.kafka.publish_errors import Trouble

_COMMIT_S = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_RING_S = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    10.0,
    30.0,
    60.0,
    180.0,
)
_GROUP = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_READERS = {
    Topic.EVENTS: "correlator",
    Topic.DECISIONS: "dispatcher",
    Topic.DISPATCH: "console",
    Topic.DEAD_LETTERS: "console",
}
"""Who reads a topic where the caller does not say."""
EVENT_KINDS = tuple(kind.__name__ for kind in get_args(get_args(AnyEvent)[0]))
DECISION_KINDS = tuple(kind.__name__ for kind in get_args(get_args(AnyDecision)[0]))
NOT_DURABLE = "not_durable"
"""The reason of a refusal that is nobody's fault outside: nothing could be written."""
LOGINS = ("done", "wrong_password", "too_many", "ended")
"""How a log-in ends; `ended` is a log-out."""

ANCHOR_PLACES = ("file", "url")

HEARTBEATS = ("sent", "unwell", "failed")
"""What became of a sign of life."""


class Spool(Protocol):
    """What is accepted and not with the brokers yet."""

    @property
    def records(self) -> int:
        """How many records wait."""
        ...

    @property
    def size(self) -> int:
        """How many bytes they have."""
        ...

    @property
    def age(self) -> timedelta:
        """How long the oldest has waited."""
        ...

    @property
    def is_impaired(self) -> bool:
        """Whether the brokers are away, or too slow."""
        ...

    @property
    def set_aside(self) -> int:
        """How many records no broker took."""
        ...


class Metrics:
    """
    One object for a process. A label is always a member of a closed list, never a person or place;
    what has a closed list stands at 0 from the start, so that a rate can be taken of the first.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._take_in()
        self._call_out()
        self._keep()

    def _take_in(self) -> None:
        self.events_accepted = self._counter("events_accepted", "Events made durable", "kind")
        self.inputs_accepted = self._counter("inputs_accepted", "Inputs taken", "kind")
        self.inputs_duplicate = self._counter("inputs_duplicate", "Inputs known already", "kind")
        self.events_refused = self._counter("events_refused", "Inputs refused", "kind", "reason")
        self.dead_letters = self._counter("dead_letters", "Kept as refused", "stage", "reason")
        self.decisions = self._counter("decisions", "Decisions", "kind")
        self.logins = self._counter("logins", "Log-ins, by how they ended", "result")
        for kind in ("readings", "warnings", "tips"):
            self.inputs_accepted.labels(kind)
            self.inputs_duplicate.labels(kind)
            for refused in (*RefusalReason, NOT_DURABLE):
                self.events_refused.labels(kind, refused)
        for reason in RefusalReason:
            self.dead_letters.labels("correlator", reason.value)
        _stand_at_0(self.events_accepted, EVENT_KINDS)
        _stand_at_0(self.decisions, DECISION_KINDS)
        _stand_at_0(self.logins, LOGINS)

    def _call_out(self) -> None:
        self.facts = self._counter("facts", "Records of the ledger", "fact")
        self.callouts_opened = self._counter(
            "callouts_opened", "Callouts opened", "level", "status"
        )
        self.callouts_ended = self._counter("callouts_ended", "Callouts ended", "end")
        self.attempts_intended = self._counter(
            "attempts_intended", "Attempts written down", "channel"
        )
        self.attempts_unknown = self._counter(
            "attempts_unknown", "Attempts whose answer from the carrier was lost"
        )
        self.attempts = self._counter("attempts", "Attempts that ended", "channel", "outcome")
        self.acknowledgements = self._counter("acknowledgements", "Acknowledgements", "strength")
        self.chains = self._counter("chains", "Chains ended", "end")
        self.not_woken = self._counter("not_woken", "Posts listed as not woken", "reason")
        self.roster_faults = self._counter("roster_faults", "Faults of the roster met", "reason")
        self.chains_neglected = self._counter(
            "chains_neglected", "Open chains that the audit found neglected", "reason"
        )
        self.tasks = self._counter("tasks", "Tasks that ended", "task", "end")
        self.heartbeats = self._counter("heartbeats", "Signs of life to another system", "result")
        self.escalations = self._counter("escalations", "Rungs opened above the first", "rung")
        self.first_ring = Histogram(
            "first_ring_seconds",
            "From the acceptance of the causing event to a callout's first call request",
            buckets=_RING_S,
            registry=self.registry,
        )
        _stand_at_0(self.facts, (fact.value for fact in Fact))
        _stand_at_0(self.heartbeats, HEARTBEATS)

    def _keep(self) -> None:
        self.commit = Histogram(
            "commit_seconds",
            "One group's work and commit",
            buckets=_COMMIT_S,
            registry=self.registry,
        )
        self.group_size = Histogram(
            "group_size",
            "Handlers that shared one commit",
            buckets=_GROUP,
            registry=self.registry,
        )
        self.anchors_kept = self._counter(
            "anchors_kept", "Anchors that got to their place", "place"
        )
        self.anchor_failures = self._counter(
            "anchor_failures", "Tries to bring an anchor to its place that failed", "place"
        )
        self.anchors_late = self._counter(
            "anchors_late", "Anchors that took a minute or longer to get to their place", "place"
        )
        for counter in (self.anchors_kept, self.anchor_failures, self.anchors_late):
            _stand_at_0(counter, ANCHOR_PLACES)
        self.anchors_waiting = Gauge(
            "anchors_waiting", "Anchors not yet at their place", ["place"], registry=self.registry
        )
        self.lag = Gauge(
            "consumer_lag", "Records not yet handled", ["reader", "topic"], registry=self.registry
        )
        self.takeovers = self._counter("takeovers", "Districts that this worker came to own")
        self.disk_reserve_used = Gauge(
            "disk_reserve_used",
            "1 while the disk is full and its reserve is in use",
            registry=self.registry,
        )

        self.publish_failures = self._counter(
            "publish_failures", "Runs of records that no broker acknowledged", "reason"
        )
        _stand_at_0(self.publish_failures, Trouble)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"{name}_total", about, labels, registry=self.registry)

    def observe_commit(self, seconds: float, handlers: int) -> None:
        """Take note of one commit; given to the bus as *observe*."""
        self.commit.observe(seconds)
        self.group_size.observe(handlers)

    def watch_lag(self, topic: Topic, lag: Callable[[], int], reader: str = "") -> None:
        """
        Ask *lag* how far the reader of *topic* is behind, whenever somebody scrapes.

        *reader* is whose lag it is; left out, the service that *topic* is written for.
        """
        self.lag.labels(reader or _READERS[topic], topic).set_function(lag)

    def watch_anchors(self, place: str, waiting: Callable[[], int]) -> None:
        """Ask how many anchors wait for *place* whenever somebody scrapes."""
        self.anchors_waiting.labels(place).set_function(waiting)

    def watch_spool(self, spool: Spool) -> None:
        """Ask *spool* whenever somebody scrapes; a process without one has none of these."""
        for name, about, ask in (
            ("spool_records", "Records that wait for the brokers", lambda: spool.records),
            ("spool_bytes", "Bytes that wait for the brokers", lambda: spool.size),
            ("spool_age_seconds", "The oldest of them", lambda: spool.age / timedelta(seconds=1)),
            (
                "brokers_away",
                "1 while callers are answered from the spool",
                lambda: spool.is_impaired,
            ),
            ("records_set_aside", "Records that no broker took", lambda: spool.set_aside),
        ):
            Gauge(name, about, registry=self.registry).set_function(ask)

    def watch_districts(self, known: int, owned: Callable[[], int]) -> None:
        """
        Ask how many of the *known* districts this worker has a hold on, whenever somebody scrapes.

        Over all workers the sum of the owned is that of the known: less, and nobody calls there.
        """
        for name, about, ask in (
            ("districts_known", "Districts that this worker may own", lambda: known),
            ("districts_owned", "Districts that this worker calls for", owned),
        ):
            Gauge(name, about, registry=self.registry).set_function(ask)

    def watch_ready(self, is_ready: Callable[[], bool]) -> None:
        """Ask *is_ready* whenever somebody scrapes: a process may answer and be of no use."""
        Gauge("ready", "1 while nothing is in the way", registry=self.registry).set_function(
            lambda: float(is_ready())
        )

    def watch_disk(self, is_full: Callable[[], bool]) -> None:
        """Ask *is_full* whenever somebody scrapes."""
        self.disk_reserve_used.set_function(lambda: float(is_full()))


def _stand_at_0(counter: Counter, values: Iterable[str]) -> None:
    for value in values:
        counter.labels(value)
