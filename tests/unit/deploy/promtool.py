"""Prometheus' own checker, from PATH or from the Debian package, unpacked and never installed."""

import os
import shutil
from pathlib import Path

import pytest

from deploy.local.debian_package import unpacked
from deploy.local.missing import MissingServerError

_PACKAGE, _PACKED = "prometheus", Path("usr/bin/promtool")


def promtool() -> str:
    """Return the program; skip, or fail with REQUIRE_SERVERS=1, where it cannot be had."""
    if found := shutil.which("promtool"):
        return found
    try:
        return str(unpacked(_PACKAGE, _PACKED) / _PACKED)
    except MissingServerError as error:
        said = f"promtool cannot be had: {error}"
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(said)
        pytest.skip(said)
