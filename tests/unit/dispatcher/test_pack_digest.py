"""The digest that names a pack in the ledger is the same in every process that reads the pack."""

import os
import subprocess
import sys
from pathlib import Path

_CODE = (
    "from pathlib import Path;"
    "from services.district.load import load_pack;"
    "from services.dispatcher.domain.record.pack_digest import pack_digest;"
    "print(pack_digest(load_pack(Path('deploy/districts/demo'))))"
)


def digest_where_sets_are_ordered_by(seed: str) -> str:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", _CODE],
        capture_output=True,
        check=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
    )
    return done.stdout


def test_a_pack_has_one_digest_in_whatever_process_it_is_read() -> None:
    assert digest_where_sets_are_ordered_by("1") == digest_where_sets_are_ordered_by("2")
