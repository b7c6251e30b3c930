"""The metrics of every service, built on the registry that the main hands in."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.topics import Topic

_COMMIT_S = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_RING_S = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_GROUP = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """
    One object for a process. A label is always a member of a closed list, never a person or place.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.events_accepted = Counter(
            "events_accepted_total", "Events accepted, by kind", ["kind"], registry=registry
        )
        self.events_refused = Counter(
            "events_refused_total", "Inputs refused, by reason", ["reason"], registry=registry
        )
        self.decisions = Counter(
            "decisions_total", "Decisions, by kind", ["kind"], registry=registry
        )
        self.attempts = Counter(
            "attempts_total",
            "Attempts that ended, by channel and outcome",
            ["channel", "outcome"],
            registry=registry,
        )
        self.acknowledgements = Counter(
            "acknowledgements_total",
            "Acknowledgements, by strength",
            ["strength"],
            registry=registry,
        )
        self.chains = Counter("chains_total", "Chains ended, by end", ["end"], registry=registry)
        self.first_ring = Histogram(
            "first_ring_seconds",
            "From the acceptance of the causing event to the first call request",
            buckets=_RING_S,
            registry=registry,
        )
        self.commit = Histogram(
            "commit_seconds", "One group's work and commit", buckets=_COMMIT_S, registry=registry
        )
        self.group_size = Histogram(
            "group_size", "Handlers that shared one commit", buckets=_GROUP, registry=registry
        )
        self.lag = Gauge("consumer_lag", "Records not yet handled", ["topic"], registry=registry)

    def observe_commit(self, seconds: float, handlers: int) -> None:
        """Take note of one commit; given to the bus as *observe*."""
        self.commit.observe(seconds)
        self.group_size.observe(handlers)

    def watch_lag(self, topic: Topic, lag: Callable[[], int]) -> None:
        """Ask *lag* how far the reader of *topic* is behind, whenever somebody scrapes."""
        self.lag.labels(topic).set_function(lag)
