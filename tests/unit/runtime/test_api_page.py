from aiohttp import ClientSession
from fastapi import FastAPI

from services.runtime.api_page import mount_api_page
from services.runtime.http_server import HttpServer


async def test_the_page_names_every_call_and_fetches_nothing() -> None:
    app = FastAPI(title="<b>", docs_url=None)

    @app.get("/v1/things")
    async def things() -> str:
        """Return <all> things."""
        return ""

    mount_api_page(app)
    server = HttpServer("127.0.0.1", 0)
    await server.serve(app)
    async with ClientSession() as session, session.get(f"{server.base_url}/docs") as answer:
        page = await answer.text()
    await server.stop()

    assert "GET /v1/things" in page
    assert "Return &lt;all&gt; things." in page
    assert "<script" not in page
    assert "http" not in page
