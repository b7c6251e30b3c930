"""The board: what is wrong, where, at which level, and what waits for me."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from schemas.cap import Status
from services.console.domain.alike import alike
from services.console.domain.district_map import DistrictMap
from services.console.domain.views.board import BoardView
from services.console.entrypoints.live import Live
from services.console.entrypoints.login import local_path
from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.security import SecureRoute

PARTS = (
    "needs",
    "responses",
    "orders",
    "map",
    "happenings",
    "callouts",
    "waiting",
    "warnings",
    "status",
)
DECIDED = ("responses", "map")
"""What depends on decisions alone, not on who is being rung or what time it is."""
_SEE_OTHER = 303
_YEAR_S = 31_536_000


def build_board(kit: PageKit, live: Live, outline: Mapping[str, Any] | None) -> APIRouter:
    """Return the board's page; *outline* is the district's GeoJSON."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)
    chart = DistrictMap(kit.pack, outline)
    decided: dict[Status, tuple[int, dict[str, str]]] = {}

    def from_decisions(status: Status, shown: BoardView, mode: str) -> dict[str, str]:
        """Return the two largest parts, made anew only when something was decided."""
        known = decided.get(status)
        if known is None or known[0] != kit.situation.decided:
            context = {
                "board": shown,
                "groups": alike(shown.responses),
                "chart": chart,
                "drawing": chart.drawn(kit.situation.marks(status)),
                "mode": mode,
            }
            made = {name: kit.fragment(f"board_{name}.html", context) for name in DECIDED}
            known = decided[status] = kit.situation.decided, made
        return known[1]

    def parts(status: Status, _of: str, now: datetime) -> dict[str, str]:
        shown = kit.situation.board(status, now)
        mode = "exercise" if status is Status.EXERCISE else "actual"
        made = from_decisions(status, shown, mode)
        context = {"board": shown, "now": now, "mode": mode}
        return {
            name: made.get(name) or kit.fragment(f"board_{name}.html", context) for name in PARTS
        }

    live.register("board", parts)

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
