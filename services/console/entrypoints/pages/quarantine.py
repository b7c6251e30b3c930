"""Readings in quarantine: they move nothing until a person says that they are real."""

from datetime import datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from schemas.act import QuarantineReleased
from services.console.entrypoints.answers import perform
from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.security import SecureRoute
from services.console.ports import Acts

_SEE_OTHER, _UNREADABLE = 303, 422


def build_quarantine(kit: PageKit, acts: Acts) -> APIRouter:
    """Return the page of readings in quarantine."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)

    def waiting(request: Request, notice: str = "", status_code: int = 200) -> Response:
        context = {"readings": kit.situation.quarantined(mode_of(request)), "notice": notice}
        return kit.page(request, "quarantine.html", context, status_code)

    @router.get("/quarantine")
    async def quarantine(request: Request) -> Response:
        kit.guard.user(request)
        return waiting(request)

    @router.post("/quarantine")
    async def release(request: Request) -> Response:
        user = kit.guard.user(request)
        given = await kit.guard.form(request)
        try:
            body = QuarantineReleased(
                event_id=str(given.get("event_id", "")),
                sensor_id=str(given.get("sensor_id", "")),
                occurred_at=datetime.fromisoformat(str(given.get("occurred_at", ""))),
            )
        except ValueError:
            raise HTTPException(_UNREADABLE, {"reason": "bad_act"}) from None
        outcome = await perform(acts, user, body, mode_of(request))
        if outcome.is_done:
            return RedirectResponse(str(request.url.include_query_params()), _SEE_OTHER)
        return waiting(request, outcome.text, outcome.status_code)

    return router
