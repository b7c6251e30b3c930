"""What belongs to each callout: its chains in their order, how far they are, how often was tried."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from services.dispatcher.domain.asks.chain import ChainState


class CalloutBook:
    """Counts instead of rows, so that nobody walks through 100,000 chains to know how many are open."""

    def __init__(self) -> None:
        self._chains: dict[str, dict[str, int]] = {}
        self._states: dict[str, Counter[ChainState]] = defaultdict(Counter)
        self._attempts: Counter[str] = Counter()
        self._open = 0

    @property
    def open_chains(self) -> int:
        """How many chains are open in all."""
        return self._open

    def chains(self, callout_id: str) -> Collection[str]:
        """Return the chains of a callout, in the order in which they were opened."""
        return self._chains.get(callout_id, ())

    def place(self, callout_id: str, chain_id: str) -> int:
        """Return the place of a chain among those of its callout."""
        return self._chains[callout_id][chain_id]

    def states(self, callout_id: str) -> Counter[ChainState]:
        """Return how many chains of a callout are in each state."""
        return self._states.get(callout_id) or Counter()

    def is_over(self, callout_id: str) -> bool:
        """Whether none of the callout's chains is open."""
        return not self.states(callout_id)[ChainState.OPEN]

    def attempts(self, callout_id: str) -> int:
        """Return how many attempts carried an ask of the callout."""
        return self._attempts[callout_id]

    def enter(self, callout_id: str, chain_id: str, state: ChainState) -> None:
        """Enter a new chain."""
        chains = self._chains.setdefault(callout_id, {})
        chains[chain_id] = len(chains)
        self._count(callout_id, state, 1)

    def move(self, callout_id: str, before: ChainState, after: ChainState) -> None:
        """A chain changed its state."""
        if before is not after:
            self._count(callout_id, before, -1)
            self._count(callout_id, after, 1)

    def tried(self, callouts: Iterable[str], by: int = 1) -> None:
        """An attempt carries asks of *callouts*; *by* -1: it is forgotten."""
        for callout_id in callouts:
            self._attempts[callout_id] += by

    def drop(self, callout_id: str) -> Collection[str]:
        """Forget a callout and return its chains."""
        self._states.pop(callout_id, None)
        self._attempts.pop(callout_id, None)
        return self._chains.pop(callout_id, ())

    def _count(self, callout_id: str, state: ChainState, by: int) -> None:
        self._states[callout_id][state] += by
        self._open += by if state is ChainState.OPEN else 0
