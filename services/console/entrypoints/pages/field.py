"""One post of a callout, past the phone: record whom one heard, and what a task came to."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from schemas.act import AckVouched, ActBody, HeardBy, TaskReported, TaskResult
from schemas.cap import Status
from services.console.domain.names import CHANNELS
from services.console.entrypoints.act_texts import fault_of
from services.console.entrypoints.answers import perform
from services.console.entrypoints.page import PageKit
from services.console.entrypoints.security import SecureRoute
from services.console.ports import Acts

_SEE_OTHER, _NOT_FOUND, _CONFLICT, _UNREADABLE = 303, 404, 409, 422
_BAD = (
    "时间不能晚于现在，备注最多 300 字。"
    " The time must not lie ahead, and the note has at most 300 characters."
)
_OVER = "这项任务已经结束，请看最新情况。 That task is over already."


def build_field(kit: PageKit, acts: Acts) -> APIRouter:
    """Return the page of one post of a callout."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)
    zone = ZoneInfo(kit.pack.rules.timezone)

    def show(
        request: Request,
        callout_id: str,
        post: str,
        given: dict[str, str] | None = None,
        notice: str = "",
        status_code: int = 200,
    ) -> Response:
        now = kit.clock.now()
        found = kit.situation.ask_to(callout_id, post, now)
        status = kit.situation.callout_status(callout_id)
        if found is None or status is None:
            raise HTTPException(_NOT_FOUND, {"reason": "not_found"})
        fresh = {
            "by": HeardBy.RADIO.value,
            "person": "",
            "heard_at": now.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
            "note": "",
        }
        context = {
            "callout": found.callout,
            "chain": found,
            "post_name": found.view.post_name,
            "people": found.people,
            "ways": [(way.value, CHANNELS[way.value]) for way in HeardBy],
            "given": fresh | (given or {}),
            "notice": notice,
            **kit.under(status),
        }
        return kit.page(request, "field.html", context, status_code)

    @router.get("/callouts/{callout_id}/posts/{post}")
    async def field(request: Request, callout_id: str, post: str) -> Response:
        kit.guard.user(request)
        return show(request, callout_id, post)

    @router.post("/callouts/{callout_id}/posts/{post}")
    async def record(request: Request, callout_id: str, post: str) -> Response:
        user = kit.guard.user(request)
        given = await kit.guard.form(request)
        kept = {name: str(given[name]) for name in given if name != "csrf"}
        status = kit.situation.callout_status(callout_id) or Status.ACTUAL
        body = _body(given, callout_id, post, zone)
        if body is None or fault_of(body, kit.clock.now()) is not None:
            return show(request, callout_id, post, kept, _BAD, _UNREADABLE)
        if isinstance(body, TaskReported) and not _is_open(kit, callout_id, post, body.task_id):
            return show(request, callout_id, post, kept, _OVER, _CONFLICT)
        outcome = await perform(acts, user, body, status)
        if outcome.is_done:
            return RedirectResponse(f"/callouts/{callout_id}", _SEE_OTHER)
        return show(request, callout_id, post, kept, outcome.text, outcome.status_code)

    return router


def _body(given: FormData, callout_id: str, post: str, zone: ZoneInfo) -> ActBody | None:
    """Return the act that the form says, or None when it says none that could be."""
    act, note = str(given.get("act", "")), str(given.get("note", "")).strip()
    try:
        if act != "vouch":
            task_id = str(given.get("task_id", ""))
            return TaskReported(task_id=task_id, result=TaskResult(act), note=note)
        heard_at = datetime.fromisoformat(str(given.get("heard_at", "")))
        return AckVouched(
            callout_id=callout_id,
            post=post,
            by=HeardBy(str(given.get("by", ""))),
            heard_at=heard_at.replace(tzinfo=zone),
            person=str(given.get("person", "")) or None,
            note=note,
        )
    except ValueError:
        return None


def _is_open(kit: PageKit, callout_id: str, post: str, task_id: str) -> bool:
    found = kit.situation.ask_to(callout_id, post, kit.clock.now())
    tasks = found.view.tasks if found is not None else ()
    return any(task.task_id == task_id and task.is_open for task in tasks)
