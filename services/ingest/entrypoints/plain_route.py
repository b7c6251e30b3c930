"""A route that is documented as any other, and called with nothing in between."""

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Route, request_response
from starlette.types import Receive, Scope, Send


class PlainRoute(APIRoute):
    """
    Calls its endpoint with the request and sends what that returns.

    There are no parameters to read and no answer to check, so the layers that do it are left out:
    the endpoint must read the request itself and return a response, and dependencies do nothing.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.app = request_response(endpoint)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await Route.handle(self, scope, receive, send)
