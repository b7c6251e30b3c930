"""
The connection: short time-outs, no hidden repeats, and one word for everything that goes wrong.

Whether something may be asked again is known only to who asked; so nothing is repeated here.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.runtime.bus import BusUnavailableError
from services.runtime.redis.settings import RedisSettings


def connect(settings: RedisSettings) -> Redis:
    """Return a client, which connects when it is first used. Whoever has it closes it."""
    within_s = settings.answer_within.total_seconds()
    return Redis.from_url(
        settings.url,
        username=settings.username,
        password=_password(settings),
        socket_timeout=within_s,
        socket_connect_timeout=within_s,
        retry=Retry(NoBackoff(), 0),
        **_tls(settings),
    )


def _password(settings: RedisSettings) -> str | None:
    if settings.password_file is None:
        return None
    return settings.password_file.read_text(encoding="utf-8").strip()


def _tls(settings: RedisSettings) -> dict[str, Any]:
    if not settings.url.startswith("rediss://"):
        return {}
    files = {
        "ssl_ca_certs": settings.ca_file,
        "ssl_certfile": settings.cert_file,
        "ssl_keyfile": settings.key_file,
    }
    given = {name: str(path) for name, path in files.items() if path is not None}
    return {"ssl_cert_reqs": "required", "ssl_check_hostname": True, **given}


@contextlib.contextmanager
def failures_translated() -> Iterator[None]:
    """Raise BusUnavailableError for whatever the server or the way to it did."""
    try:
        yield
    except (RedisError, OSError) as error:
        # The text of some of its errors names the address or quotes what was sent.
        raise BusUnavailableError(f"redis: {type(error).__name__}") from error
