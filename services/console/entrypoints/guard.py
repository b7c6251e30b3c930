"""
Who may look and act: a session's cookie, or for reading alone a source's key.

The cookie is HttpOnly and SameSite=Strict; a post must also carry a token made from it, which no
other site can know. Demo users are let in from this machine only.
"""

import hashlib
import hmac
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import quote

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

from services.console.ports import Sessions
from services.district.domain.pack import Pack, SourceKey, User

COOKIE = "jiaoying_session"
CSRF_HEADER = "X-CSRF-Token"
_READ = "read"
_MAX_FORM = 32_768
_SEE_OTHER, _UNAUTHORISED, _FORBIDDEN, _TOO_LARGE = 303, 401, 403, 413


class Guard:
    """Every page and call asks it first."""

    def __init__(self, pack: Pack, sessions: Sessions) -> None:
        self._pack = pack
        self._sessions = sessions
        self._keys = {key.key_sha256.lower(): key for key in pack.sources}

    def user(self, request: Request) -> User:
        """Return who is logged in; a page leads to the log-in, a call gets 401."""
        user = self.known(request)
        if user is not None:
            return user
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            path = request.url.path
            if request.url.query:
                path += f"?{request.url.query}"
            where = f"/login?next={quote(path, safe='/')}"
            raise HTTPException(_SEE_OTHER, headers={"Location": where})
        raise HTTPException(_UNAUTHORISED, {"reason": "not_logged_in"})

    def known(self, request: Request) -> User | None:
        """Return who is logged in, or None."""
        if self._pack.demo and not is_local(request):
            return None
        holder = self._sessions.holder(request.cookies.get(COOKIE, ""))
        return self._pack.users.get(holder or "")

    def reader(self, request: Request) -> str:
        """Return who may read: a user, or the source whose key has the kind `read`."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return self.user(request).user_id
        source = self._source(key.strip())
        if source is None:
            raise HTTPException(_UNAUTHORISED, {"reason": "wrong_key"})
        if _READ not in source.kinds:
            raise HTTPException(_FORBIDDEN, {"reason": "not_your_kind"})
        return source.name

    def csrf(self, request: Request) -> str:
        """Return the token that a post of this session must carry."""
        token = request.cookies.get(COOKIE, "")
        return hmac.new(token.encode(), b"jiaoying csrf", hashlib.sha256).hexdigest()

    async def form(self, request: Request) -> FormData:
        """Return the posted form; 403 without its `csrf` field, 413 when it is too long."""
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > _MAX_FORM:
            raise HTTPException(_TOO_LARGE, {"reason": "too_large"})
        form = await request.form()
        self._check(request, str(form.get("csrf", "")))
        return form

    def check_header(self, request: Request) -> None:
        """Check the header of a post that is no form; 403 when it is wrong."""
        self._check(request, request.headers.get(CSRF_HEADER, ""))

    def _check(self, request: Request, given: str) -> None:
        if not hmac.compare_digest(given.encode(), self.csrf(request).encode()):
            raise HTTPException(_FORBIDDEN, {"reason": "csrf"})

    def _source(self, key: str) -> SourceKey | None:
        return self._keys.get(hashlib.sha256(key.encode()).hexdigest())


class SessionSources:
    """Lets a logged-in user report tips as a source of his own (design.md section 7)."""

    def __init__(self, guard: Guard, roles: Iterable[str]) -> None:
        self._guard = guard
        self._roles = frozenset(roles)

    def __call__(self, request: Request) -> SourceKey | None:
        """Return the source that the session stands for, or None."""
        user = self._guard.known(request)
        if user is None or user.role not in self._roles:
            return None
        given = request.headers.get(CSRF_HEADER, "").encode()
        if not hmac.compare_digest(given, self._guard.csrf(request).encode()):
            return None
        return SourceKey(
            name=f"console/{user.user_id}", key_sha256="", kinds=("tips",), per_s=2.0, burst=20
        )


def is_local(request: Request) -> bool:
    """Whether *request* comes from this machine, and was meant for it."""
    client = request.client.host if request.client else ""
    host = request.url.hostname or ""
    return _is_loopback(client) and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
