"""How Redis is reached, per installation."""

from datetime import timedelta
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class RedisSettings(BaseSettings):
    """
    Read from the environment, `JIAOYING_REDIS_…`. `rediss://` in the *url* asks for TLS; a password
    stands in a file of its own.
    """

    model_config = SettingsConfigDict(env_prefix="JIAOYING_REDIS_", frozen=True)

    url: str = "redis://127.0.0.1:6379/0"
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    """Whom to believe under TLS; None: whom the machine believes."""
    cert_file: Path | None = None
    key_file: Path | None = None
    prefix: str = "jiaoying"
    """What every key begins with, where several installations share a server."""
    answer_within: timedelta = timedelta(seconds=1)
    """A server that is silent for longer counts as away."""
