"""In how many parts an SMS goes out."""

import pytest

from services.district.domain.segments import segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("", 1, id="nothing"),
        pytest.param("a" * 160, 1, id="160 GSM signs"),
        pytest.param("a" * 161, 2, id="161 GSM signs"),
        pytest.param("a" * 306, 2, id="2 x 153 GSM signs"),
        pytest.param("a" * 307, 3, id="307 GSM signs"),
        pytest.param("€" * 80, 1, id="80 signs of two septets"),
        pytest.param("€" * 81, 2, id="81 signs of two septets"),
        pytest.param("a" * 152 + "€" + "a" * 10, 2, id="an escape is not torn from its sign"),
        pytest.param("€" * 153, 3, id="76 signs of two septets a part"),
        pytest.param("雨" * 70, 1, id="70 Chinese signs"),
        pytest.param("雨" * 71, 2, id="71 Chinese signs"),
        pytest.param("雨" * 134, 2, id="2 x 67 Chinese signs"),
        pytest.param("雨" * 135, 3, id="135 Chinese signs"),
        pytest.param("a" * 69 + "雨", 1, id="one Chinese sign makes all of it UCS-2"),
        pytest.param("a" * 70 + "雨", 2, id="and 71 signs two parts"),
        pytest.param("𠮷" * 35, 1, id="35 signs of two code units"),
        pytest.param("𠮷" * 36, 2, id="36 signs of two code units"),
        pytest.param("𠮷" * 67, 3, id="33 of them a part: a pair is not torn"),
    ],
)
def test_the_parts_of_a_text_are_counted(text: str, parts: int) -> None:
    assert segments(text) == parts
