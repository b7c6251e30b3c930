"""The words of a pack: every text there, every variable one that is filled in, every name given."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from string import Formatter

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric
from services.district.document import Document, Path
from services.district.domain.spoken import voice_of
from services.district.domain.templates import Templates, TextKey
from services.district.domain.wording import Variant, Wording
from services.district.faults import Faults
from services.district.template_files import TemplatesFile, TranslationFile, VariantEntry
from services.district.text_rules import (
    METRIC_VARIABLES,
    VARIABLES,
    begins_with_exercise,
    may_depend_on,
    must_say,
)

_EXERCISE = "{exercise}"


def build_templates(document: Document, file: TemplatesFile, faults: Faults) -> Templates:
    """Return the texts and names; what is missing or has an unknown variable is a fault."""
    _missing(document, "texts", (key.value for key in TextKey if key not in file.texts), faults)
    _missing(document, "hazards", (h.value for h in Hazard if h not in file.hazards), faults)
    _missing(document, "levels", (at.name for at in Level if at not in file.levels), faults)
    _missing(document, "measures", (m.value for m in Measure if m not in file.measures), faults)
    _missing(document, "metrics", (m.value for m in Metric if m not in file.metrics), faults)
    return Templates(
        texts=_texts(document, file, faults),
        hazards=file.hazards,
        levels=file.levels,
        measures=file.measures,
        metrics=_metrics(document, file, faults),
        voice=voice_of("zh-CN", file.code_one),
    )


def build_translation(
    document: Document, file: TranslationFile, language: str, chinese: Templates, faults: Faults
) -> Templates:
    """
    Return the texts in *language*; names and parts of texts that it leaves out are the *chinese*.

    A whole text that it leaves out is not filled in here: that is said with Chinese names in it.
    """
    parts = {key: text for key, text in chinese.texts.items() if key.is_part}
    return Templates(
        texts={**parts, **_texts(document, file, faults)},
        hazards={**chinese.hazards, **file.hazards},
        levels={**chinese.levels, **file.levels},
        measures={**chinese.measures, **file.measures},
        metrics={**chinese.metrics, **_metrics(document, file, faults)},
        voice=voice_of(language),
        names=file.names,
    )


def _missing(document: Document, part: str, names: Iterable[str], faults: Faults) -> None:
    for name in names:
        document.fault(faults, (part,), f"nothing for {name!r} in {part}")


def _metrics(
    document: Document, file: TemplatesFile | TranslationFile, faults: Faults
) -> Mapping[Metric, str]:
    for metric, text in file.metrics.items():
        _variables(document, ("metrics", metric.value), text, METRIC_VARIABLES, faults)
    return file.metrics


def _texts(
    document: Document, file: TemplatesFile | TranslationFile, faults: Faults
) -> dict[TextKey, Wording]:
    texts = {}
    for key, entries in file.texts.items():
        for nth, entry in enumerate(entries):
            _check_variant(document, key, ("texts", key.value, nth), entry, faults)
        wording = Wording(tuple(_variant(entry) for entry in entries))
        for (_, one), (second, other) in combinations(enumerate(wording.variants), 2):
            if one.rivals(other):
                reason = "a variant before it is for the same, and neither is more particular"
                document.fault(faults, ("texts", key.value, second), reason)
        texts[key] = wording
    return texts


def _variant(entry: VariantEntry) -> Variant:
    return Variant(
        entry.text, frozenset(entry.hazard), frozenset(entry.level), frozenset(entry.role)
    )


def _check_variant(
    document: Document, key: TextKey, path: Path, entry: VariantEntry, faults: Faults
) -> None:
    at = (*path, "text")
    used = _variables(document, at, entry.text, VARIABLES[key], faults)
    for name in must_say(key):
        if name not in used:
            document.fault(faults, at, f"this text must say {{{name}}}")
    if begins_with_exercise(key) and not entry.text.startswith(_EXERCISE):
        document.fault(faults, at, f"this text must begin with {_EXERCISE}")
    for name in ("hazard", "level", "role"):
        if getattr(entry, name) and name not in may_depend_on(key):
            reason = f"{key.value} is said without knowing a {name}: it cannot depend on one"
            document.fault(faults, (*path, name), reason)


def _variables(
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
