"""The words that are spoken and sent, as the pack gives them: texts with {variables}."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric


class TextKey(StrEnum):
    """What a text is for. A pack without one of these is refused when it is checked."""

    VOICE_CONFIRM = "voice.confirm"
    VOICE_ORDER = "voice.order"
    VOICE_ALSO = "voice.also"
    VOICE_MENU = "voice.menu"
    VOICE_CODE = "voice.code"
    VOICE_WRONG_CODE = "voice.wrong_code"
    VOICE_RECORDED = "voice.recorded"
    VOICE_HELD = "voice.held"
    VOICE_DEPUTY = "voice.deputy"
    VOICE_NOTHING_PENDING = "voice.nothing_pending"
    VOICE_STORE_FAULT = "voice.store_fault"
    VOICE_GOODBYE = "voice.goodbye"
    VOICE_SECOND_CALL = "voice.second_call"
    VOICE_MEASURES = "voice.measures"
    VOICE_MEASURES_MENU = "voice.measures_menu"
    VOICE_MEASURES_RECORDED = "voice.measures_recorded"
    VOICE_MEASURES_OPEN = "voice.measures_open"
    SMS_CONFIRM = "sms.confirm"
    SMS_CODE = "sms.code"
    SMS_ORDER = "sms.order"
    SMS_PROPOSED = "sms.proposed"
    SMS_INFO = "sms.info"
    SMS_RELEASE = "sms.release"
    SMS_NOT_WOKEN = "sms.not_woken"
    SMS_RECORDED = "sms.recorded"
    SMS_SECOND_CALL = "sms.second_call"
    SMS_MEASURES = "sms.measures"
    SMS_SUPPORT = "sms.support"
    SMS_TASK = "sms.task"
    SMS_TASK_WITHDRAWN = "sms.task_withdrawn"
    SMS_TROUBLE = "sms.trouble"
    LOUDSPEAKER = "loudspeaker"
    EXERCISE_PREFIX = "exercise"


@dataclass(frozen=True, slots=True)
class Templates:
    """
    The texts of a pack and its names for hazards, levels and measures.

    Variables: {exercise} {level} {hazard} {place} {why} {post} {code} {measure} {target} {text}
    {count} {names} {time}.
    """

    texts: Mapping[TextKey, str]
    hazards: Mapping[Hazard, str]
    levels: Mapping[Level, str]
    measures: Mapping[Measure, str]
    metrics: Mapping[Metric, str]
    """Names with their unit's place: 雨量{value}毫米."""

    def fill(self, key: TextKey, **values: str) -> str:
        """Return the text *key* with *values* in place of its variables."""
        return self.texts[key].format_map(values)
