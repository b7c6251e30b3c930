"""Readiness: whether this process should be given work, and what is in the way."""

from collections.abc import Callable, Sequence


class Readiness:
    """
    Named checks, asked when somebody wants to know, and failures that stay.

    What is only impaired does its work still, and goes on being given some.
    """

    def __init__(self) -> None:
        self._checks: dict[str, Callable[[], bool]] = {}
        self._means: dict[str, Callable[[], bool]] = {}
        self._failed: set[str] = set()

    def add(self, name: str, check: Callable[[], bool]) -> None:
        """Be ready only while *check*, which must not block, returns True."""
        self._checks[name] = check

    def add_means(self, name: str, check: Callable[[], bool]) -> None:
        """Tell of *name* as impaired while *check* returns False, and be ready all the same."""
        self._means[name] = check

    def impaired(self) -> Sequence[str]:
        """Return the names of the means that are away for now, sorted."""
        return sorted(name for name, check in self._means.items() if not check())

    def fail(self, name: str) -> None:
        """Be ready no more: *name* is broken until the process starts again."""
        self._failed.add(name)

    def failing(self) -> Sequence[str]:
        """Return the names of what is in the way, sorted; empty when ready."""
        failing = {name for name, check in self._checks.items() if not check()}
        return sorted(failing | self._failed)

    @property
    def is_ready(self) -> bool:
        """Whether nothing is in the way."""
        return not self.failing()
