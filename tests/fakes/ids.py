"""Ids that count, so that a test can name them."""

from collections import Counter


class CountingIds:
    """An `IdFactory` that counts from 1 for each prefix."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def new(self, prefix: str) -> str:
        """Return the prefix and the next number."""
        self._counts[prefix] += 1
        return f"{prefix}_{self._counts[prefix]}"
