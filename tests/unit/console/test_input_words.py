"""Every input that the ledger keeps has words on its page."""

from typing import Any, get_args

import pytest

from schemas.dispatch import Fact
from services.console.domain.ledger_view import INPUTS, fact_text
from services.console.domain.names import Names
from services.dispatcher.domain.inputs import Input
from services.district.domain.place_tree import PlaceTree
from tests.districts import pack
from tests.unit.console.book import Book


def test_every_kind_of_input_has_words() -> None:
    assert set(INPUTS) == {kind.__name__ for kind in get_args(Input)}


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"input": "WokenUp", "restarted": False}, "到点"),
        ({"input": "WokenUp", "restarted": True}, "系统启动"),
        ({"input": "CallHeard", "heard": "confirm"}, "通话中 按 1 确认"),
        ({"input": "AttemptSeen", "outcome": "busy"}, "运营商的回报 占线"),
    ],
    ids=lambda given: str(given) if isinstance(given, str) else "",
)
def test_an_input_is_told_in_words(detail: dict[str, Any], words: str) -> None:
    record = Book().write(Fact.INPUT_TAKEN, **detail)

    given = pack()
    assert fact_text(Names(given, PlaceTree(given.rules)), record) == words
