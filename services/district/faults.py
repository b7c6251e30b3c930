"""What is wrong with a district pack: every mistake with its file and line, all found in one go."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """
    One mistake. *line* counts from 1; 1 also stands for the file as a whole. *reason* never holds
    a phone number.
    """

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class PackError(ValueError):
    """A pack that cannot be used; *faults* are all that is wrong with it. Trying again is vain."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Faults:
    """The mistakes found so far, and beside them what only deserves a look."""

    def __init__(self) -> None:
        self._found: set[Fault] = set()
        self._warnings: set[Fault] = set()

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(self._found))

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, file: str, line: int, reason: str) -> None:
        """Note one mistake; the same one twice counts once."""
        self._found.add(Fault(file, line, reason))

    def is_faulty(self, file: str, line: int) -> bool:
        """Whether a mistake was found there: who refers to it has not made another."""
        return any((fault.file, fault.line) == (file, line) for fault in self._found)

    @property
    def warnings(self) -> list[Fault]:
        """What is no mistake but may not be meant; the pack can be used all the same."""
        return sorted(self._warnings)

    def warn(self, file: str, line: int, reason: str) -> None:
        """Note something that may not be meant."""
        self._warnings.add(Fault(file, line, reason))
