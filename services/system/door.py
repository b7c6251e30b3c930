"""A process's door: one HTTP server with the services' routes, health and metrics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, generate_latest

from services.runtime.api_page import mount_api_page
from services.runtime.health import Readiness
from services.runtime.http_server import HttpServer
from services.runtime.lifecycle import Lifecycle
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces
from services.runtime.traces_setting import TracesSettings, open_traces


@dataclass(frozen=True, slots=True)
class Door:
    """What every process has, whichever services it runs; its port is bound, and not yet served."""

    lifecycle: Lifecycle
    metrics: Metrics
    server: HttpServer
    traces: Traces | None = None
    """Told of each step from a reading to the ring, where somebody collects them."""

    @property
    def base_url(self) -> str:
        """Where it is."""
        return self.server.base_url

    async def open(
        self, routers: Sequence[APIRouter], around: Callable[[FastAPI], None] = lambda _app: None
    ) -> None:
        """Answer with *routers*; *around* may mount more."""
        app = FastAPI(title="Jiaoying 叫应", version="1", docs_url=None, redoc_url=None)
        for router in routers:
            app.include_router(router)
        _mount_health(app, self.lifecycle.readiness, self.metrics)
        mount_api_page(app)
        around(app)
        await self.server.serve(app)
        # Before anything it leans on stops: an answer that nobody works out would be waited for.
        self.lifecycle.on_stop("requests", self.server.stop)


def bind(lifecycle: Lifecycle, host: str, port: int, name: str = "jiaoying") -> Door:
    """
    Return the door on *host* and *port* (0 takes a free one); OSError when it is taken.

    The process is known as *name* where its traces are collected; TracesError when they cannot be.
    """
    server = HttpServer(host, port)
    lifecycle.on_stop("http", server.stop)
    traces = open_traces(TracesSettings(), name)
    if traces is not None:
        lifecycle.on_stop("traces", traces.stop)
    return Door(lifecycle, Metrics(CollectorRegistry()), server, traces)


def new_lifecycle() -> Lifecycle:
    """Return the lifecycle of a process."""
    return Lifecycle(Readiness())


def _mount_health(app: FastAPI, readiness: Readiness, metrics: Metrics) -> None:
    metrics.watch_ready(lambda: readiness.is_ready)

    @app.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    async def readyz(response: Response) -> dict[str, object]:
        """Whether it should be given work, what is in the way, and what it does without."""
        failing = readiness.failing()
        response.status_code = 503 if failing else 200
        impaired = list(readiness.impaired())
        return {"ready": not failing, "failing": list(failing), "impaired": impaired}

    @app.get("/metrics", tags=["health"])
    async def scrape(_request: Request) -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(metrics.registry), media_type="text/plain; version=0.0.4")
