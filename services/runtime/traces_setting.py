"""Whether a process tells its traces, and where to: JIAOYING_TRACES_URL. It is off without."""

from typing import Protocol

from pydantic_settings import BaseSettings, SettingsConfigDict

from services.runtime.traces import Traces


class OpenedTraces(Traces, Protocol):
    """Traces that can be ended."""

    async def stop(self) -> None:
        """Send what is left, within seconds."""
        ...


class TracesSettings(BaseSettings):
    """*url* is an OTLP endpoint for traces over HTTP, such as http://collector:4318/v1/traces."""

    model_config = SettingsConfigDict(env_prefix="JIAOYING_TRACES_", frozen=True)

    url: str = ""


class TracesError(Exception):
    """Traces are wanted, and what tells them is not installed."""


def open_traces(settings: TracesSettings, name: str) -> OpenedTraces | None:
    """Return the traces of the process *name*, or None where nobody wants them; TracesError."""
    if not settings.url:
        return None
    try:
        from services.runtime.otlp_traces import OtlpTraces  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise TracesError(
            "JIAOYING_TRACES_URL is set, and OpenTelemetry is not installed: uv sync --extra traces"
        ) from error
    return OtlpTraces(settings.url, name)
