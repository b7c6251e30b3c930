"""`/demo`: the board, the practice phones and the operator's form side by side in one window."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from services.console.entrypoints.guard import COOKIE

_STATIC = Path(__file__).parent / "static"
_SEE_OTHER = 303


def mount_side_by_side(app: FastAPI, phones_url: Callable[[], str]) -> None:
    """Serve the page on *app*; *phones_url* is where the practice phones are."""

    @app.get("/demo", include_in_schema=False)
    async def demo(request: Request) -> Response:
        # The frames ask again themselves; without this one would log in three times.
        if COOKIE not in request.cookies:
            return RedirectResponse("/login?next=/demo", _SEE_OTHER)
        url = phones_url()
        html = (_STATIC / "side_by_side.html").read_text(encoding="utf-8")
        policy = (
            "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
            f"frame-src 'self' {url}; frame-ancestors 'none'"
        )
        return HTMLResponse(
            html.replace("{{phones}}", escape(f"{url}/phones")),
            headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"},
        )

    @app.get("/demo/static/side_by_side.css", include_in_schema=False)
    async def style() -> FileResponse:
        return FileResponse(_STATIC / "side_by_side.css", media_type="text/css")
