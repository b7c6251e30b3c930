"""What each text may say, must say, and may depend on: what the check of a pack holds it to."""

from services.district.domain.templates import TextKey

_ALWAYS = frozenset({"exercise"})
_HAPPENING = frozenset({"level", "hazard", "place", "measure", "target"})
_CALLOUT = _ALWAYS | _HAPPENING | {"why", "post"}
_RECORDED = _CALLOUT | {"time"}

VARIABLES: dict[TextKey, frozenset[str]] = {
    TextKey.VOICE_CONFIRM: _CALLOUT,
    TextKey.VOICE_ORDER: _CALLOUT,
    TextKey.VOICE_SECOND_CALL: _CALLOUT,
    TextKey.VOICE_MEASURES: _CALLOUT,
    TextKey.VOICE_ALSO: _CALLOUT,
    TextKey.VOICE_MENU: frozenset(),
    TextKey.VOICE_MEASURES_MENU: frozenset(),
    TextKey.VOICE_HELD: frozenset(),
    TextKey.VOICE_CODE: _ALWAYS | {"code"},
    TextKey.VOICE_WRONG_CODE: _ALWAYS,
    TextKey.VOICE_RECORDED: _RECORDED,
    TextKey.VOICE_MEASURES_RECORDED: _RECORDED,
    TextKey.VOICE_MEASURES_OPEN: _RECORDED,
    TextKey.VOICE_DEPUTY: _CALLOUT,
    TextKey.VOICE_NOTHING_PENDING: _ALWAYS,
    TextKey.VOICE_STORE_FAULT: frozenset(),
    TextKey.VOICE_GOODBYE: _ALWAYS,
    TextKey.VOICE_REPLY: frozenset(),
    TextKey.VOICE_REPLY_MEASURES: frozenset(),
    TextKey.VOICE_REPLY_CODE: frozenset({"code"}),
    TextKey.SMS_CONFIRM: _CALLOUT,
    TextKey.SMS_CODE: frozenset({"code"}),
    TextKey.SMS_ORDER: _CALLOUT,
    TextKey.SMS_SECOND_CALL: _CALLOUT,
    TextKey.SMS_MEASURES: _CALLOUT,
    TextKey.SMS_PROPOSED: _ALWAYS | _HAPPENING,
    TextKey.SMS_INFO: _CALLOUT,
    TextKey.SMS_RELEASE: _CALLOUT,
    TextKey.SMS_NOT_WOKEN: _ALWAYS | {"level", "hazard", "place", "count", "names"},
    TextKey.SMS_RECORDED: _RECORDED,
    TextKey.SMS_TASK: _CALLOUT | {"names"},
    TextKey.SMS_TASK_WITHDRAWN: _CALLOUT | {"names"},
    TextKey.SMS_SUPPORT: _CALLOUT,
    TextKey.SMS_TROUBLE: _ALWAYS | {"text"},
    TextKey.LOUDSPEAKER: _CALLOUT,
    TextKey.EXERCISE_PREFIX: frozenset(),
    TextKey.REASON_MEASURED: frozenset({"place", "span", "measured"}),
    TextKey.REASON_WARNING: frozenset({"hazard", "level"}),
    TextKey.REASON_HOURS: frozenset({"value"}),
    TextKey.REASON_MINUTES: frozenset({"value"}),
    TextKey.REASON_BETWEEN: frozenset(),
    TextKey.TROUBLE_CARRIER: frozenset({"code"}),
    TextKey.TROUBLE_ACCOUNT: frozenset({"names", "code"}),
    TextKey.TROUBLE_FORGOTTEN: frozenset({"count"}),
    TextKey.TROUBLE_STARVED: frozenset({"count"}),
    TextKey.TROUBLE_NO_CALL_BACKS: frozenset({"count"}),
}
"""Which variables each text may use: those that are known when it is said."""
METRIC_VARIABLES = frozenset({"value"})

_ASKS = ("place", "level", "hazard")
_READS_BACK = ("place", "post", "time")
# A text that asks for a code and does not say it leaves nobody able to confirm at II and I; one that
# does not name the place sends somebody anywhere.
_MUST_SAY: dict[TextKey, tuple[str, ...]] = {
    TextKey.VOICE_CODE: ("code",),
    TextKey.SMS_CODE: ("code",),
    TextKey.VOICE_REPLY_CODE: ("code",),
    TextKey.VOICE_CONFIRM: _ASKS,
    TextKey.VOICE_SECOND_CALL: _ASKS,
    TextKey.VOICE_MEASURES: _ASKS,
    TextKey.VOICE_ORDER: ("place", "measure"),
    TextKey.VOICE_ALSO: ("place",),
    TextKey.VOICE_RECORDED: _READS_BACK,
    TextKey.VOICE_MEASURES_RECORDED: _READS_BACK,
    TextKey.VOICE_MEASURES_OPEN: _READS_BACK,
    TextKey.SMS_CONFIRM: _ASKS,
    TextKey.SMS_SECOND_CALL: _ASKS,
    TextKey.SMS_MEASURES: _ASKS,
    TextKey.SMS_ORDER: ("place", "measure"),
    TextKey.SMS_PROPOSED: ("place", "measure"),
    TextKey.SMS_INFO: ("place",),
    TextKey.SMS_RELEASE: ("place",),
    TextKey.SMS_NOT_WOKEN: ("place", "names"),
    TextKey.SMS_TASK: ("place", "post", "names"),
    TextKey.SMS_TASK_WITHDRAWN: ("place", "post"),
    TextKey.SMS_SUPPORT: ("place", "post"),
    TextKey.SMS_TROUBLE: ("text",),
    TextKey.LOUDSPEAKER: ("place", "hazard"),
    TextKey.REASON_MEASURED: ("place", "measured"),
    TextKey.REASON_WARNING: ("hazard", "level"),
    TextKey.TROUBLE_CARRIER: ("code",),
    TextKey.TROUBLE_ACCOUNT: ("names",),
    TextKey.REASON_HOURS: ("value",),
    TextKey.REASON_MINUTES: ("value",),
}

# Said in the same breath as a text that has told already that it is an exercise.
_FOLLOWS = frozenset(
    {
        TextKey.VOICE_ALSO,
        TextKey.VOICE_MENU,
        TextKey.VOICE_MEASURES_MENU,
        TextKey.VOICE_HELD,
        TextKey.VOICE_REPLY,
        TextKey.VOICE_REPLY_MEASURES,
        TextKey.VOICE_REPLY_CODE,
        TextKey.SMS_CODE,
    }
)
_ABOUT_NOTHING = frozenset(
    {TextKey.VOICE_NOTHING_PENDING, TextKey.VOICE_STORE_FAULT, TextKey.SMS_TROUBLE}
)
_TO_EVERYBODY = frozenset(
    {TextKey.SMS_INFO, TextKey.SMS_RELEASE, TextKey.SMS_NOT_WOKEN, TextKey.LOUDSPEAKER}
)


def must_say(key: TextKey) -> tuple[str, ...]:
    """Return the variables that the text *key* may not leave out."""
    return _MUST_SAY.get(key, ())


def begins_with_exercise(key: TextKey) -> bool:
    """Whether the text *key* begins a call's step or an SMS, and so says first that it is a drill."""
    return "exercise" in VARIABLES[key] and key not in _FOLLOWS


def may_depend_on(key: TextKey) -> frozenset[str]:
    """Return which of hazard, level and role are known when the text *key* is said."""
    if key.is_part or key in _ABOUT_NOTHING:
        return frozenset()
    if key in _TO_EVERYBODY:
        return frozenset({"hazard", "level"})
    return frozenset({"hazard", "level", "role"})
