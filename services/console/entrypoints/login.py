"""Logging in and out: named users of the pack, argon2id, a new session each time."""

import asyncio
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.entrypoints.attempts import LogInAttempts
from services.console.entrypoints.guard import COOKIE, is_local
from services.console.entrypoints.page import PageKit
from services.console.entrypoints.security import SecureRoute
from services.console.ports import Sessions
from services.district.domain.pack import User
from services.district.passwords import NOBODY, demo_password, matches
from services.runtime.bus import BusUnavailableError
from services.runtime.metrics import Metrics

_SEE_OTHER, _WRONG, _FORBIDDEN, _TOO_MANY, _UNAVAILABLE = 303, 401, 403, 429, 503
_LONGEST = 200
_AT_ONCE = 2  # a hash takes 19 MiB and 25 ms of a core that also rings people
_WORDS = {
    _WRONG: "用户或口令不对。 Wrong user or password.",
    _FORBIDDEN: "请从本站的登录页登录。 Log in from this site's own page.",
    _UNAVAILABLE: "系统暂时无法保存登录，请稍后再试。 The log-in cannot be kept now; try again.",
}

log = structlog.get_logger()


def build_login(
    kit: PageKit, sessions: Sessions, attempts: LogInAttempts, metrics: Metrics
) -> APIRouter:
    """Return `/login` and `/logout`."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)
    hashing = asyncio.Semaphore(_AT_ONCE)

    def count(how: str) -> None:
        metrics.logins.labels(how).inc()

    def show(request: Request, text: str = "", status: int = 200, user: str = "") -> HTMLResponse:
        users = kit.pack.users.values() if kit.pack.demo and is_local(request) else ()
        context = {
            "district_name": kit.pack.rules.name,
            "theme": "dark" if request.cookies.get("theme") == "dark" else "light",
            "next": local_path(request.query_params.get("next", "")),
            "text": text,
            "given": user,
            "demo_users": [(one.user_id, one.name, demo_password(one.user_id)) for one in users],
        }
        return HTMLResponse(kit.fragment("login.html", context), status)

    @router.get("/login")
    async def login_page(request: Request) -> Response:
        return show(request)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        if not _is_own(request):
            return show(request, _WORDS[_FORBIDDEN], _FORBIDDEN)
        form = await request.form()
        user_id = str(form.get("user", ""))[:_LONGEST].strip()
        password = str(form.get("password", ""))
        address = request.client.host if request.client else ""
        if (wait_s := attempts.wait_s(user_id, address)) is not None:
            log.warning("login_failed", user=_known(kit, user_id), reason="too_many")
            count("too_many")
            page = show(request, f"请 {wait_s} 秒后再试。 Try again later.", _TOO_MANY, user_id)
            page.headers["Retry-After"] = str(wait_s)
            return page
        user = kit.pack.users.get(user_id) if is_local(request) or not kit.pack.demo else None
        async with hashing:
            is_right = await asyncio.to_thread(_is_right, user, password)
        if user is None or not is_right:
            attempts.fail(user_id, address)
            log.warning("login_failed", user=_known(kit, user_id), reason="wrong_password")
            count("wrong_password")
            return show(request, _WORDS[_WRONG], _WRONG, user_id)
        token = await _new_session(sessions, request, user)
        if token is None:
            return show(request, _WORDS[_UNAVAILABLE], _UNAVAILABLE, user_id)
        count("done")
        log.info("user_logged_in", user=user.user_id, role=user.role.value)
        return _with_cookie(request, token, local_path(str(form.get("next", ""))))

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        user = kit.guard.user(request)
        await kit.guard.form(request)
        await sessions.close(request.cookies.get(COOKIE, ""))
        count("ended")
        log.info("user_logged_out", user=user.user_id)
        answer = RedirectResponse("/login", _SEE_OTHER)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    return router


def local_path(given: str) -> str:
    """Return *given* when it is a path of this site, else the board: nobody is led elsewhere."""
    parts = urlsplit(given)
    is_local_one = given.startswith("/") and not given.startswith(("//", "/\\"))
    if not is_local_one or parts.scheme or parts.netloc or "\\" in given or len(given) > _LONGEST:
        return "/board"
    return given


def _with_cookie(request: Request, token: str, where: str) -> Response:
    answer = RedirectResponse(where, _SEE_OTHER)
    is_https = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=is_https, path="/")
    return answer


async def _new_session(sessions: Sessions, request: Request, user: User) -> str | None:
    """Return the token of a new session in place of the old one, or None when it cannot be kept."""
    try:
        await sessions.close(request.cookies.get(COOKIE, ""))
        return await sessions.open(user.user_id)
    except BusUnavailableError:
        return None


def _is_right(user: User | None, password: str) -> bool:
    """Whether it is his password; it takes as long when there is no such user, or he has none."""
    known = user.password if user is not None else None
    is_it = matches(known or NOBODY, password[:_LONGEST])
    return is_it and known is not None and len(password) <= _LONGEST


def _is_own(request: Request) -> bool:
    """Whether the form was sent from our own page: nobody is logged in as somebody else unseen."""
    origin = request.headers.get("origin")
    if origin not in (None, "null"):
        return urlsplit(origin or "").netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _known(kit: PageKit, user_id: str) -> str:
    return user_id if user_id in kit.pack.users else "unknown"
