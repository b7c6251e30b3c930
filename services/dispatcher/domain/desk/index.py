"""Finding ids by something they have in common, without walking through all of them."""

from collections.abc import Collection, Iterator


class Index:
    """Members by key, in the order in which they were added; a key without members takes no room."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, None]] = {}

    def of(self, key: str) -> Collection[str]:
        """Return the members under *key*."""
        return self._members.get(key, {}).keys()

    def add(self, key: str, member: str) -> None:
        """Put *member* under *key*, once."""
        self._members.setdefault(key, {})[member] = None

    def discard(self, key: str, member: str) -> None:
        """Take *member* from under *key*, if it is there."""
        members = self._members.get(key)
        if members is not None:
            members.pop(member, None)
            if not members:
                del self._members[key]

    def __iter__(self) -> Iterator[str]:
        """Yield every member of every key."""
        for members in self._members.values():
            yield from members
