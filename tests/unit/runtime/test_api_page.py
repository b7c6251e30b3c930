from fastapi import FastAPI
from fastapi.testclient import TestClient

from services.runtime.api_page import mount_api_page


def test_the_page_names_every_call_and_fetches_nothing() -> None:
    app = FastAPI(title="<b>", docs_url=None)

    @app.get("/v1/things")
    async def things() -> str:
        """Return <all> things."""
        return ""

    mount_api_page(app)
    page = TestClient(app).get("/docs")

    assert "GET /v1/things" in page.text
    assert "Return &lt;all&gt; things." in page.text
    assert "<script" not in page.text
    assert "//" not in page.text.replace("<!doctype", "")
