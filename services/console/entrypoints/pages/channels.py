"""Where phones are dead, since when, and who said so; and that they work again."""

from collections.abc import Awaitable, Callable
from typing import Literal, get_args

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from schemas.act import ChannelReported
from schemas.cap import Status
from services.console.domain.names import CHANNELS
from services.console.entrypoints.act_texts import fault_of
from services.console.entrypoints.answers import perform
from services.console.entrypoints.page import PageKit
from services.console.entrypoints.security import SecureRoute
from services.console.ports import Acts
from services.runtime.pacing import first_within

_Channel = Literal["voice", "sms"]
_SEE_OTHER, _UNREADABLE = 303, 422
_SHOWN_WITHIN_S = 2.0
_BAD = (
    "要选什么不通，并写明情况，最多 300 字。"
    " Choose what is dead and say what you know, in at most 300 characters."
)


def build_channels(
    kit: PageKit, acts: Acts, changed_after: Callable[[int], Awaitable[int]]
) -> APIRouter:
    """
    Return the page of dead channels. *changed_after* returns once something new is known.

    It knows no exercise: a report there would keep real phones from being rung.
    """
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)
    names, tree = kit.situation.names, kit.situation.tree
    places = [
        (one.code, f"{names.place(one.parent)} {one.name}" if one.parent else one.name)
        for one in kit.pack.rules.places
        if one.code in tree
    ]

    def show(
        request: Request,
        given: dict[str, object] | None = None,
        notice: str = "",
        status_code: int = 200,
    ) -> Response:
        context = {
            "dead": kit.situation.dead_channels(),
            "places": places,
            "channels": [(value, CHANNELS[value]) for value in get_args(_Channel)],
            "given": {"place": "", "channels": ["voice"], "why": ""} | (given or {}),
            "notice": notice,
            **kit.under(Status.ACTUAL),
        }
        return kit.page(request, "channels.html", context, status_code)

    async def taken_up(body: ChannelReported) -> None:
        # Who has just recorded something wants to see it when the page comes back.
        while True:
            version = kit.situation.version
            dead = {one.channel for one in kit.situation.dead_channels() if one.place == body.place}
            if dead.isdisjoint(body.channels) if body.works else dead.issuperset(body.channels):
                return
            await changed_after(version)

    @router.get("/channels")
    async def channels(request: Request) -> Response:
        kit.guard.user(request)
        return show(request)

    @router.post("/channels")
    async def report(request: Request) -> Response:
        user = kit.guard.user(request)
        form = await kit.guard.form(request)
        kept: dict[str, object] = {
            "place": str(form.get("place", "")),
            "channels": [str(one) for one in form.getlist("channel")],
            "why": str(form.get("why", "")).strip(),
        }
        try:
            body = ChannelReported.model_validate({**kept, "works": form.get("act") == "works"})
        except ValidationError:
            return show(request, kept, _BAD, _UNREADABLE)
        if not body.why or fault_of(body, kit.clock.now()) is not None:
            return show(request, kept, _BAD, _UNREADABLE)
        outcome = await perform(acts, user, body, Status.ACTUAL)
        if outcome.is_done:
            await first_within(taken_up(body), _SHOWN_WITHIN_S)
            return RedirectResponse("/channels", _SEE_OTHER)
        return show(request, kept, outcome.text, outcome.status_code)

    return router
