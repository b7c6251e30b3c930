"""
The stations' door: `POST /stations/{attempt_id}` with `{"state": "played"}` or `"failed"`.

As at the carrier's door both are needed: our own MAC in the URL, which speaks for this attempt alone,
and the station's signature over time and body. Told twice is told once.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from services.dispatcher.adapters.station_signature import SIGNATURE, TIMESTAMP, is_signed
from services.dispatcher.adapters.url_mac import UrlKind, UrlMac
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.inputs import AttemptSeen
from services.dispatcher.ports import Dispatch
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import Clock

_MOST_BYTES: Final = 4096
_NO_CONTENT, _BAD_REQUEST, _FORBIDDEN, _TOO_LARGE, _UNAVAILABLE = 204, 400, 403, 413, 503
_STEP = "0"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Signed, but not a state"},
    403: {"description": "Unsigned, or its URL is not ours or has expired"},
    413: {"description": "Larger than any call-back is"},
    503: {"description": "It could not be made durable; nothing happened"},
}
_log = structlog.get_logger(__name__)


class PlayState(StrEnum):
    """What became of what a station was to say."""

    PLAYED = "played"
    FAILED = "failed"


class StationState(BaseModel):
    """The body of a call-back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: PlayState


_OUTCOMES = {PlayState.PLAYED: Outcome.COMPLETED, PlayState.FAILED: Outcome.FAILED}


class StationDoor:
    """Judges a call-back. *station_of* returns the station of an attempt, None if it has none."""

    def __init__(
        self,
        dispatch: Dispatch,
        mac: UrlMac,
        secrets: Mapping[str, bytes],
        station_of: Callable[[str], str | None],
        clock: Clock,
    ) -> None:
        self._dispatch = dispatch
        self._mac = mac
        self._secrets = secrets
        self._station_of = station_of
        self._clock = clock

    async def hear(
        self, attempt_id: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> int:
        """Return the HTTP status that the station gets."""
        kind = query.get("kind", "")
        is_ours = self._mac.is_valid(
            attempt_id, _STEP, kind, query.get("exp", ""), query.get("mac", "")
        )
        # Whoever knows neither secret learns nothing, not even which attempts there are.
        secret = self._secrets.get(self._station_of(attempt_id) or "")
        if kind != UrlKind.STATION or not is_ours or secret is None:
            return _FORBIDDEN
        timestamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        if not is_signed(secret, timestamp, signature, body, self._clock.now()):
            return _FORBIDDEN
        try:
            state = StationState.model_validate_json(body).state
        except ValidationError:
            return _BAD_REQUEST
        await self._dispatch.tell(
            AttemptSeen(attempt_id, attempt_id, Progress.ENDED, _OUTCOMES[state])
        )
        return _NO_CONTENT


def build_station_webhooks(door: StationDoor) -> APIRouter:
    """Return the route under `/stations`."""
    router = APIRouter(tags=["stations"])

    @router.post(
        "/stations/{attempt_id}",
        status_code=204,
        response_model=None,
        responses=_ANSWERS,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": StationState.model_json_schema()}},
            }
        },
    )
    async def station(attempt_id: str, request: Request) -> Response:
        """A loudspeaker or screen tells what became of what it was to say."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return Response(status_code=_TOO_LARGE)
        try:
            status = await door.hear(attempt_id, request.query_params, request.headers, bytes(body))
        except BusUnavailableError:
            return Response(status_code=_UNAVAILABLE, headers={"Retry-After": "1"})
        if status != _NO_CONTENT:
            _log.warning("station_refused", status=status)
        return Response(status_code=status)

    return router
