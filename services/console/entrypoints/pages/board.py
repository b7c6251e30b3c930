"""The board: what is wrong, where, at which level, and what waits for me."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.console.entrypoints.live import Live
from services.console.entrypoints.login import local_path
from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.pages.board_parts import BoardParts
from services.console.entrypoints.security import SecureRoute

_SEE_OTHER = 303
_YEAR_S = 31_536_000


def build_board(kit: PageKit, live: Live, outline: Mapping[str, Any] | None) -> APIRouter:
    """Return the board's page; *outline* is the district's GeoJSON."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)
    live.register("board", BoardParts(kit, outline).of)

    @router.get("/")
    async def root() -> Response:
        return RedirectResponse("/board", _SEE_OTHER)

    @router.get("/board")
    async def board(request: Request) -> Response:
        kit.guard.user(request)
        now = kit.clock.now()
        status = mode_of(request)
        return kit.page(
            request,
            "board.html",
            {
                "parts": live.parts("board", status, ""),
                "other_running": kit.situation.board(status, now).other_running,
                "wall": "wall" in request.query_params,
            },
        )

    @router.post("/theme")
    async def theme(request: Request) -> Response:
        kit.guard.user(request)
        form = await kit.guard.form(request)
        answer = RedirectResponse(local_path(str(form.get("next", ""))), _SEE_OTHER)
        chosen = "dark" if form.get("theme") == "dark" else "light"
        answer.set_cookie("theme", chosen, max_age=_YEAR_S, samesite="strict", httponly=True)
        return answer

    return router
