"""The dispatcher's part of the traces: from a decision over a callout and an attempt to the carrier."""

from collections.abc import Sequence
from datetime import datetime

from schemas.dispatch import Fact
from services.dispatcher.adapters.carrier_desk import STALE, WITHDRAWN
from services.dispatcher.domain.asks.callout import Callout
from services.dispatcher.domain.commands import Broadcast, PlaceCall, SendMessage
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.inputs import Input, RequestAnswered, RequestRefused
from services.dispatcher.pipeline import DispatcherPipeline
from services.runtime.clock import Clock
from services.runtime.traces import Span, Step, Told, Traces, trace_of

_MOST_REMEMBERED = 20_000
_NOT_MADE = {STALE, WITHDRAWN}


class Tracing:
    """
    Tells *traces*, where there are any, of what is durable.

    `watch` the pipeline first: its desk knows the callouts, and its head when it was decided.
    """

    def __init__(self, traces: Traces | None, clock: Clock) -> None:
        self._traces = traces
        self._clock = clock
        self._pipeline: DispatcherPipeline | None = None
        self._asked: dict[str, str] = {}
        """The trace of each attempt whose request is not answered, oldest first."""

    def watch(self, pipeline: DispatcherPipeline) -> None:
        """Ask *pipeline* from now on."""
        self._pipeline = pipeline

    def see(self, drafts: Sequence[Draft]) -> None:
        """Tell of the callouts and attempts that *drafts*, the last durable records, are of."""
        if self._traces is None or self._pipeline is None:
            return
        head, now = self._pipeline.head_at_present()
        decided_at, callouts = head.at or now, self._pipeline.desk.callouts
        attempts: dict[str, list[Draft]] = {}
        for draft in drafts:
            callout = callouts.get(str(draft.values.get("callout_id")))
            if callout is None:
                continue
            if draft.fact is Fact.CALLOUT_OPENED:
                self._traces.see(_opened(callout, decided_at, self._clock.now()))
            elif draft.fact is Fact.ATTEMPT_INTENDED:
                attempts.setdefault(str(draft.values["attempt_id"]), []).append(draft)
        for attempt_id, intended in attempts.items():
            carried = [callouts[str(draft.values["callout_id"])] for draft in intended]
            span = _intended(attempt_id, intended[0], carried, decided_at, self._clock.now())
            self._remember(attempt_id, span.trace)
            self._traces.see(span)

    def answered(
        self, command: PlaceCall | SendMessage | Broadcast, asked_at: datetime, came: Input
    ) -> None:
        """Tell of a request that was made at *asked_at*, and what *came* of it."""
        trace = self._asked.pop(command.attempt_id, None)
        was_made = not (isinstance(came, RequestRefused) and came.code in _NOT_MADE)
        if self._traces is None or trace is None or not was_made:
            return
        self._traces.see(
            Span(
                Told(Step.REQUEST, command.attempt_id),
                trace,
                asked_at,
                self._clock.now(),
                after=Told(Step.INTEND, command.attempt_id),
                failed=not isinstance(came, RequestAnswered),
                attributes={
                    "attempt_id": command.attempt_id,
                    "request": type(command).__name__,
                    "answer": type(came).__name__,
                },
            )
        )

    def _remember(self, attempt_id: str, trace: str) -> None:
        self._asked[attempt_id] = trace
        if len(self._asked) > _MOST_REMEMBERED:
            del self._asked[next(iter(self._asked))]


def _trace(callout: Callout) -> str:
    return trace_of(callout.causes, callout.decision_id)


def _opened(callout: Callout, began: datetime, ended: datetime) -> Span:
    return Span(
        Told(Step.OPEN, callout.callout_id),
        _trace(callout),
        began,
        ended,
        after=Told(Step.DECIDE, callout.decision_id),
        attributes={
            "callout_id": callout.callout_id,
            "level": callout.level.name,
            "hazard": callout.hazard.value,
            "place": callout.place,
            "status": callout.status.value,
        },
    )


def _intended(
    attempt_id: str, draft: Draft, callouts: Sequence[Callout], began: datetime, ended: datetime
) -> Span:
    """Return the span of an attempt: in the trace of the first callout that it is for."""
    first, *others = {callout.callout_id: callout for callout in callouts}.values()
    return Span(
        Told(Step.INTEND, attempt_id),
        _trace(first),
        began,
        ended,
        after=Told(Step.OPEN, first.callout_id),
        beside=[(_trace(one), Told(Step.OPEN, one.callout_id)) for one in others],
        attributes={
            "attempt_id": attempt_id,
            "callout_id": first.callout_id,
            "channel": str(draft.detail["channel"]),
            "status": draft.status.value,
        },
    )
