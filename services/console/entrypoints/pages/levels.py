"""One response: why it is what it is, and the acts of a person on its level."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from schemas.act import (
    ActBody,
    ConsultationRecorded,
    LevelConfirmed,
    LevelLowered,
    LevelRaised,
)
from schemas.hazard import Hazard
from schemas.level import Level
from services.console.domain.views.responses import ResponseView
from services.console.entrypoints.act_texts import fault_of
from services.console.entrypoints.answers import perform
from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.security import SecureRoute
from services.console.ports import Acts

_SEE_OTHER, _NOT_FOUND, _UNREADABLE = 303, 404, 422
_TOO_LONG = "要写明原因，最多 300 字。 Say why, in at most 300 characters."


def build_levels(kit: PageKit, acts: Acts) -> APIRouter:
    """Return the pages of responses."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)

    def show(
        request: Request, place: str, hazard: str, notice: str = "", status_code: int = 200
    ) -> Response:
        if place not in kit.situation.tree or hazard not in Hazard.__members__:
            raise HTTPException(_NOT_FOUND, {"reason": "not_found"})
        context = {
            "response": kit.situation.response(mode_of(request), place, hazard),
            "place": place,
            "place_name": kit.situation.names.place(place),
            "hazard": hazard,
            "hazard_name": kit.situation.names.hazard(Hazard(hazard)),
            "levels": [(one.name, kit.situation.names.level(one)) for one in reversed(Level)],
            "notice": notice,
        }
        return kit.page(request, "response.html", context, status_code)

    @router.get("/responses/{place}/{hazard}")
    async def response(request: Request, place: str, hazard: str) -> Response:
        kit.guard.user(request)
        return show(request, place, hazard)

    @router.post("/responses/{place}/{hazard}")
    async def decide(request: Request, place: str, hazard: str) -> Response:
        user = kit.guard.user(request)
        given = await kit.guard.form(request)
        if hazard not in Hazard.__members__:
            raise HTTPException(_NOT_FOUND, {"reason": "not_found"})
        status = mode_of(request)
        now_in_force = kit.situation.response(status, place, hazard)
        body = _body(given, place, Hazard(hazard), now_in_force)
        if body is None or fault_of(body, kit.clock.now()) is not None:
            return show(request, place, hazard, _TOO_LONG, _UNREADABLE)
        outcome = await perform(acts, user, body, status)
        if outcome.is_done:
            # Without the host: behind a proxy the request's own is not the one people see.
            where = str(request.url.replace(scheme="", netloc=""))
            return RedirectResponse(where, _SEE_OTHER)
        return show(request, place, hazard, outcome.text, outcome.status_code)

    return router


def _body(
    given: FormData, place: str, hazard: Hazard, response: ResponseView | None
) -> ActBody | None:
    """Return the act that the form says, or None when it lacks what the act needs."""
    act, why = str(given.get("act", "")), str(given.get("why", "")).strip()
    level = Level.__members__.get(str(given.get("level", "")))
    now = response.response_level if response is not None else None
    if act == "confirm" and now is not None:
        return LevelConfirmed(place=place, hazard=hazard, level=now)
    if not why:
        return None
    if act == "raise" and level is not None:
        return LevelRaised(place=place, hazard=hazard, level=level, why=why)
    if act == "lower" and now is not None:
        below = Level(now - 1) if now > Level.IV else None
        return LevelLowered(place=place, hazard=hazard, level=below, why=why)
    if act == "consult":
        return ConsultationRecorded(consultation="会商", place=place, hazard=hazard, conclusion=why)
    return None
