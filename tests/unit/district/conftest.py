"""The demo pack, and a copy of it in which one line at a time is broken."""

import shutil
from pathlib import Path

import pytest

from services.district.check import check_pack, examine_pack
from services.district.domain.pack import Pack
from services.district.faults import Fault
from services.district.load import load_pack

DEMO = Path(__file__).parents[3] / "deploy" / "districts" / "demo"


class BreakablePack:
    """A copy of the demo pack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def replace(self, file: str, old: str, new: str) -> int:
        """Replace the first *old* in *file*, and return its line."""
        text = (self.folder / file).read_text(encoding="utf-8")
        before, found, after = text.partition(old)
        assert found, f"{old!r} is not in {file}"
        (self.folder / file).write_text(before + new + after, encoding="utf-8")
        return before.count("\n") + 1

    def faults(self) -> list[Fault]:
        """Return what the check finds."""
        return check_pack(self.folder)

    def warnings(self) -> list[Fault]:
        """Return what the check warns of."""
        return examine_pack(self.folder).warnings


@pytest.fixture
def breakable(tmp_path: Path) -> BreakablePack:
    """Return a fresh copy."""
    folder = tmp_path / "pack"
    shutil.copytree(DEMO, folder)
    return BreakablePack(folder)


@pytest.fixture(scope="session")
def demo() -> Pack:
    """Return the demo pack."""
    return load_pack(DEMO)
