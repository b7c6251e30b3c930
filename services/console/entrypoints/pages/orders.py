"""Orders: a list, the form, one in execution."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from schemas.act import ActBody, OrderConfirmed, OrderLifted, OrderRefused
from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.role import Role
from services.console.domain.first_round import FirstRounds
from services.console.domain.names import ROLES
from services.console.domain.views.orders import OrderView
from services.console.entrypoints.act_texts import fault_of
from services.console.entrypoints.answers import perform
from services.console.entrypoints.live import Live
from services.console.entrypoints.page import PageKit, mode_of
from services.console.entrypoints.pages.order_form import OrderForm, order_of
from services.console.entrypoints.security import SecureRoute
from services.console.ports import Acts

_SEE_OTHER, _NOT_FOUND, _UNREADABLE = 303, 404, 422
_SHOWN = 300
_USUAL = (Role.TOWN_PRINCIPAL, Role.VILLAGE_SECRETARY, Role.GRID_WORKER, Role.RESCUE_TEAM)
"""Ticked before anybody has chosen: those who stand before the houses."""
_HINTS = {
    Measure.CUT: "断路 断电 断气 断水",
    Measure.BAN: "禁入 禁火 禁航 禁吊",
    Measure.STOP: "停课 停工 停产 停运",
    Measure.EVACUATE: "撤人 到避难所",
    Measure.DIVERT: "疏导人车 疏水",
}


class OrderPages:
    """The pages of one district's orders."""

    def __init__(self, kit: PageKit, live: Live, acts: Acts) -> None:
        self._kit = kit
        self._acts = acts
        situation = kit.situation
        self._rounds = FirstRounds(kit.pack, situation.names, situation.tree)
        self._zone = ZoneInfo(kit.pack.rules.timezone)
        self._places = {one.code: one.name for one in kit.pack.rules.places}
        self._places |= {one.point_id: one.name for one in kit.pack.rules.points}
        live.register("order", self._parts)
        live.register("orders", self._list_parts)
        self._live = live
        self.router = APIRouter(route_class=SecureRoute, include_in_schema=False)
        for path, method, endpoint in (
            ("/orders", "GET", self.orders),
            ("/orders", "POST", self.issue),
            ("/orders/new", "GET", self.new),
            ("/orders/preview", "POST", self.preview),
            ("/orders/{order_id}", "GET", self.order),
            ("/orders/{order_id}", "POST", self.decide),
        ):
            self.router.add_api_route(path, endpoint, methods=[method], response_model=None)

    async def orders(self, request: Request) -> Response:
        """List the orders."""
        self._kit.guard.user(request)
        parts = self._live.parts("orders", mode_of(request), "")
        return self._kit.page(request, "orders.html", {"parts": parts})

    async def new(self, request: Request) -> Response:
        """Show the form, filled with what the address says and what is in force there."""
        self._kit.guard.user(request)
        place = self._found(request)
        given = request.query_params
        asked = Hazard.__members__.get(given.get("hazard", ""))
        worst = next(
            (
                one
                for one in self._kit.situation.responses(mode_of(request))
                if one.place == place and asked in {None, one.hazard}
            ),
            None,
        )
        if worst is None:
            return self._form(request, OrderForm.read(given, place))
        level = max(worst.response_level, Level.II)
        return self._form(request, OrderForm.read(given, place, worst.hazard, level))

    async def preview(self, request: Request) -> Response:
        """Return whom the order would call, as a part of the form."""
        self._kit.guard.user(request)
        given = await self._kit.guard.form(request)
        form = OrderForm.read(given, self._place(str(given.get("place", ""))))
        return Response(self._previewed(form), media_type="text/html")

    async def issue(self, request: Request) -> Response:
        """Issue the order, or show the form again with what is in the way."""
        user = self._kit.guard.user(request)
        given = await self._kit.guard.form(request)
        form = OrderForm.read(given, self._place(str(given.get("place", ""))))
        if "preview" in given:
            return self._form(request, form, typed=str(given.get("place", "")))
        order = order_of(form, self._zone, self._kit.clock.now())
        if isinstance(order, str):
            return self._form(request, form, order, _UNREADABLE, str(given.get("place", "")))
        outcome = await perform(self._acts, user, order, mode_of(request), form.key or None)
        if outcome.is_done and outcome.order_id:
            return RedirectResponse(f"/orders/{outcome.order_id}", _SEE_OTHER)
        return self._form(request, form, outcome.text, outcome.status_code)

    async def order(self, request: Request, order_id: str) -> Response:
        """Show one order."""
        self._kit.guard.user(request)
        return self._page(request, self._known(order_id))

    async def decide(self, request: Request, order_id: str) -> Response:
        """Confirm, refuse or lift an order."""
        user = self._kit.guard.user(request)
        given = await self._kit.guard.form(request)
        view = self._known(order_id)
        why = str(given.get("why", "")).strip()
        bodies: dict[str, ActBody] = {
            "confirm": OrderConfirmed(order_id=order_id),
            "refuse": OrderRefused(order_id=order_id, why=why),
            "lift": OrderLifted(order_id=order_id, why=why),
        }
        body = bodies.get(str(given.get("act", "")))
        if body is None:
            raise HTTPException(_UNREADABLE, {"reason": "bad_act"})
        if not isinstance(body, OrderConfirmed) and not why:
            return self._page(request, view, "要写明原因。 Say why.", _UNREADABLE)
        if fault_of(body, self._kit.clock.now()) is not None:
            return self._page(request, view, "原因太长。 Too long.", _UNREADABLE)
        outcome = await perform(self._acts, user, body, view.status)
        if outcome.is_done:
            return RedirectResponse(f"/orders/{order_id}", _SEE_OTHER)
        return self._page(request, self._known(order_id), outcome.text, outcome.status_code)

    def _known(self, order_id: str) -> OrderView:
        view = self._kit.situation.order(order_id)
        if view is None:
            raise HTTPException(_NOT_FOUND, {"reason": "not_found"})
        return view

    def _page(
        self, request: Request, view: OrderView, notice: str = "", status_code: int = 200
    ) -> Response:
        parts = self._live.parts("order", view.status, view.order_id)
        context = {"order": view, "parts": parts, "notice": notice, **self._kit.under(view.status)}
        return self._kit.page(request, "order.html", context, status_code)

    def _parts(self, _status: Status, of: str, now: datetime) -> Iterator[tuple[str, str]]:
        view = self._kit.situation.order(of)
        if view is None:
            return
        page = self._kit.situation.callout(view.callout_id or "", now)
        roles = tuple(role for role in Role if ROLES[role] in view.executors)
        waits = view.in_force_at is None
        context = {
            "order": view,
            "shares": [one for one in page.chains if not one.ask_name][:_SHOWN] if page else (),
            "callout": page.callout if page is not None else None,
            "round": self._round(
                view.place, roles, view.measure, view.level, view.hazard, view.text
            )
            if waits
            else None,
            "now": now,
        }
        for name in ("head", "shares", "facts"):
            yield name, self._kit.fragment(f"order_{name}.html", context)

    def _list_parts(self, status: Status, _of: str, now: datetime) -> Iterator[tuple[str, str]]:
        context = {
            "orders": self._kit.situation.orders(status)[:_SHOWN],
            "now": now,
            "mode": self._kit.under(status)["mode"],
        }
        yield "list", self._kit.fragment("orders_list.html", context)

    def _form(
        self,
        request: Request,
        form: OrderForm,
        notice: str = "",
        status_code: int = 200,
        typed: str = "",
    ) -> Response:
        context: dict[str, Any] = {
            "form": form,
            "typed": typed or self._typed(form.place),
            "key": form.key or secrets.token_hex(16),
            "notice": notice,
            "measures": [
                (one.value, self._kit.situation.names.measure(one), _HINTS[one]) for one in Measure
            ],
            "hazards": [(one.value, self._kit.situation.names.hazard(one)) for one in Hazard],
            "levels": [(one.name, self._kit.situation.names.level(one)) for one in reversed(Level)],
            "places": self._places,
            "roles": self._roles(form),
            "preview": self._previewed(form),
        }
        return self._kit.page(request, "order_new.html", context, status_code)

    def _roles(self, form: OrderForm) -> list[tuple[str, str, bool]]:
        chosen = set(form.executors) or {role.value for role in _USUAL}
        there = self._rounds.roles_at(form.place) if form.place else list(Role)
        return [(role.value, ROLES[role], role.value in chosen) for role in there]

    def _previewed(self, form: OrderForm) -> str:
        is_known = form.place and form.measure in Measure.__members__
        found = None
        if is_known and form.hazard in Hazard.__members__ and form.level in Level.__members__:
            chosen = form.executors or tuple(role.value for role in _USUAL)
            roles = tuple(role for role in Role if role.value in chosen)
            measure, level, hazard = Measure(form.measure), Level[form.level], Hazard(form.hazard)
            found = self._round(form.place, roles, measure, level, hazard, form.text)
        return self._kit.fragment("order_preview.html", {"round": found})

    def _round(
        self,
        place: str,
        roles: tuple[Role, ...],
        measure: Measure,
        level: Level,
        hazard: Hazard,
        text: str,
    ) -> Any:
        name = self._kit.situation.names.hazard(hazard)
        return self._rounds.of(place, roles, measure, level, name, text, self._kit.clock.now())

    def _typed(self, place: str) -> str:
        """Return the place's name where that is enough to find it again, else its key."""
        name = self._places.get(place, "")
        return name if name and self._place(name) == place else place

    def _found(self, request: Request) -> str:
        return self._place(request.query_params.get("place", ""))

    def _place(self, typed: str) -> str:
        """Return the key of what was typed: a code, an id, or a name that only one place has."""
        typed = typed.strip()
        if typed in self._places:
            return typed
        named = [key for key, name in self._places.items() if name == typed]
        return named[0] if len(named) == 1 else ""


def build_orders(kit: PageKit, live: Live, acts: Acts) -> APIRouter:
    """Return the pages of orders."""
    return OrderPages(kit, live, acts).router
