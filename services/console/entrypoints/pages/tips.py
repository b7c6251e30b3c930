"""The 12350 operator's form. It posts to `/v1/tips` as the log-in of the operator allows."""

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schemas.cap import Status
from services.console.entrypoints.live import Live
from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.security import SecureRoute

_SHOWN = 30


def build_tips(kit: PageKit, live: Live) -> APIRouter:
    """Return the form's page."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)

    def parts(status: Status, _of: str, _now: datetime) -> Iterator[tuple[str, str]]:
        tips = kit.situation.tips(status)
        context = {"tips": tips[:_SHOWN], "total": len(tips), "mode": kit.under(status)["mode"]}
        yield "tonight", kit.fragment("tips_tonight.html", context)

    live.register("tips", parts)
    # Two villages of one name are told apart by their towns.
    towns = {code: kit.situation.names.place(code) for code in kit.situation.tree.towns()}

    @router.get("/tips")
    async def tips(request: Request) -> Response:
        kit.guard.user(request)
        shown = live.parts("tips", mode_of(request), "")
        return kit.page(request, "tips.html", {"parts": shown, "towns": towns})

    return router
