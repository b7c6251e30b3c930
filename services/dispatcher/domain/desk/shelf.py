"""Rows by their ids, of which only those at work are in memory: the rest is read when it is named."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

V = TypeVar("V")


class Shelf(Mapping[str, V]):
    """
    *fetch* reads a row that is not in memory; *is_at_work* tells which rows stay there once read.

    To walk over `values()` reads every row there is: nothing that runs all night may do it.
    """

    def __init__(self, fetch: Callable[[str], V], is_at_work: Callable[[V], bool]) -> None:
        self._fetch = fetch
        self._is_at_work = is_at_work
        self._rows: dict[str, V | None] = {}

    def __getitem__(self, key: str) -> V:
        """Return the row *key*; KeyError when there is none."""
        row = self._rows[key]
        if row is None:
            row = self._fetch(key)
            if self._is_at_work(row):
                self._rows[key] = row
        return row

    def __contains__(self, key: object) -> bool:
        """Whether there is a row *key*, in memory or not."""
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        """Yield the id of every row, in the order in which they came."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    @property
    def in_memory(self) -> int:
        """How many rows are in memory."""
        return sum(row is not None for row in self._rows.values())

    def put(self, key: str, row: V) -> None:
        """Keep *row*, in memory for the time being."""
        self._rows[key] = row

    def expect(self, key: str) -> None:
        """There is a row *key*, which is read when somebody asks for it."""
        self._rows[key] = None

    def put_away(self, key: str) -> None:
        """Take a row that is not at work out of memory; the store must have it as it is."""
        row = self._rows.get(key)
        if row is not None and not self._is_at_work(row):
            self._rows[key] = None

    def drop(self, key: str) -> None:
        """Forget the row *key*."""
        del self._rows[key]
