"""`POST /v1/acts`: every act of a person, answered by the correlator (design.md section 2)."""

from typing import Annotated, Any, Literal

import orjson
import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.act import ActBody
from schemas.cap import Status
from services.console.domain.situation import Situation
from services.console.entrypoints.act_texts import fault_of
from services.console.entrypoints.answers import perform
from services.console.entrypoints.guard import Guard
from services.console.entrypoints.security import SecureRoute
from services.console.ports import Acts
from services.runtime.clock import Clock

_LONGEST = 16_384
_FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _WRONG_TYPE, _UNREADABLE = 403, 404, 413, 415, 422
_UNAVAILABLE = 503

log = structlog.get_logger()


class ActRequest(BaseModel):
    """An act. *key* is the caller's own: the same key and body again is the same act."""

    model_config = ConfigDict(extra="forbid")

    status: Literal[Status.ACTUAL, Status.EXERCISE] = Status.ACTUAL
    key: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    body: ActBody


def build_acts_api(guard: Guard, acts: Acts, situation: Situation, clock: Clock) -> APIRouter:
    """Return the calls for acts."""
    router = APIRouter(prefix="/v1", tags=["console"], route_class=SecureRoute)

    @router.post(
        "/acts",
        status_code=201,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ActRequest.model_json_schema()}},
            }
        },
        responses={
            202: {"description": "Kept; no answer came within 2 s: ask `GET /v1/acts/{act_id}`"},
            403: {"description": "No mandate, or no person: a key cannot act"},
            409: {"description": "Refused, with the reason"},
            503: {"description": "Not kept; nothing was done"},
        },
    )
    async def post_act(request: Request) -> JSONResponse:
        """Do what a person decided: orders, levels, consultations, readings held in quarantine."""
        if "authorization" in request.headers:
            raise HTTPException(_FORBIDDEN, {"reason": "needs_a_person"})
        user = guard.user(request)
        guard.check_header(request)
        asked = _read(await _body(request))
        if (fault := fault_of(asked.body, clock.now())) is not None:
            raise HTTPException(_UNREADABLE, {"reason": "bad_act", "field": fault})
        outcome = await perform(acts, user, asked.body, asked.status, asked.key)
        told: dict[str, Any] = {"act_id": outcome.act_id, "order_id": outcome.order_id}
        if outcome.reason:
            told |= {"reason": outcome.reason, "text": outcome.text}
        headers = {"Retry-After": "1"} if outcome.status_code == _UNAVAILABLE else None
        return JSONResponse(
            {key: value for key, value in told.items() if value}, outcome.status_code, headers
        )

    @router.get("/acts/{act_id}")
    async def act(request: Request, act_id: str) -> dict[str, str | bool | None]:
        """Return what became of an act that was answered with 202."""
        guard.reader(request)
        answer = situation.answer_to(act_id)
        if answer is None:
            raise HTTPException(_NOT_FOUND, {"reason": "not_answered"})
        return {
            "act_id": act_id,
            "done": answer.done,
            "reason": answer.refusal.value if answer.refusal else None,
            "order_id": answer.order_id,
        }

    return router


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(_WRONG_TYPE, {"reason": "wrong_type"})
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST:
            raise HTTPException(_TOO_LARGE, {"reason": "too_large"})
    return body


def _read(body: bytes) -> ActRequest:
    try:
        return ActRequest.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise HTTPException(_UNREADABLE, {"reason": "not_json"}) from None
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(step) for step in fault["loc"])
        raise HTTPException(
            _UNREADABLE, {"reason": "bad_act", "field": field, "fault": fault["type"]}
        ) from None
