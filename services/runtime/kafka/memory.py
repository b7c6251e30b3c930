"""A bus's values in memory, and a handler's effects before they are durable."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.topics import Topic
from services.runtime.bus import Outgoing
from services.runtime.values import Change

_POSITIONS = "positions of consumers"
_Changes = dict[tuple[str, str], bytes | None]


class Memory:
    """What is durable, answered at once."""

    def __init__(self, found: Mapping[tuple[str, str], bytes]) -> None:
        self._spaces: dict[str, dict[str, bytes]] = {}
        self.apply((space, key, value) for (space, key), value in found.items())

    def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None."""
        return self._spaces.get(space, {}).get(key)

    def space(self, space: str) -> Mapping[str, bytes]:
        """Return every value of *space* by its key."""
        return self._spaces.get(space, {})

    def position(self, group: str, topic: Topic, district: str) -> int:
        """Return the offset *group* goes on from; 0 at first."""
        return _number(self.get(_POSITIONS, _position_key(group, topic, district)))

    def apply(self, changes: Iterable[Change]) -> None:
        """Take in what has become durable."""
        for space, key, value in changes:
            if value is None:
                self._spaces.get(space, {}).pop(key, None)
            else:
                self._spaces.setdefault(space, {})[key] = value


class Round:
    """What handlers did since the last round became durable: they see each other's effects."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.records: list[Placed] = []
        self.changed: _Changes = {}

    @property
    def changes(self) -> Sequence[Change]:
        """The changes, one a key."""
        return [(space, key, value) for (space, key), value in self.changed.items()]


class Placed:
    """A record on its way; *offset* is known once it is durable."""

    def __init__(self, record: Outgoing) -> None:
        self.record = record
        self.offset: int | None = None


class MemoryTransaction:
    """The `Transaction` of a bus whose values are in memory; `keep` adds its effects to *to*."""

    def __init__(self, to: Round) -> None:
        self._round = to
        self._records: list[Placed] = []
        self._changed: _Changes = {}

    def append(self, record: Outgoing) -> None:
        """Append *record*."""
        self.place(record)

    def place(self, record: Outgoing) -> Placed:
        """Append *record*, and return what will know its offset."""
        placed = Placed(record)
        self._records.append(placed)
        return placed

    def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None."""
        for changed in (self._changed, self._round.changed):
            if (space, key) in changed:
                return changed[space, key]
        return self._round.memory.get(space, key)

    def put(self, space: str, key: str, value: bytes) -> None:
        """Set the value."""
        self._changed[space, key] = value

    def delete(self, space: str, key: str) -> None:
        """Remove the value if there is one."""
        self._changed[space, key] = None

    def scan(self, space: str, prefix: str = "") -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of every key that begins with *prefix*, in the order of the keys."""
        found: dict[str, bytes | None] = dict(self._round.memory.space(space))
        for changed in (self._round.changed, self._changed):
            found |= {key: value for (where, key), value in changed.items() if where == space}
        return sorted(
            (key, value)
            for key, value in found.items()
            if value is not None and key.startswith(prefix)
        )

    def commit_position(self, group: str, topic: Topic, district: str, offset: int) -> None:
        """*group* has dealt with every record before *offset*. A position never goes back."""
        key = _position_key(group, topic, district)
        before = _number(self.get(_POSITIONS, key))
        self.put(_POSITIONS, key, str(max(before, offset)).encode())

    def keep(self) -> None:
        """Let the round have these effects."""
        self._round.records += self._records
        self._round.changed |= self._changed


def _position_key(group: str, topic: Topic, district: str) -> str:
    return f"{group} {topic} {district}"


def _number(value: bytes | None) -> int:
    return 0 if value is None else int(value)
