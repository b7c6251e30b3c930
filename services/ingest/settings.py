"""What of ingest is set per installation."""

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class IngestSettings(BaseSettings):
    """Read from the environment, `JIAOYING_INGEST_…`; sizes are bytes."""

    model_config = SettingsConfigDict(env_prefix="JIAOYING_INGEST_", frozen=True)

    data: Path = Path("data")
    """Where the callers' vault lies, and the spool where there is one."""
    vault_key: SecretStr | None = None
    """At least 32 characters; without it a key is made and kept in *data*."""
    longest_readings: int = 4 << 20
    longest_warning: int = 2 << 20
    longest_tip: int = 64 << 10
    remembered_readings: int = 100_000
    """How many readings at least are known as duplicates when they come again."""
    tick: timedelta = timedelta(seconds=1)
    spool_bytes: int = 256 << 20
    """How much is taken at most while the brokers are away; the disk must have it."""
    covering: tuple[str, ...] = ()
    """Names of what the district lies in, beside its province ("荆州市")."""
