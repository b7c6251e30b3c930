"""A file of a pack as plain values that remember the lines they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from services.district.faults import Faults

Path: TypeAlias = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_SECRET_KEYS = frozenset({"number", "key_sha256"})
_LONGEST_SHOWN = 60


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

    def read_as(self, model: type[Model], faults: Faults) -> Model | None:
        """Return the file as *model*, or None after noting every mistake in *faults*."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            for found in error.errors(include_url=False):
                faults.add(self.file, self.line_of(found["loc"]), _reason(found))
        return None

    def fault(self, faults: Faults, path: Sequence[str | int], reason: str) -> None:
        """Note a mistake at *path*."""
        faults.add(self.file, self.line_of(path), reason)


def _reason(found: Any) -> str:
    keys = [step for step in found["loc"] if isinstance(step, str)]
    key = keys[-1] if keys else ""
    if found["type"] == "extra_forbidden":
        return f"unknown key {key!r}"
    if found["type"] == "missing":
        return f"missing key {key!r}"
    message = found["msg"].removeprefix("Value error, ")
    if _SECRET_KEYS & set(keys):
        return f"{key}: {message}"
    shown = str(found["input"])
    if len(shown) > _LONGEST_SHOWN or isinstance(found["input"], dict | list):
        return f"{key}: {message}"
    return f"{key}: {message}; found {shown!r}"
