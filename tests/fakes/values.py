"""Values in memory, which outlive the owner that wrote them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.runtime.bus import BusUnavailableError, NotOwnerError
from services.runtime.values import Change


@dataclass
class MemoryStore:
    """What the owners share: the *rows*, the newest *fence*, and whether anybody answers."""

    rows: dict[tuple[str, str], bytes] = field(default_factory=dict)
    fence: int = 0
    is_away: bool = False
    aside: list[Change] = field(default_factory=list)
    """What the last round was going to write."""


class MemoryValues:
    """`Values` for the next owner of *store*: whoever made them before is fenced out."""

    def __init__(self, store: MemoryStore) -> None:
        store.fence += 1
        self._store = store
        self._fence = store.fence

    async def load(self) -> Mapping[tuple[str, str], bytes]:
        """Return a copy of the rows."""
        self._answer()
        return dict(self._store.rows)

    async def reserve(self, changes: Sequence[Change]) -> None:
        """Refuse who has been fenced out, and lay *changes* aside."""
        self._check()
        self._store.aside = list(changes)

    def _check(self) -> None:
        self._answer()
        if self._fence != self._store.fence:
            raise NotOwnerError("a newer owner has the store")

    async def write(self, changes: Sequence[Change]) -> None:
        """Keep *changes*."""
        self._check()
        for space, key, value in changes:
            if value is None:
                self._store.rows.pop((space, key), None)
            else:
                self._store.rows[space, key] = value

    def _answer(self) -> None:
        if self._store.is_away:
            raise BusUnavailableError("the store does not answer")
