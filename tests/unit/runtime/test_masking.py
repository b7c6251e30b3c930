import pytest

from services.runtime.masking import mask_event, mask_numbers


@pytest.mark.parametrize(
    "number",
    [
        "+8613800138000",
        "13800138000",
        "8613800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "(023) 6280 0000",
        "62800000",
        "1380013",
        "１３８００１３８０００",
    ],
)
def test_a_phone_number_is_masked_wherever_it_stands(number: str) -> None:
    assert mask_numbers(f"calling {number}, no answer") in {
        "calling ***, no answer",
        "calling (***, no answer",
    }
    assert not any(digit.isdigit() for digit in mask_numbers(f"To=x{number}y"))


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-01T23:40:00.123456+00:00",
        "2025-07-01 23:40:05",
        "from 2025-07-01 on",
        "500108",
        "127.0.0.1:8080",
        "took 12.5 s for 506 posts",
        "level II, key 1",
    ],
)
def test_times_and_short_numbers_stay(text: str) -> None:
    assert mask_numbers(text) == text


def test_ids_offsets_and_instants_stay_under_their_keys() -> None:
    event = {
        "event_id": "ev_12345678901",
        "identifier": "50010841600000_20250701",
        "accepted_at": "20250701234000",
        "prev_hash": "0123456789012345",
        "offset": 12345678,
        "town": "500108001000",
    }

    assert mask_event(None, "info", dict(event)) == event


def test_texts_are_masked_as_deep_as_they_lie() -> None:
    class Contact:
        def __str__(self) -> str:
            return "Contact(+8613800138000)"

    event = {
        "event": "call_placed",
        "contact": "+8613800138000",
        "detail": {"to": ["+8613800138000", {"13800138000": "x", "person_id": "p_13800138000"}]},
        "error": ValueError("cannot reach 13800138000"),
        "who": Contact(),
        "raw": b"To=%2B8613800138000",
        "call_id": ["+8613800138000"],
        "posts": 5061234567,
        "ok": True,
    }

    assert mask_event(None, "info", event) == {
        "event": "call_placed",
        "contact": "***",
        "detail": {"to": ["***", {"***": "x", "person_id": "p_13800138000"}]},
        "error": "cannot reach ***",
        "who": "Contact(***)",
        "raw": "b'To=%2B***'",
        "call_id": ["***"],
        "posts": 5061234567,
        "ok": True,
    }
