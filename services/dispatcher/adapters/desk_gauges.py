"""What the desk holds at this moment, for whoever scrapes: open callouts, live calls, who waits."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.cap import Status
from schemas.level import Level
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.desk.desk import Desk

_LEVELS = tuple(level.name for level in Level)
_LIVE = tuple(progress.name.lower() for progress in Progress if progress is not Progress.ENDED)


class DeskGauges(Collector):
    """
    Asks the *desks* of this process when it is scraped, and adds them up; one that was loaded anew
    is asked the next time.
    """

    def __init__(self, desks: Callable[[], Sequence[Desk]]) -> None:
        self._desks = desks

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield each gauge with every value of its labels, at 0 where there is nothing."""
        desks = self._desks()
        standing = [
            (desk, callout)
            for desk in desks
            for callout in desk.callouts.values()
            if callout.is_open
        ]
        yield _gauge(
            "callouts_open",
            "Callouts that may still gain posts",
            ("level", "status"),
            [(level, status.value) for level in _LEVELS for status in Status],
            ((callout.level.name, callout.status.value) for _, callout in standing),
        )
        yield _gauge(
            "chains_standing",
            "Asks of the open callouts, by how far they have come",
            ("level", "state"),
            [(level, state.value) for level in _LEVELS for state in ChainState],
            (
                (callout.level.name, state.value)
                for desk, callout in standing
                for state in desk.book.states(callout.callout_id).elements()
            ),
        )
        live = (
            desk.attempts[attempt_id] for desk in desks for attempt_id in desk.live_call.values()
        )
        yield _gauge(
            "calls_live",
            "Calls that occupy a line, by how far they have come",
            ("progress",),
            [(progress,) for progress in _LIVE],
            ((attempt.progress.name.lower(),) for attempt in live),
        )
        yield _gauge(
            "starts_waiting",
            "Calls and SMS that are due and wait for a line or for the budget",
            ("channel",),
            [(channel.value,) for channel in Channel],
            (
                *((Channel.VOICE.value,) for desk in desks for _ in range(desk.queue.calls)),
                *((Channel.SMS.value,) for desk in desks for _ in range(desk.queue.texts)),
            ),
        )
        lines = GaugeMetricFamily("call_lines", "Lines that the carrier's accounts have")
        lines.add_metric((), sum(desk.pack.policies.budget.lines for desk in desks))
        yield lines
        down = GaugeMetricFamily(
            "account_down", "1 while an account at a carrier is not used", labels=("account",)
        )
        is_down: Counter[str] = Counter()
        for desk in desks:
            for account in desk.accounts:
                is_down[account.name] += account.outages > 0
        for name, count in is_down.items():
            down.add_metric((name,), int(count > 0))
        yield down


def _gauge(
    name: str,
    about: str,
    labels: tuple[str, ...],
    every: Iterable[tuple[str, ...]],
    found: Iterable[tuple[str, ...]],
) -> GaugeMetricFamily:
    counted = Counter(found)
    gauge = GaugeMetricFamily(name, about, labels=labels)
    for values in every:
        gauge.add_metric(values, counted[values])
    return gauge
