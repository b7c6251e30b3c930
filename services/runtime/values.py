"""
The port for the values of a distributed bus: what its records do not hold, kept beside the log.

The log is the truth. Values are an index of it that a lost store may take away, so that a bus reads
them once, answers from memory, and writes each round through.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

Change = tuple[str, str, bytes | None]
"""(space, key, value); None removes the key."""


class Values(Protocol):
    """Bytes under (space, key), written by one owner."""

    async def load(self) -> Mapping[tuple[str, str], bytes]:
        """Return everything; asked once. BusUnavailableError when the store does not answer."""
        ...

    async def reserve(self, changes: Sequence[Change]) -> None:
        """
        Make sure, before a round of records is published, that this process is still the owner; and
        lay aside what it is going to write with them.

        A successor that finds the records durable and *changes* not written takes them from there:
        he need not come to them a second time. NotOwnerError when a newer owner has the fence;
        BusUnavailableError when nobody can tell.
        """
        ...

    async def write(self, changes: Sequence[Change]) -> None:
        """
        Keep *changes*, all or none; the same ones twice equal once.

        NotOwnerError, with nothing kept, when a newer owner has the fence. BusUnavailableError when
        the store did not answer: they may have been kept, and are to be written again.
        """
        ...
