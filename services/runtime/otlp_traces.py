"""
Spans to whoever collects them, by OTLP over HTTP: OpenTelemetry's own SDK, which is an extra. Only
`traces_setting` imports this, where somebody wants traces.

It sends in a thread of its own and forgets what it cannot get rid of: a collector that is away costs
a line in the log, never a ring.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from services.runtime.traces import Span, Told, trace_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMEOUT_S = 3
_QUEUE = 20_000
"""A county's callout is some thousands of spans, and all of them may come within a second."""


class _KnownIds(IdGenerator):
    """Ids are not drawn here: they follow from what a span is of."""

    trace_id = 1
    span_id = 1

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


class OtlpTraces:
    """
    `Traces` to the OTLP endpoint *url*, as the service *name*.

    Further settings are OpenTelemetry's own: OTEL_EXPORTER_OTLP_HEADERS, _CERTIFICATE and so on.
    """

    def __init__(self, url: str, name: str) -> None:
        self._ids = _KnownIds()
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource.create({SERVICE_NAME: name}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._exporter = OTLPSpanExporter(endpoint=url, timeout=_TIMEOUT_S)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter, max_queue_size=_QUEUE))
        self._tracer = self._provider.get_tracer("jiaoying")

    def see(self, span: Span) -> None:
        """See `Traces`."""
        self._ids.trace_id = trace_id(span.trace)
        self._ids.span_id = span.told.span_id
        parent = None if span.after is None else NonRecordingSpan(_context(span.trace, span.after))
        started = self._tracer.start_span(
            span.told.step.value,
            context=set_span_in_context(parent) if parent is not None else None,
            links=[Link(_context(trace, told)) for trace, told in span.beside],
            start_time=_nanoseconds(span.began),
            attributes={f"jiaoying.{key}": value for key, value in span.attributes.items()},
        )
        if span.failed:
            started.set_status(StatusCode.ERROR)
        started.end(_nanoseconds(max(span.ended, span.began)))

    async def stop(self) -> None:
        """Send what is left, for as long as one request may take: nobody waits for a collector."""
        enough = asyncio.get_running_loop().call_later(_TIMEOUT_S, self._exporter.shutdown)
        try:
            await asyncio.to_thread(self._provider.shutdown)
        finally:
            enough.cancel()


def _context(trace: str, told: Told) -> SpanContext:
    return SpanContext(
        trace_id(trace), told.span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )


def _nanoseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND * 1000
