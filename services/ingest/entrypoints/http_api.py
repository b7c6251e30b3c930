"""`POST /v1/readings`, `/v1/warnings`, `/v1/tips` (design.md section 7)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from services.district.domain.pack import SourceKey
from services.ingest.domain.errors import NotAdmittedError, NotDurableError, RefusedError
from services.ingest.domain.refusal import Refusal
from services.ingest.entrypoints import answers
from services.ingest.entrypoints.plain_route import PlainRoute
from services.ingest.entrypoints.request_body import media_type, read_body
from services.ingest.pipeline.admission import Admissions
from services.ingest.pipeline.readings import LINES, ReadingsPipeline
from services.ingest.pipeline.tips import TipPipeline
from services.ingest.pipeline.warnings import XML, WarningsPipeline
from services.runtime.metrics import NOT_DURABLE, Metrics

JSON = frozenset({"application/json", "text/json"})
_CLIENT_CLOSED = 499


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest body of each kind, in bytes."""

    readings: int
    warning: int
    tip: int


class Intake:
    """The requests under way, and how each ends."""

    def __init__(
        self,
        admissions: Admissions,
        metrics: Metrics | None = None,
        session_source: Callable[[Request], SourceKey | None] = lambda _request: None,
    ) -> None:
        self._admissions = admissions
        self._session_source = session_source
        self._metrics = metrics
        self._log = structlog.get_logger()
        self.under_way = 0

    async def handle(
        self,
        request: Request,
        kind: str,
        types: frozenset[str],
        longest: int,
        take: Callable[[SourceKey, bytes, str], Awaitable[JSONResponse]],
    ) -> JSONResponse:
        """Admit, read the body, take it; every way this can fail has its answer."""
        self.under_way += 1
        source: SourceKey | None = None
        try:
            source = self._admissions.admit(
                request.headers.get("authorization"), kind, self._session_source(request)
            )
            given = media_type(request, types)
            return await take(source, await read_body(request, longest), given)
        except NotAdmittedError as error:
            self._refused(kind, source, error.admission.value)
            return answers.not_admitted(error)
        except RefusedError as error:
            self._refused(kind, source, error.reason.value)
            return answers.not_readable(error, kind)
        except NotDurableError:
            self._refused(kind, source, NOT_DURABLE)
            return answers.not_durable()
        except ClientDisconnect:
            return JSONResponse({"reason": "gone"}, _CLIENT_CLOSED)
        finally:
            self.under_way -= 1

    def _refused(self, kind: str, source: SourceKey | None, reason: str) -> None:
        name = source.name if source is not None else None
        self._log.warning("input_refused", kind=kind, source=name, reason=reason)
        if self._metrics is not None:
            self._metrics.events_refused.labels(kind, reason).inc()

    def count(
        self, kind: str, accepted: int, duplicates: int = 0, rejected: Sequence[Refusal] = ()
    ) -> None:
        """Count what became of each input of a body that could be read."""
        if self._metrics is None:
            return
        self._metrics.inputs_accepted.labels(kind).inc(accepted)
        self._metrics.inputs_duplicate.labels(kind).inc(duplicates)
        for refusal in rejected:
            self._metrics.events_refused.labels(kind, refusal.reason.value).inc()


def build_router(
    intake: Intake,
    readings: ReadingsPipeline,
    warnings: WarningsPipeline,
    tips: TipPipeline,
    limits: Limits,
) -> APIRouter:
    """Return the three routes over their pipelines."""
    router = APIRouter(prefix="/v1", tags=["ingest"], route_class=PlainRoute)

    async def take_readings(source: SourceKey, body: bytes, given: str) -> JSONResponse:
        read = await readings.take(source, body, given)
        intake.count("readings", read.accepted, read.duplicates, read.rejected)
        return answers.readings(read)

    async def take_warnings(source: SourceKey, body: bytes, given: str) -> JSONResponse:
        read = await warnings.take(source, body, given)
        intake.count("warnings", len(read.accepted), len(read.duplicates), read.rejected)
        return answers.warnings(read)

    async def take_tip(source: SourceKey, body: bytes, given: str) -> JSONResponse:
        del given
        read = await tips.take(source, body)
        intake.count("tips", 1)
        return answers.tip(read)

    @router.post("/readings", status_code=202)
    async def post_readings(request: Request) -> JSONResponse:
        """Take readings: a JSON object, a list of them, or one a line (`application/x-ndjson`)."""
        return await intake.handle(
            request, "readings", JSON | LINES, limits.readings, take_readings
        )

    @router.post("/warnings", status_code=202)
    async def post_warnings(request: Request) -> JSONResponse:
        """Take a CAP 1.1/1.2 message, a Chinese warning's JSON or a list of them, or `{"text"}`."""
        return await intake.handle(request, "warnings", JSON | XML, limits.warning, take_warnings)

    @router.post("/tips", status_code=202)
    async def post_tip(request: Request) -> JSONResponse:
        """Take a report to the hotline: `text`, `occurred_at`, a place, optional `caller`."""
        return await intake.handle(request, "tips", JSON, limits.tip, take_tip)

    return router
