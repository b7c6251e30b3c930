"""What a request is answered (design.md section 7): each outcome's status and body."""

from collections.abc import Sequence
from math import ceil

from fastapi.responses import JSONResponse

from schemas.deadletter import RefusalReason
from services.ingest.domain.errors import Admission, NotAdmittedError, RefusedError
from services.ingest.domain.refusal import Refusal
from services.ingest.pipeline.readings import ReadingsRead
from services.ingest.pipeline.tips import TipRead
from services.ingest.pipeline.warnings import WarningsRead

RETRY_AFTER_S = 2
_STATUS_OF = {
    Admission.WRONG_KEY: 401,
    Admission.NOT_YOUR_KIND: 403,
    Admission.TOO_MANY: 429,
    Admission.TOO_LARGE: 413,
    Admission.WRONG_TYPE: 415,
}
_NO_JSON = frozenset({RefusalReason.NOT_JSON, RefusalReason.WRONG_ENCODING})
_FOREIGN = frozenset({RefusalReason.NOT_YOUR_SENSOR, RefusalReason.NOT_YOUR_AREA})


def not_admitted(error: NotAdmittedError) -> JSONResponse:
    """The request was turned away unread."""
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, ceil(error.retry_after_s)))
    if error.admission is Admission.WRONG_KEY:
        headers["WWW-Authenticate"] = "Bearer"
    status = _STATUS_OF[error.admission]
    return JSONResponse({"reason": error.admission.value}, status, headers=headers)


def not_durable() -> JSONResponse:
    """Nothing was kept."""
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return JSONResponse({"reason": "not_durable"}, 503, headers=headers)


def not_readable(error: RefusedError, kind: str) -> JSONResponse:
    """The body as a whole was refused: 422 when it was JSON and what it says is wrong."""
    status = 400 if kind == "warnings" or error.reason in _NO_JSON else 422
    if error.reason in _FOREIGN:
        status = 403
    return JSONResponse({"reason": error.reason.value, "detail": error.detail}, status)


def readings(read: ReadingsRead) -> JSONResponse:
    """202 when anything was taken or known; else 403 or 422, with the reason of each."""
    content = {
        "accepted": read.accepted,
        "duplicates": read.duplicates,
        "rejected": _rejected(read.rejected),
    }
    if read.accepted or read.duplicates or not read.rejected:
        return JSONResponse(content, 202)
    return _all_refused(content, read.rejected, 422)


def warnings(read: WarningsRead) -> JSONResponse:
    """202 when anything was taken or known; else 400 with the first reason, or 403."""
    content: dict[str, object] = {
        "accepted": read.accepted,
        "duplicates": read.duplicates,
        "rejected": _rejected(read.rejected),
    }
    if read.accepted or read.duplicates or not read.rejected:
        return JSONResponse(content, 202)
    return _all_refused(content, read.rejected, 400)


def tip(read: TipRead) -> JSONResponse:
    """202 with the id, and the candidates while the place is not certain."""
    content: dict[str, object] = {"tip_id": read.tip_id}
    if read.candidates is not None:
        content["candidates"] = [
            {"code": place.code, "name": place.name} for place in read.candidates
        ]
    return JSONResponse(content, 202)


def _rejected(refusals: Sequence[Refusal]) -> list[dict[str, object]]:
    return [{"index": refusal.index, "reason": refusal.reason.value} for refusal in refusals]


def _all_refused(
    content: dict[str, object], refusals: Sequence[Refusal], status: int
) -> JSONResponse:
    reasons = {refusal.reason for refusal in refusals}
    first = refusals[0]
    if reasons <= _FOREIGN:
        status = 403
    return JSONResponse({"reason": first.reason.value, "detail": first.detail, **content}, status)
