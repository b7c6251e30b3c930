"""Callouts: a list, and one with the time line of each of its asks."""

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from schemas.cap import Status
from services.console.domain.callout_chart import chart
from services.console.domain.names import FAULTS, STRENGTHS
from services.console.entrypoints.live import Live
from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.security import SecureRoute

SHOWN = 200
"""Rows of one page; a callout with more says so, and `?all` shows the rest."""
_NOT_FOUND = 404


def build_callouts(kit: PageKit, live: Live) -> APIRouter:
    """Return the pages of callouts."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)

    def list_parts(status: Status, _of: str, now: datetime) -> Iterator[tuple[str, str]]:
        context = {
            "callouts": kit.situation.callouts(status),
            "now": now,
            "mode": "exercise" if status is Status.EXERCISE else "actual",
        }
        yield "list", kit.fragment("callouts_list.html", context)

    def parts(
        _status: Status, of: str, now: datetime, shown: int = SHOWN
    ) -> Iterator[tuple[str, str]]:
        page = kit.situation.callout(of, now)
        if page is None:
            return
        context = {
            "page": page,
            "chart": chart(page, now),
            "shown": shown,
            "strengths": {STRENGTHS[key]: count for key, count in page.strengths.items()},
            "faults": FAULTS,
            "now": now,
        }
        for name in ("asks", "side"):
            yield name, kit.fragment(f"callout_{name}.html", context)

    live.register("callouts", list_parts)
    live.register("callout", parts)

    @router.get("/callouts")
    async def callouts(request: Request) -> Response:
        kit.guard.user(request)
        return kit.page(
            request, "callouts.html", {"parts": live.parts("callouts", mode_of(request), "")}
        )

    @router.get("/callouts/{callout_id}")
    async def callout(request: Request, callout_id: str) -> Response:
        kit.guard.user(request)
        now = kit.clock.now()
        page, status = (
            kit.situation.callout(callout_id, now),
            kit.situation.callout_status(callout_id),
        )
        if page is None or status is None:
            raise HTTPException(_NOT_FOUND, {"reason": "not_found"})
        whole = "all" in request.query_params
        shown = dict(parts(status, callout_id, now, len(page.chains) if whole else SHOWN))
        context = {"page": page, "parts": shown, "is_live": not whole, **kit.under(status)}
        return kit.page(request, "callout.html", context)

    return router
