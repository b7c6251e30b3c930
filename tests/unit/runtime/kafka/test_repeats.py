import logging
from collections.abc import Iterator

import pytest

from services.runtime.kafka.repeats import pass_over_repeats

SPEAKER = logging.getLogger("aiokafka.conn")


class Heard(logging.Handler):
    """Keeps what it is handed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@pytest.fixture
def heard() -> Iterator[Heard]:
    for one in list(SPEAKER.filters):
        SPEAKER.removeFilter(one)
    pass_over_repeats()
    pass_over_repeats()
    handler = Heard()
    SPEAKER.addHandler(handler)
    yield handler
    SPEAKER.removeHandler(handler)


def says(text: str, argument: int, at_s: float) -> None:
    record = SPEAKER.makeRecord(
        SPEAKER.name, logging.ERROR, __file__, 1, text, (argument,), exc_info=None
    )
    record.created = at_s
    SPEAKER.handle(record)


def test_the_same_said_over_and_over_is_heard_once_each_half_minute(heard: Heard) -> None:
    for step in range(61):
        says("no connection to node %s", step, 1000.0 + step)

    assert heard.texts == [f"no connection to node {step}" for step in (0, 30, 60)]


def test_something_else_is_heard_at_once(heard: Heard) -> None:
    says("no connection to node %s", 1, 1000.0)
    says("authentication failed at node %s", 1, 1000.1)

    assert len(heard.texts) == 2
