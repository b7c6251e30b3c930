"""Tokens that stand in files, as supervisors and orchestrators hand them on: `JIAOYING_…TOKEN…_FILE`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from services.commands.saying import fail

_NAMES_A_FILE = re.compile(r"(JIAOYING_\w*TOKEN\w*)_FILE")


def environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """
    Return the environment with each token that stands in a file under the variable's own name.

    A file that cannot be read, or that is there beside the variable itself, ends the command.
    """
    found = dict(given)
    for name, path in given.items():
        if (named := _NAMES_A_FILE.fullmatch(name)) is None:
            continue
        if given.get(named[1]):
            fail(f"{named[1]} and {name}: one of the two")
        try:
            found[named[1]] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            fail(f"{name}: {path} cannot be read ({type(error).__name__})")
    return found
