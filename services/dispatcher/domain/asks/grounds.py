"""The measured reasons of a decision in words: why somebody is called, in his language."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from schemas.metric import SCALE
from schemas.reason import Reason, ReasonCode
from services.district.domain.place_tree import PlaceTree
from services.district.domain.spoken import is_chinese, percentage, quantity
from services.district.domain.spoken import number as said_number
from services.district.domain.templates import MOST_REASONS, Templates, TextKey

_VALUE = "{value}"
_PER_CENT = "{value}%"
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def grounds_of(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return those of *reasons* that people are told, the worst first, the same thing once."""
    told: dict[tuple[object, ...], Reason] = {}
    for reason in sorted(reasons, key=lambda reason: -(reason.level or 0)):
        if reason.code is ReasonCode.RULE and reason.metric and reason.observed is not None:
            what: tuple[object, ...] = (reason.place, reason.metric, reason.observed, reason.window)
        elif reason.code is ReasonCode.WARNING and reason.hazard and reason.level:
            what = (reason.hazard, reason.level)
        else:
            continue
        # The events are on record with the decision; here they would only be carried along.
        told.setdefault(what, reason.model_copy(update={"event_ids": ()}))
    return tuple(told.values())[:MOST_REASONS]


def in_words(
    grounds: Sequence[Reason], texts: Templates, tree: PlaceTree, *, spoken: bool = False
) -> str:
    """Return *grounds* in the language of *texts*; *spoken* spells the numbers out to be heard."""
    aloud = spoken and is_chinese(texts.language)
    said = (_one(reason, texts, tree, aloud=aloud) for reason in grounds)
    return texts.fill(TextKey.REASON_BETWEEN).join(said)


def written(thousandths: int) -> str:
    """Return a value in thousandths as a person writes it: 58, 180.52."""
    whole, rest = divmod(abs(thousandths), SCALE)
    text = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if thousandths < 0 else text


def _one(reason: Reason, texts: Templates, tree: PlaceTree, *, aloud: bool) -> str:
    if reason.metric is not None and reason.observed is not None:
        said = texts.fill(
            TextKey.REASON_MEASURED,
            place=texts.named(tree.name(reason.place)),
            span=_span(reason.window, texts, aloud=aloud),
            measured=_with(texts.metrics[reason.metric], reason.observed, aloud=aloud),
        )
        return said.strip()  # without a span, a language with spaces has one to spare
    hazard, level = reason.hazard, reason.level
    return texts.fill(
        TextKey.REASON_WARNING,
        hazard=texts.hazards[hazard] if hazard else "",
        level=texts.levels[level] if level else "",
    )


def _span(window: timedelta | None, texts: Templates, *, aloud: bool) -> str:
    if window is None:
        return ""
    whole_hours = not window % _HOUR
    unit, key = (_HOUR, TextKey.REASON_HOURS) if whole_hours else (_MINUTE, TextKey.REASON_MINUTES)
    return _with(texts.text(key), round(window / unit * SCALE), aloud=aloud)


def _with(text: str, thousandths: int, *, aloud: bool) -> str:
    """Return *text* with the number where it belongs; 2 is 两 only before what it measures."""
    if not aloud:
        return text.format(value=written(thousandths))
    if _PER_CENT in text:
        return text.replace(_PER_CENT, percentage(thousandths))
    counts = text.partition(_VALUE)[2][:1].isalpha()
    return text.format(value=(quantity if counts else said_number)(thousandths))
