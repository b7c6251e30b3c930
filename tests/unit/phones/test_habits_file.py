"""The file of people in a district pack."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.phones.adapters.habits_file import load_town, parse_town
from services.phones.domain.draw import seconds
from services.phones.domain.errors import BadHabitsError
from services.phones.domain.person import Delivery, Habit, Reply
from tests.unit.phones.town import ANNA


def test_a_person_is_read_with_everything_said_about_him(tmp_path: Path) -> None:
    path = tmp_path / "phones.yaml"
    path.write_text(
        f"""
default: {{habit: never}}
people:
  - {{number: "{ANNA}", label: 村书记, habit: [never, coder], rings_s: [5, 15], reacts_s: [0.5, 1],
     hangs_up_after_s: 7, replies: code, sms: undelivered, sms_refused_with: 21610}}
""",
        encoding="utf-8",
    )

    town = load_town(path)

    (anna,) = town.people
    assert (anna.number, anna.label) == (ANNA, "村书记")
    assert anna.habits == (Habit.NEVER, Habit.CODER)
    assert (anna.rings, anna.reacts) == (seconds(5, 15), seconds(0.5, 1))
    assert anna.hangs_up_after == timedelta(seconds=7)
    assert (anna.reply, anna.delivery) == (Reply.CODE, Delivery.UNDELIVERED)
    assert anna.refuses_texts_with == 21610
    assert town.default.habits == (Habit.NEVER,)


def test_an_empty_file_is_a_town_of_coders() -> None:
    assert parse_town(None).default.habits == (Habit.CODER,)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([], id="not a mapping"),
        pytest.param({"folk": []}, id="unknown part"),
        pytest.param({"people": ["Anna"]}, id="a person that is no mapping"),
        pytest.param({"people": [{"habit": "coder"}]}, id="no number"),
        pytest.param({"people": [{"number": ANNA, "mood": "bad"}]}, id="unknown field"),
        pytest.param({"people": [{"number": ANNA, "habit": "sleepy"}]}, id="unknown habit"),
        pytest.param({"people": [{"number": ANNA, "rings_s": 5}]}, id="not a span"),
        pytest.param({"people": [{"number": ANNA, "rings_s": [9, 5]}]}, id="span backwards"),
        pytest.param({"people": [{"number": ANNA, "hangs_up_after_s": "x"}]}, id="no number of s"),
        pytest.param({"people": [{"number": ANNA}, {"number": ANNA}]}, id="listed twice"),
    ],
)
def test_a_file_with_a_mistake_is_refused_without_naming_a_number(document: Any) -> None:
    with pytest.raises(BadHabitsError) as refused:
        parse_town(document)

    assert ANNA not in str(refused.value)


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "phones.yaml"
    path.write_text("people: [", encoding="utf-8")

    with pytest.raises(BadHabitsError):
        load_town(path)
