"""The words of a pack: every text there, every variable one that is filled in, every name given."""

from collections.abc import Iterable
from string import Formatter

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric
from services.district.document import Document, Path
from services.district.domain.templates import Templates, TextKey
from services.district.faults import Faults
from services.district.pack_files import TemplatesFile

_ALWAYS = frozenset({"exercise"})
_CALLOUT = _ALWAYS | {"level", "hazard", "place", "why", "measure", "target", "post"}
VARIABLES: dict[TextKey, frozenset[str]] = {
    TextKey.VOICE_CONFIRM: _CALLOUT,
    TextKey.VOICE_ORDER: _CALLOUT,
    TextKey.VOICE_ALSO: _CALLOUT,
    TextKey.VOICE_MENU: _ALWAYS,
    TextKey.VOICE_HELD: _ALWAYS,
    TextKey.VOICE_CODE: _ALWAYS | {"code"},
    TextKey.VOICE_WRONG_CODE: _ALWAYS,
    TextKey.VOICE_RECORDED: _CALLOUT | {"time"},
    TextKey.VOICE_DEPUTY: _CALLOUT,
    TextKey.VOICE_NOTHING_PENDING: _ALWAYS,
    TextKey.VOICE_STORE_FAULT: frozenset(),
    TextKey.VOICE_GOODBYE: _ALWAYS,
    TextKey.VOICE_SECOND_CALL: _CALLOUT,
    TextKey.VOICE_MEASURES: _CALLOUT,
    TextKey.VOICE_MEASURES_MENU: _ALWAYS,
    TextKey.VOICE_MEASURES_RECORDED: _CALLOUT | {"time"},
    TextKey.VOICE_MEASURES_OPEN: _CALLOUT | {"time"},
    TextKey.SMS_CONFIRM: _CALLOUT,
    TextKey.SMS_CODE: frozenset({"code"}),
    TextKey.SMS_ORDER: _CALLOUT,
    TextKey.SMS_PROPOSED: _ALWAYS | {"level", "hazard", "place", "measure", "target"},
    TextKey.SMS_INFO: _CALLOUT,
    TextKey.SMS_RELEASE: _CALLOUT,
    TextKey.SMS_NOT_WOKEN: _ALWAYS | {"level", "hazard", "place", "count", "names"},
    TextKey.SMS_RECORDED: _CALLOUT | {"time"},
    TextKey.SMS_SECOND_CALL: _CALLOUT,
    TextKey.SMS_MEASURES: _CALLOUT,
    TextKey.SMS_TASK: _CALLOUT | {"names"},
    TextKey.SMS_TASK_WITHDRAWN: _CALLOUT | {"names"},
    TextKey.SMS_SUPPORT: _CALLOUT,
    TextKey.SMS_TROUBLE: _ALWAYS | {"text"},
    TextKey.LOUDSPEAKER: _CALLOUT,
    TextKey.EXERCISE_PREFIX: frozenset(),
}
"""Which variables each text may use: those that are known when it is said."""
_METRIC_VARIABLES = frozenset({"value"})
# A text that asks for a code and does not say it leaves nobody able to confirm at II and I; one that
# does not name the place sends somebody anywhere; an exercise says so in its first words.
_MUST_SAY: dict[TextKey, tuple[str, ...]] = {
    TextKey.VOICE_CODE: ("code",),
    TextKey.SMS_CODE: ("code",),
    TextKey.VOICE_CONFIRM: ("exercise", "place", "level", "hazard"),
    TextKey.VOICE_ORDER: ("exercise", "place", "measure"),
    TextKey.VOICE_ALSO: ("place",),
    TextKey.VOICE_RECORDED: ("place", "post", "time"),
    TextKey.VOICE_SECOND_CALL: ("exercise", "place", "level", "hazard"),
    TextKey.VOICE_MEASURES: ("exercise", "place", "level", "hazard"),
    TextKey.VOICE_MEASURES_RECORDED: ("place", "post", "time"),
    TextKey.VOICE_MEASURES_OPEN: ("place", "post", "time"),
    TextKey.SMS_CONFIRM: ("exercise", "place", "level", "hazard"),
    TextKey.SMS_ORDER: ("exercise", "place", "measure"),
    TextKey.SMS_PROPOSED: ("exercise", "place", "measure"),
    TextKey.SMS_INFO: ("exercise", "place"),
    TextKey.SMS_RELEASE: ("exercise", "place"),
    TextKey.SMS_NOT_WOKEN: ("exercise", "place", "names"),
    TextKey.SMS_SECOND_CALL: ("exercise", "place", "level", "hazard"),
    TextKey.SMS_MEASURES: ("exercise", "place", "level", "hazard"),
    TextKey.SMS_TASK: ("exercise", "place", "post", "names"),
    TextKey.SMS_TASK_WITHDRAWN: ("exercise", "place", "post"),
    TextKey.SMS_SUPPORT: ("exercise", "place", "post"),
    TextKey.SMS_TROUBLE: ("exercise", "text"),
    TextKey.LOUDSPEAKER: ("exercise", "place", "hazard"),
}


def must_say(key: TextKey) -> tuple[str, ...]:
    """Return the variables that the text *key* may not leave out."""
    return _MUST_SAY.get(key, ())


def build_templates(document: Document, file: TemplatesFile, faults: Faults) -> Templates:
    """Return the texts and names; what is missing or has an unknown variable is a fault."""
    _missing(document, "texts", (key.value for key in TextKey if key not in file.texts), faults)
    _missing(document, "hazards", (h.value for h in Hazard if h not in file.hazards), faults)
    _missing(document, "levels", (at.name for at in Level if at not in file.levels), faults)
    _missing(document, "measures", (m.value for m in Measure if m not in file.measures), faults)
    _missing(document, "metrics", (m.value for m in Metric if m not in file.metrics), faults)
    for key, text in file.texts.items():
        used = _check(document, ("texts", key.value), text, VARIABLES[key], faults)
        for name in must_say(key):
            if name not in used:
                document.fault(faults, ("texts", key.value), f"this text must say {{{name}}}")
    for metric, text in file.metrics.items():
        _check(document, ("metrics", metric.value), text, _METRIC_VARIABLES, faults)
    return Templates(file.texts, file.hazards, file.levels, file.measures, file.metrics)


def _missing(document: Document, part: str, names: Iterable[str], faults: Faults) -> None:
    for name in names:
        document.fault(faults, (part,), f"nothing for {name!r} in {part}")


def _check(
    document: Document, path: Path, text: str, known: frozenset[str], faults: Faults
) -> set[str]:
    """Note each variable of *text* that is not *known*, and return those it uses."""
    used: set[str] = set()
    try:
        for _, name, spec, how in Formatter().parse(text):
            if name is None:
                continue
            if name not in known or spec or how:
                document.fault(faults, path, f"unknown variable {{{name}}}")
            used.add(name)
    except ValueError:
        document.fault(faults, path, "a brace without its partner")
    return used
