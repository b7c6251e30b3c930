"""Tonight's roster, its gaps first, and the instruments that are silent."""

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.security import SecureRoute


def build_roster(kit: PageKit) -> APIRouter:
    """Return the roster's page."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)
    towns = [(code, kit.situation.names.place(code)) for code in kit.situation.tree.towns()]

    @router.get("/roster")
    async def roster(request: Request) -> Response:
        kit.guard.user(request)
        rows = kit.situation.roster(kit.clock.now())
        town = request.query_params.get("town", "")
        faults = Counter(row.faults[0] if row.faults else "" for row in rows)
        context = {
            "rows": [row for row in rows if not town or row.town == town],
            "posts": len(rows),
            "faults": faults,
            "towns": towns,
            "town": town,
            "silent": kit.situation.silent(mode_of(request)),
        }
        return kit.page(request, "roster.html", context)

    return router
