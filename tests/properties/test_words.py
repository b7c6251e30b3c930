"""Numbers that are said, and texts that go out, whatever the numbers and the texts are."""

from hypothesis import given
from hypothesis import strategies as st

from services.district.domain.segments import segments
from services.district.domain.spoken import number, whole

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_GROUP = 10_000


def heard(said: str) -> int:
    """Return the number that a listener writes down: the other way, by other means."""
    high, found, low = said.rpartition("万")
    return (_group(high) * _GROUP if found else 0) + _group(low)


def _group(said: str) -> int:
    total, digit = 0, None
    for sign in said:
        if sign in _PLACES:
            total += _PLACES[sign] * (1 if digit is None else digit)
            digit = None
        else:
            digit = _DIGITS[sign]
    return total + (digit or 0)


@given(st.integers(0, 99_999_999))
def test_every_number_is_heard_as_it_was_meant(value: int) -> None:
    """A responder takes down what he hears: no two numbers may sound the same."""
    assert heard(whole(value)) == value


def test_every_group_of_four_figures_is_heard_as_it_was_meant() -> None:
    """Every low and every high half once, which together make up all numbers below 100,000,000."""
    for value in range(_GROUP):
        assert heard(whole(value)) == value
        assert heard(whole(value * _GROUP)) == value * _GROUP
        assert heard(whole(_GROUP + value)) == _GROUP + value
        assert heard(whole(value * _GROUP + 2_002)) == value * _GROUP + 2_002


@given(st.integers(-99_999_999_999, 99_999_999_999))
def test_every_thousandth_is_heard_as_it_was_meant(thousandths: int) -> None:
    """A water level is said to the centimetre and below zero as well."""
    said = number(thousandths)
    units, _, decimals = said.removeprefix("负").partition("点")
    value = heard(units) * 1000 + int(
        "".join(str(_DIGITS[sign]) for sign in decimals).ljust(3, "0") or 0
    )

    assert (-value if said.startswith("负") else value) == thousandths


@given(st.text(), st.text())
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    """What is charged by parts must not be counted too low."""
    assert 1 <= segments(text) <= segments(text + more)
