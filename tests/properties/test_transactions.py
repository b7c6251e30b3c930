"""Transactions of both buses, side by side: the same works see the same and leave the same."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from schemas.topics import Topic
from services.runtime.bus import Outgoing, Transaction
from services.runtime.embedded_store import EmbeddedStore
from services.runtime.kafka.memory import Memory, MemoryTransaction, Round
from services.runtime.log_reader import LogReader

DISTRICT, GROUP = "500108", "g"
SPACES = ("s", "t")
KEYS = st.sampled_from(["a", "a/1", "a/10", "a/2", "b", "b/叫应", "b/\U0010ffff"])
PREFIXES = st.sampled_from(["", "a", "a/", "b/", "c"])
VALUES = st.binary(max_size=20) | st.none()


class RefusedError(Exception):
    """What a handler raises."""


class BothMachine(RuleBasedStateMachine):
    """A round is always open in each; rounds become durable together, or are lost together."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="both")
        path = Path(self.folder.name) / "bus"
        self.store = EmbeddedStore(path)
        self.reader = LogReader(path)
        self.store.begin()
        self.memory = Memory({})
        self.round = Round(self.memory)
        self.appended: list[bytes] = []
        self.rows: dict[tuple[str, str], bytes] = {}

    def _both(self, work: Callable[[Transaction], object], *, fails: bool = False) -> None:
        def handler(tx: Transaction) -> object:
            seen = work(tx)
            if fails:
                raise RefusedError
            return seen

        seen: list[object] = []
        try:
            seen.append(self.store.run(handler, stored_at_ms=0))
        except RefusedError:
            seen.append(RefusedError)
        transaction = MemoryTransaction(self.round)
        try:
            seen.append(handler(transaction))
            transaction.keep()
        except RefusedError:
            seen.append(RefusedError)
        assert seen[0] == seen[1]

    @rule(
        changes=st.lists(st.tuples(st.sampled_from(SPACES), KEYS, VALUES), max_size=5),
        prefix=PREFIXES,
        fails=st.booleans(),
    )
    def write(self, changes: list[tuple[str, str, bytes | None]], prefix: str, fails: bool) -> None:
        def work(tx: Transaction) -> object:
            seen: list[object] = []
            for space, key, value in changes:
                seen.append(tx.get(space, key))
                if value is None:
                    tx.delete(space, key)
                else:
                    tx.put(space, key, value)
                tx.append(Outgoing(Topic.EVENTS, DISTRICT, key.encode()))
            return seen, [list(tx.scan(space, prefix)) for space in SPACES]

        self._both(work, fails=fails)

    @rule(offset=st.integers(0, 30), fails=st.booleans())
    def move(self, offset: int, fails: bool) -> None:
        self._both(
            lambda tx: tx.commit_position(GROUP, Topic.EVENTS, DISTRICT, offset), fails=fails
        )

    @rule()
    def become_durable(self) -> None:
        self.store.commit()
        self.store.begin()
        changes = self.round.changes
        self.memory.apply(changes)
        self.appended += [one.record.data for one in self.round.records]
        for space, key, value in changes:
            if value is None:
                self.rows.pop((space, key), None)
            else:
                self.rows[space, key] = value
        self.round = Round(self.memory)

    @rule()
    def be_lost(self) -> None:
        self.store.rollback()
        self.store.begin()
        self.round = Round(self.memory)

    @rule()
    def restart(self) -> None:
        """What was written through is all that the next owner begins with."""
        self.be_lost()
        self.memory = Memory(self.rows)
        self.round = Round(self.memory)

    @invariant()
    def the_same_is_durable(self) -> None:
        for space in SPACES:
            assert self.reader.values(space) == sorted(self.memory.space(space).items())
        place = (GROUP, Topic.EVENTS, DISTRICT)
        assert self.reader.position(*place) == self.memory.position(*place)
        stored = self.reader.read(Topic.EVENTS, DISTRICT, 0, 10_000)
        assert [one.data for one in stored] == self.appended

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.reader.close()
            self.store.close()
            self.folder.cleanup()


def test_a_handler_cannot_tell_which_bus_it_writes_to() -> None:
    """A district that moves from one machine to several keeps every promise made to its people."""
    run_state_machine_as_test(
        BothMachine, settings=settings(max_examples=40, stateful_step_count=30, deadline=None)
    )
