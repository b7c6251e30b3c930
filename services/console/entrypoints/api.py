"""`GET /v1/responses, /callouts, /orders, /ledger` for a session or a key with the kind `read`."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request

from schemas.cap import Status
from services.console.domain.situation import Situation
from services.console.domain.views.callouts import CalloutPage, CalloutView
from services.console.domain.views.ledger import LedgerRow
from services.console.domain.views.orders import OrderView
from services.console.domain.views.responses import ResponseView
from services.console.entrypoints.guard import Guard
from services.console.entrypoints.security import SecureRoute
from services.console.ports import LedgerPages
from services.runtime.clock import Clock

_MOST = 500
_NOT_FOUND = 404
StatusAsked = Annotated[Status, Query(description="Actual or Exercise; they never share a list.")]
LimitAsked = Annotated[int, Query(ge=1, le=_MOST)]


def build_api(guard: Guard, situation: Situation, ledger: LedgerPages, clock: Clock) -> APIRouter:
    """Return the calls that read. Levels are numbers: IV 1, III 2, II 3, I 4."""
    router = APIRouter(prefix="/v1", tags=["console"], route_class=SecureRoute)

    @router.get("/responses")
    async def responses(
        request: Request, status: StatusAsked = Status.ACTUAL
    ) -> dict[str, list[ResponseView]]:
        """Return the responses in force: three levels side by side, with the reasons."""
        guard.reader(request)
        return {"items": list(situation.responses(status))}

    @router.get("/callouts")
    async def callouts(
        request: Request, status: StatusAsked = Status.ACTUAL
    ) -> dict[str, list[CalloutView]]:
        """Return the callouts: those that run, worst first, then the latest 200 that ended."""
        guard.reader(request)
        return {"items": list(situation.callouts(status))}

    @router.get("/callouts/{callout_id}")
    async def callout(request: Request, callout_id: str) -> CalloutPage:
        """Return one callout: each ask, each attempt, sent, delivered, answered, confirmed apart."""
        guard.reader(request)
        page = situation.callout(callout_id, clock.now())
        if page is None:
            raise _not_found()
        return page

    @router.get("/orders")
    async def orders(
        request: Request, status: StatusAsked = Status.ACTUAL
    ) -> dict[str, list[OrderView]]:
        """Return the orders: waiting for a person, in force, ended."""
        guard.reader(request)
        return {"items": list(situation.orders(status))}

    @router.get("/orders/{order_id}")
    async def order(request: Request, order_id: str) -> OrderView:
        """Return one order and how many of those who execute it have confirmed."""
        guard.reader(request)
        view = situation.order(order_id)
        if view is None:
            raise _not_found()
        return view

    @router.get("/ledger")
    async def ledger_page(
        request: Request,
        before: Annotated[int | None, Query(ge=1, description="Older than this number.")] = None,
        limit: LimitAsked = 100,
    ) -> dict[str, list[LedgerRow] | int | None]:
        """Return the ledger, the newest first; *next* is what to give as *before* for the next page."""
        guard.reader(request)
        records = await ledger.page(before, limit)
        oldest = records[-1].seq if records else 1
        return {
            "items": [situation.ledger_row(record) for record in records],
            "next": oldest if oldest > 1 else None,
        }

    return router


def _not_found() -> HTTPException:
    return HTTPException(_NOT_FOUND, {"reason": "not_found"})
