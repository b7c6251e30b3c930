"""
The carrier's door: form posts with its signature, answered quickly and the same when repeated.

Every request needs the carrier's signature over the exact public URL; those about an attempt need
our own MAC in that URL too. Without both nothing is done, and the answer says nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response

from services.dispatcher.adapters.twilio.signature import SignatureCheck
from services.dispatcher.entrypoints.twilio_edge import FORBIDDEN, Answer, TwilioEdge
from services.dispatcher.entrypoints.twilio_forms import Form, FormError, parse_form
from services.runtime.bus import BusUnavailableError

_MOST_BYTES: Final = 65_536
_TOO_LARGE: Final = 413
_UNAVAILABLE: Final = 503
_ANSWERS: dict[int | str, dict[str, Any]] = {
    403: {"description": "Unsigned, or its URL is not ours or has expired"},
    413: {"description": "Larger than any call-back is"},
    503: {"description": "It could not be made durable; nothing happened"},
}
_log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """A request that is not to be heard."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class _Door:
    def __init__(self, signatures: SignatureCheck, public_base_url: str) -> None:
        self._signatures = signatures
        self._base = public_base_url.rstrip("/")

    async def admit(self, request: Request, hear: Callable[[Form], Awaitable[Answer]]) -> Response:
        """Answer *request* by *hear* if the carrier signed it."""
        try:
            answer = await hear(await self._signed_form(request))
        except _RefusedError as refused:
            _log.warning("webhook_refused", reason=refused.reason)
            return Response(status_code=refused.status)
        except BusUnavailableError:
            _log.warning("webhook_not_kept")
            return Response(status_code=_UNAVAILABLE, headers={"Retry-After": "1"})
        if answer.script:
            return Response(answer.script, status_code=answer.status, media_type="text/xml")
        return Response(status_code=answer.status)

    async def _signed_form(self, request: Request) -> Form:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                raise _RefusedError(_TOO_LARGE, "too_large")
        try:
            form = parse_form(bytes(body))
        except FormError as exc:
            raise _RefusedError(FORBIDDEN, "not_a_form") from exc
        signature = request.headers.get("X-Twilio-Signature", "")
        if not self._signatures.is_valid(self._base + _target(request), form, signature):
            raise _RefusedError(FORBIDDEN, "not_signed")
        return form


def build_webhooks(edge: TwilioEdge, signatures: SignatureCheck, public_base_url: str) -> APIRouter:
    """
    Return the routes under `/twilio`.

    *public_base_url* is what the carrier sees before our path; no header of a proxy is asked.
    """
    router = APIRouter(prefix="/twilio", tags=["twilio"])
    door = _Door(signatures, public_base_url)

    @router.post("/voice/inbound", responses=_ANSWERS)
    async def called_back(request: Request) -> Response:
        """Somebody rings us."""
        return await door.admit(request, edge.called_back)

    @router.post("/voice/{attempt_id}/{step}", responses=_ANSWERS)
    async def voice(attempt_id: str, step: str, request: Request) -> Response:
        """A call asks what to say, or brings what was pressed."""
        query = request.query_params
        return await door.admit(request, lambda form: edge.voice(attempt_id, step, query, form))

    @router.post("/status/{attempt_id}", responses=_ANSWERS)
    async def status(attempt_id: str, request: Request) -> Response:
        """How a call or message stands."""
        query = request.query_params
        return await door.admit(request, lambda form: edge.status(attempt_id, query, form))

    @router.post("/sms", responses=_ANSWERS)
    async def sms(request: Request) -> Response:
        """Somebody wrote to us."""
        return await door.admit(request, edge.sms)

    return router


def _target(request: Request) -> str:
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")
