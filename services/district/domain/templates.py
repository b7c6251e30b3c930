"""The words that are spoken and sent, as the pack gives them: texts with {variables}."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric
from services.district.domain.spoken import CHINESE, Voice
from services.district.domain.wording import ANYTHING, About, Wording


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
    VOICE_REPLY = "voice.reply"
    VOICE_REPLY_CODE = "voice.reply_code"
    VOICE_REPLY_MEASURES = "voice.reply_measures"
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

    REASON_MEASURED = "reason.measured"
    REASON_WARNING = "reason.warning"
    REASON_HOURS = "reason.hours"
    REASON_MINUTES = "reason.minutes"
    REASON_BETWEEN = "reason.between"

    TROUBLE_CARRIER = "trouble.carrier"
    TROUBLE_ACCOUNT = "trouble.account"
    TROUBLE_FORGOTTEN = "trouble.forgotten"
    TROUBLE_STARVED = "trouble.starved"
    TROUBLE_NO_CALL_BACKS = "trouble.no_call_backs"

    @property
    def is_spoken(self) -> bool:
        """Whether it is heard, not read: its numbers are said then, not written."""
        return self.value.startswith("voice.") or self is TextKey.LOUDSPEAKER

    @property
    def is_part(self) -> bool:
        """Whether it only stands inside of other texts, of which it follows the language."""
        return self is TextKey.EXERCISE_PREFIX or self.value.startswith(("reason.", "trouble."))


DEFAULT_LANGUAGE = CHINESE.language
"""The language that every pack has in full."""
MOST_REASONS = 2
"""Of those that a text gives: whoever is woken wants to know what to do."""
MOST_NAMES = 10
"""In a list of those not woken: an SMS that goes on for ever is not read."""


@dataclass(frozen=True, slots=True)
class Templates:
    """
    The texts of a pack in one language, and its names for hazards, levels and measures.

    Variables: {exercise} {level} {hazard} {place} {why} {post} {code} {measure} {target} {text}
    {count} {names} {time}.
    """

    texts: Mapping[TextKey, Wording]
    hazards: Mapping[Hazard, str]
    levels: Mapping[Level, str]
    measures: Mapping[Measure, str]
    metrics: Mapping[Metric, str]
    """Names with their unit's place: 雨量{value}毫米."""
    voice: Voice = CHINESE
    names: Mapping[str, str] = field(default_factory=dict)
    """What places, posts and targets are called in this language, by their names in the pack."""

    @property
    def language(self) -> str:
        """The language, as in `templates.<language>.yaml`."""
        return self.voice.language

    @property
    def speaks(self) -> bool:
        """Whether a whole call can be held in this language: no call changes it halfway."""
        return all(key in self.texts for key in TextKey if key.value.startswith("voice."))

    def named(self, name: str) -> str:
        """Return what *name* is called in this language."""
        return self.names.get(name, name)

    def text(self, key: TextKey, about: About = ANYTHING) -> str:
        """Return the text *key* for *about*, with its variables."""
        return self.texts[key].of(about)

    def fill(self, key: TextKey, about: About = ANYTHING, /, **values: str) -> str:
        """Return the text *key* for *about* with *values* in place of its variables."""
        return self.text(key, about).format_map(values)
