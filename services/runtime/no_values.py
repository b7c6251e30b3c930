"""The values of a process that keeps none beside the log."""

from collections.abc import Mapping, Sequence

from services.runtime.bus import BusUnavailableError
from services.runtime.values import Change


class NoValues:
    """`Values` that hold nothing: who puts something is told that it is not kept."""

    async def load(self) -> Mapping[tuple[str, str], bytes]:
        """Return nothing."""
        return {}

    async def reserve(self, changes: Sequence[Change]) -> None:
        """Refuse *changes* before any record goes out with them."""
        await self.write(changes)

    async def write(self, changes: Sequence[Change]) -> None:
        """Refuse *changes*."""
        if changes:
            raise BusUnavailableError("this process keeps no values")
