"""`/docs`: the calls of the API on one page, written by this process; no script, nothing fetched."""

from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

_STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid #8a97a3;padding:.5rem 0}
h2{font-size:1.1rem;margin:.3rem 0}
code{background:#eef1f4;color:#14181d;padding:.1rem .3rem;border-radius:3px}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def mount_api_page(app: FastAPI) -> None:
    """Serve a readable page of *app*'s calls at `/docs`; `/openapi.json` is for machines."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        schema = app.openapi()
        calls = "".join(
            _call(method, path, about)
            for path, methods in sorted(schema["paths"].items())
            for method, about in methods.items()
        )
        page = (
            f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>接口 API</title>'
            f"<style>{_STYLE}</style><h1>{escape(schema['info']['title'])} 接口 API</h1>"
            f'<p>机器可读 for machines: <a href="/openapi.json">/openapi.json</a></p>{calls}</html>'
        )
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def _call(method: str, path: str, about: dict[str, Any]) -> str:
    answers = "".join(
        f"<li><code>{escape(status)}</code> {escape(answer.get('description', ''))}</li>"
        for status, answer in about.get("responses", {}).items()
    )
    return (
        f"<section><h2><code>{escape(method.upper())} {escape(path)}</code></h2>"
        f"<p>{escape(about.get('description', about.get('summary', '')))}</p>"
        f"<ul>{answers}</ul></section>"
    )
