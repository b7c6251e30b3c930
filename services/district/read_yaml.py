"""
YAML as it is written: every value with its line, numbers exact.

Plain scalars are read by our own few rules: YAML 1.1 would turn 22:00 into 1320 and `no` into
false.
"""

import re
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import yaml

from services.district.document import Document, Path
from services.district.faults import Faults

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
# The C loader reads a pack of a district in a tenth of the time; it is not in every build of PyYAML.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(folder: FilePath, file: str, faults: Faults) -> Document | None:
    """Return *file* of *folder*, or None after noting in *faults* why it cannot be read."""
    try:
        text = (folder / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        faults.add(file, 1, "the file is missing")
        return None
    except UnicodeDecodeError:
        faults.add(file, 1, "the file is not UTF-8")
        return None
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        faults.add(file, mark.line + 1 if mark else 1, f"not YAML: {error.problem}")
        return None
    except yaml.YAMLError:
        faults.add(file, 1, "not YAML: a character that may not stand there")
        return None
    if root is None:
        faults.add(file, 1, "the file is empty")
        return None
    lines: dict[Path, int] = {}
    data = _Reading(file, faults, lines).value(root, ())
    return Document(file, data, lines)


class _Reading:
    def __init__(self, file: str, faults: Faults, lines: dict[Path, int]) -> None:
        self._file = file
        self._faults = faults
        self._lines = lines

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in values:
                self._faults.add(self._file, line, f"the key {key!r} stands here twice")
            self._lines[(*path, key)] = line
            values[key] = self.value(value_node, (*path, key))
        return values


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text
