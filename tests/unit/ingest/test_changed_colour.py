"""A signal that was changed has the colour it was changed to."""

import pytest

from schemas.level import Colour
from services.ingest.domain.hazard_words import colour_in


@pytest.mark.parametrize(
    ("headline", "colour"),
    [
        ("南岸区气象台将暴雨黄色预警信号升级为暴雨橙色预警信号", Colour.ORANGE),
        ("某区气象台将大风橙色预警信号降级为大风蓝色预警信号", Colour.BLUE),
        ("某区气象台变更雷电黄色预警为橙色预警", Colour.ORANGE),
        ("某区气象台发布暴雨红色预警信号", Colour.RED),
    ],
)
def test_what_it_was_changed_to_counts(headline: str, colour: Colour) -> None:
    assert colour_in(headline) is colour
