"""
The file of secrets that we share with stations, one line each: `LS-1: at-least-16-characters`.

It lies beside no pack and in no repository; only its owner can read it.
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

SHORTEST = 16
_OTHERS = 0o077


class StationSecretsError(Exception):
    """The file cannot be used. It says which entry, never a secret."""


def load_station_secrets(file: Path) -> Mapping[str, bytes]:
    """Return the secrets by station."""
    if file.stat().st_mode & _OTHERS:
        raise StationSecretsError(f"{file}: others can read it; chmod 600 it")
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise StationSecretsError(f"{file}: not YAML") from None
    if not isinstance(found, dict):
        raise StationSecretsError(f"{file}: it holds a station and its secret in each line")
    secrets = {}
    for station, secret in found.items():
        if not isinstance(secret, str) or len(secret) < SHORTEST:
            raise StationSecretsError(
                f"{file}: the secret of {station} is a text of at least {SHORTEST} characters"
            )
        secrets[str(station)] = secret.encode()
    return secrets
