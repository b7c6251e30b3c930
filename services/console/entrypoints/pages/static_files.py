"""The pages' own files: style sheets, scripts, what is vendored. Only what is listed is served."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, Response

from services.console.entrypoints.security import SecureRoute

STATIC = Path(__file__).parents[1] / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_NOT_FOUND = 404
_LONG = "public, max-age=31536000, immutable"


@cache
def listed() -> dict[str, Path]:
    """Return the files that may be asked for, by their address below /console/static/."""
    return {
        path.relative_to(STATIC).as_posix(): path
        for path in STATIC.rglob("*")
        if path.suffix in _TYPES
    }


@cache
def address(name: str) -> str:
    """Return where a page finds the file *name*: with its content's mark, so it may be kept long."""
    mark = hashlib.sha256(listed()[name].read_bytes()).hexdigest()[:12]
    return f"/console/static/{name}?{mark}"


def build_static() -> APIRouter:
    """Return the route for the files; they hold nothing of the district and need no log-in."""
    router = APIRouter(route_class=SecureRoute, include_in_schema=False)

    @router.get("/console/static/{name:path}")
    async def static_file(request: Request, name: str) -> Response:
        path = listed().get(name)
        if path is None:
            raise HTTPException(_NOT_FOUND)
        kept = _LONG if request.url.query else "no-cache"
        return FileResponse(path, media_type=_TYPES[path.suffix], headers={"Cache-Control": kept})

    return router
