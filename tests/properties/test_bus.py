"""The embedded store under any sequence of groups, failures, retention and power cuts."""

import shutil
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
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
from services.runtime.bus import Outgoing
from services.runtime.embedded_store import EmbeddedStore
from services.runtime.log_reader import LogReader
from services.runtime.store_transaction import StoreTransaction

TOPICS = st.sampled_from([Topic.EVENTS, Topic.DISPATCH])
DISTRICTS = st.sampled_from(["500108", "500106"])
KEYS = st.sampled_from(["a", "a/1", "a/2", "b"])
VALUES = st.binary(max_size=6000)
KEYSPACE = "s"


@dataclass
class Model:
    """What the store should hold."""

    logs: dict[tuple[Topic, str], dict[int, bytes]] = field(default_factory=dict)
    ends: dict[tuple[Topic, str], int] = field(default_factory=dict)
    values: dict[str, bytes] = field(default_factory=dict)
    positions: dict[tuple[Topic, str], int] = field(default_factory=dict)


class RefusedError(Exception):
    """What a handler raises."""


class StoreMachine(RuleBasedStateMachine):
    """A group is always open; it is committed, rolled back or cut off."""

    @initialize()
    def start(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="bus"))
        self.generation = 0
        self.durable, self.current = Model(), Model()
        self._open(self.directory / "bus-0")

    def _open(self, path: Path) -> None:
        self.path = path
        self.store = EmbeddedStore(path)
        self.reader = LogReader(path)
        self.store.begin()

    def _close(self) -> None:
        self.reader.close()
        self.store.close()

    def _run(self, work: Callable[[StoreTransaction, Model], None], fails: bool) -> None:
        model = deepcopy(self.current)

        def handler(tx: StoreTransaction) -> None:
            work(tx, model)
            if fails:
                raise RefusedError

        try:
            self.store.run(handler, stored_at_ms=0)
        except RefusedError:
            return
        self.current = model

    @rule(topic=TOPICS, district=DISTRICTS, data=st.lists(VALUES, max_size=4), fails=st.booleans())
    def append(self, topic: Topic, district: str, data: list[bytes], fails: bool) -> None:
        def work(tx: StoreTransaction, model: Model) -> None:
            for value in data:
                offset = model.ends.get((topic, district), 0)
                assert tx.place(Outgoing(topic, district, value)) == offset
                model.logs.setdefault((topic, district), {})[offset] = value
                model.ends[topic, district] = offset + 1

        self._run(work, fails)

    @rule(key=KEYS, value=VALUES | st.none(), fails=st.booleans())
    def write(self, key: str, value: bytes | None, fails: bool) -> None:
        def work(tx: StoreTransaction, model: Model) -> None:
            if value is None:
                tx.delete(KEYSPACE, key)
                model.values.pop(key, None)
            else:
                tx.put(KEYSPACE, key, value)
                model.values[key] = value
            assert tx.get(KEYSPACE, key) == value

        self._run(work, fails)

    @rule(prefix=st.sampled_from(["", "a", "a/", "c"]))
    def scan(self, prefix: str) -> None:
        def work(tx: StoreTransaction, model: Model) -> None:
            expected = [pair for pair in sorted(model.values.items()) if pair[0].startswith(prefix)]
            assert tx.scan(KEYSPACE, prefix) == expected

        self._run(work, fails=False)

    @rule(topic=TOPICS, district=DISTRICTS, offset=st.integers(0, 20), fails=st.booleans())
    def move(self, topic: Topic, district: str, offset: int, fails: bool) -> None:
        def work(tx: StoreTransaction, model: Model) -> None:
            tx.commit_position("g", topic, district, offset)
            before = model.positions.get((topic, district), 0)
            model.positions[topic, district] = max(before, offset)

        self._run(work, fails)

    @rule(district=DISTRICTS, offset=st.integers(0, 10), limit=st.integers(1, 5))
    def drop(self, district: str, offset: int, limit: int) -> None:
        def work(tx: StoreTransaction, model: Model) -> None:
            log = model.logs.get((Topic.EVENTS, district), {})
            last = model.ends.get((Topic.EVENTS, district), 0) - 1
            gone = [at for at in sorted(log) if at < min(offset, last)][:limit]
            assert tx.drop_before(Topic.EVENTS, district, offset, limit) == len(gone)
            for at in gone:
                del log[at]

        self._run(work, fails=False)

    @rule()
    def commit(self) -> None:
        self.store.commit()
        self.durable = deepcopy(self.current)
        self.store.begin()

    @rule()
    def roll_back(self) -> None:
        self.store.rollback()
        self.current = deepcopy(self.durable)
        self.store.begin()

    @rule()
    def cut_the_power(self) -> None:
        """The files as they are in the middle of a group are what the next process finds."""
        self.generation += 1
        path = self.directory / f"bus-{self.generation}"
        shutil.copy(self.path, path)
        log = Path(f"{self.path}-wal")
        if log.exists():
            shutil.copy(log, f"{path}-wal")
        self._close()
        self.current = deepcopy(self.durable)
        self._open(path)

    @rule()
    def restart(self) -> None:
        self._close()
        self.current = deepcopy(self.durable)
        self._open(self.path)

    @invariant()
    def a_reader_sees_what_is_durable_and_no_more(self) -> None:
        for topic in (Topic.EVENTS, Topic.DISPATCH):
            for district in ("500108", "500106"):
                found = self.reader.read(topic, district, 0, 1000)
                expected = sorted(self.durable.logs.get((topic, district), {}).items())
                assert [(record.offset, record.data) for record in found] == expected
                assert self.reader.end(topic, district) == self.durable.ends.get(
                    (topic, district), 0
                )
                assert self.reader.position("g", topic, district) == self.durable.positions.get(
                    (topic, district), 0
                )

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self._close()
            shutil.rmtree(self.directory)


def test_a_reopened_store_holds_what_was_committed_and_nothing_else() -> None:
    """Whoever was told that an event is accepted finds it, in its place, after any accident."""
    run_state_machine_as_test(
        StoreMachine, settings=settings(max_examples=40, stateful_step_count=30, deadline=None)
    )
