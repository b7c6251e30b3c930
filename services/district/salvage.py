"""
What is sound in a file that holds mistakes: so that one mistake does not hide the others.

A pack with a mistake is refused all the same. What is read here is only judged, never used.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.district.document import Document, Model, Path
from services.district.faults import Faults
from services.district.mistakes import words_for

_ROUNDS = 3  # an entry without its mistake may show the next one; a third is hardly ever there


def read_sound_part(
    document: Document, model: type[Model], faults: Faults
) -> tuple[Document, Model] | None:
    """
    Return *document* as *model*, with the entries that hold a mistake left out.

    Every mistake is noted in *faults*. None when what is left is no such file either.
    """
    written = document
    for _ in range(_ROUNDS):
        try:
            return document, model.model_validate(document.data)
        except ValidationError as error:
            left_out = set()
            for found in error.errors(include_url=False):
                if found["type"] != "too_short" or not _held(written.data, found["loc"]):
                    faults.add(document.file, document.line_of(found["loc"]), words_for(found))
                left_out.add(_what_to_leave_out(document.data, found["loc"], found["type"]))
            if None in left_out:
                return None
            document = _without(document, {path for path in left_out if path is not None})
    return None


def written_ids(data: Any, key: str = "id") -> Iterator[str]:
    """
    Yield the value of *key* of every entry of the lists that a file consists of.

    Also of entries with a mistake: who refers to one of them has not made another.
    """
    for entries in data.values() if isinstance(data, Mapping) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and entry.get(key) is not None:
                yield str(entry[key])


def _held(data: Any, where: Sequence[int | str]) -> bool:
    """
    Whether something stands at *where* as it was written: then a list is not empty, but what is in
    it is not sound, and that has been said.
    """
    for step in where:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
    return bool(data)


def _what_to_leave_out(data: Any, where: Sequence[int | str], kind: str) -> Path | None:
    """Return the path of the key or the entry of a list that goes, or None for the whole file."""
    steps = [*where[:-1]] if where and where[-1] == "[key]" else [*where]
    path: Path = ()
    entry: Path | None = None
    for step in steps:
        # The way that an error tells also names which kind of a union was tried: no part of a file.
        if isinstance(data, list) and isinstance(step, int) and step < len(data):
            entry = (*path, step)
        elif not (isinstance(data, Mapping) and step in data):
            continue
        path, data = (*path, step), data[step]
    is_of_a_key = kind == "extra_forbidden" or (where and where[-1] == "[key]")
    return path if is_of_a_key and path else entry


def _without(document: Document, left_out: Iterable[Path]) -> Document:
    lines: dict[Path, int] = {}
    gone = frozenset(left_out)

    def copied(data: Any, old: Path, new: Path) -> Any:
        if old in document.lines:
            lines[new] = document.lines[old]
        if isinstance(data, Mapping):
            return {
                key: copied(value, (*old, key), (*new, key))
                for key, value in data.items()
                if (*old, key) not in gone
            }
        if isinstance(data, list):
            kept = [at for at in range(len(data)) if (*old, at) not in gone]
            return [copied(data[at], (*old, at), (*new, to)) for to, at in enumerate(kept)]
        return data

    return Document(document.file, copied(document.data, (), ()), lines)
