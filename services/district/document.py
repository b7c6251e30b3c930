"""A file of a pack as plain values that remember the lines they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel

from services.district.faults import Faults

Path: TypeAlias = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """*data* is what the file says; *lines* gives the line of each value by its path."""

    file: str
    data: Any
    lines: Mapping[Path, int]

    def line_of(self, path: Sequence[str | int]) -> int:
        """Return the line of the value at *path*, or of the nearest one that holds it."""
        known: Path = ()
        for step in path:
            if (*known, step) in self.lines:
                known = (*known, step)
        return self.lines.get(known, 1)

    def fault(self, faults: Faults, path: Sequence[str | int], reason: str) -> None:
        """Note a mistake at *path*."""
        faults.add(self.file, self.line_of(path), reason)

    def warn(self, faults: Faults, path: Sequence[str | int], reason: str) -> None:
        """Note at *path* something that may not be meant."""
        faults.warn(self.file, self.line_of(path), reason)
