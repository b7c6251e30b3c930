"""The district of simulated nights: the three towns with rules that change quickly; read once."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from services.district.domain.pack import Pack
from services.district.load import load_pack

_DATA = Path(__file__).parents[1] / "data"
_DEMO = Path(__file__).parents[2] / "deploy" / "districts" / "demo"
_TEXTS = (_DEMO / "templates.zh-CN.yaml", _DEMO / "approved_texts.yaml")
TOWNS = ("500199001000", "500199002000", "500199003000")
GAUGES = ("RG-1", "RG-2", "RG-3")


@cache
def pack() -> Pack:
    """Return the pack, as `jiaoying up` would read it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pack"
        shutil.copytree(_DATA / "three_towns", folder)
        for text in _TEXTS:
            shutil.copy(text, folder)
        shutil.copy(_DATA / "simulated" / "rainstorm.yaml", folder / "rules")
        return load_pack(folder)
