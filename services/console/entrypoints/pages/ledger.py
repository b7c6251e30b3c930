"""The ledger as a list: everything that happened to a callout, the newest first."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.console.entrypoints.page import PageKit
from services.console.entrypoints.security import SecureRoute
from services.console.ports import LedgerPages

_PAGE = 100


def build_ledger(kit: PageKit, ledger: LedgerPages) -> APIRouter:
    """Return the ledger's page."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)

    @router.get("/ledger")
    async def page(request: Request) -> Response:
        kit.guard.user(request)
        asked = request.query_params.get("before", "")
        before = int(asked) if asked.isdecimal() and len(asked) < len(str(2**63)) else None
        records = await ledger.page(before, _PAGE)
        rows = [kit.situation.ledger_row(record) for record in records]
        context = {
            "rows": rows,
            "number_of": kit.situation.callout_number,
            "older": rows[-1].seq if rows and rows[-1].seq > 1 else None,
            "is_newest": before is None,
        }
        return kit.page(request, "ledger.html", context)

    return router
