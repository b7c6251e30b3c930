"""
What every page is made with: the templates, who looks at it, in which mode, at what time.

Everything is escaped; a page never holds an inline script or style.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.cap import Status
from services.console.domain.situation import Situation
from services.console.entrypoints.guard import Guard
from services.console.entrypoints.pages.static_files import address
from services.district.domain.pack import Pack
from services.runtime.clock import Clock

TEMPLATES = Path(__file__).parent / "templates"
_MINUTE, _HOUR = 60, 3600
MODES = {"actual": Status.ACTUAL, "exercise": Status.EXERCISE}


def mode_of(request: Request) -> Status:
    """Return the CAP status a page is asked for: `?mode=exercise`, else actual."""
    return MODES.get(request.query_params.get("mode", ""), Status.ACTUAL)


@dataclass(frozen=True, slots=True)
class PageKit:
    """
    Renders templates for one district.

    *links* are further entries of the navigation: (href, Chinese name), such as the practice
    phones of the demo.
    """

    pack: Pack
    clock: Clock
    guard: Guard
    situation: Situation
    environment: Environment
    links: tuple[tuple[str, str], ...] = ()

    def page(
        self, request: Request, template: str, context: Mapping[str, Any], status_code: int = 200
    ) -> HTMLResponse:
        """Return *template* as a page, with what every page needs beside *context*."""
        status = mode_of(request)
        whole = {
            "user": self.guard.user(request),
            "csrf": self.guard.csrf(request),
            "path": request.url.path,
            "status": status,
            "mode": "exercise" if status is Status.EXERCISE else "actual",
            "theme": "dark" if request.cookies.get("theme") == "dark" else "light",
            "now": self.clock.now(),
            "district_name": self.pack.rules.name,
            "is_demo": self.pack.demo,
            "links": self.links,
            "zone": self.pack.rules.timezone,
            "notice": "",
            **context,
        }
        return HTMLResponse(self.fragment(template, whole), status_code)

    def under(self, status: Status) -> dict[str, Any]:
        """Return the context of a page that belongs to *status*, whatever the address asks for."""
        return {"status": status, "mode": "exercise" if status is Status.EXERCISE else "actual"}

    def fragment(self, template: str, context: Mapping[str, Any]) -> str:
        """Return *template* filled with *context*: a part of a page for a live update."""
        return self.environment.get_template(template).render(context)


def build_environment(zone: ZoneInfo) -> Environment:
    """
    Return the templates' environment, with the times of *zone*.

    Filters: `clock` HH:MM:SS, `minute` HH:MM, `day` YYYY-MM-DD, `iso` for `datetime` attributes and
    countdowns, `span` for seconds; a missing variable is an error, not an empty page.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,  # a template is not looked for on the disk each time it is filled
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def formatted(pattern: str) -> Callable[[datetime | None], str]:
        return lambda at: "" if at is None else at.astimezone(zone).strftime(pattern)

    environment.filters.update(
        clock=formatted("%H:%M:%S"),
        minute=formatted("%H:%M"),
        day=formatted("%Y-%m-%d"),
        iso=lambda at: "" if at is None else at.isoformat(),
        span=_span,
    )
    environment.globals["static"] = address
    return environment


def _span(seconds: float) -> str:
    """Return a length of time as people say it: 46 秒, 3 分 20 秒, 2 时 5 分."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} 秒"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} 分 {rest} 秒" if rest else f"{minutes} 分"
    return f"{whole // _HOUR} 时 {whole % _HOUR // _MINUTE} 分"
