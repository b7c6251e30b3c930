"""
How long an SMS becomes with the longest names of the pack: a warning, before the carrier's bill and
the phone that shows half of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.rule import AllOf, AnyOf, Condition, MetricCondition, Rule
from services.district.check_texts import WrittenTexts
from services.district.domain.policy import Policies
from services.district.domain.roster import Roster
from services.district.domain.segments import segments
from services.district.domain.templates import (
    DEFAULT_LANGUAGE,
    MOST_NAMES,
    MOST_REASONS,
    Templates,
    TextKey,
)
from services.district.domain.wording import Variant
from services.district.faults import Faults

MOST_SEGMENTS = 2
_NUMBER = "888.88"
_HOURS = "24"
_COUNT = "888"
_CODE = "8888"
_TIME = "20:08"
_ORDERS = frozenset({TextKey.SMS_ORDER, TextKey.SMS_PROPOSED})
_CODED = frozenset(
    {TextKey.SMS_CONFIRM, TextKey.SMS_ORDER, TextKey.SMS_SECOND_CALL, TextKey.SMS_MEASURES}
)
_OPEN_ENDED = frozenset({TextKey.SMS_TROUBLE, TextKey.SMS_CODE})
"""One says what it is given, the other is counted with the texts it stands behind."""


class LongestTexts:
    """The longest of everything that stands in texts; made once for a pack."""

    def __init__(
        self, places: Iterable[str], roster: Roster, rules: Iterable[Rule], policies: Policies
    ) -> None:
        self._places = list(places)
        self._posts = list(roster.posts.values())
        self._people = [person.name for person in roster.people.values()]
        self._targets = []
        self._measured: dict[Hazard, set[tuple[Metric, bool]]] = defaultdict(set)
        for rule in rules:
            self._targets += [order.target for order in rule.orders]
            self._measured[rule.hazard] |= set(_measured(rule.when))
        self._is_coded = any(
            limits.coded
            for level in policies.levels.values()
            for limits in (level.day, level.night)
        )

    def check(self, written: WrittenTexts, faults: Faults) -> None:
        """Warn of each SMS that can take more than two parts."""
        self._check_names(written, faults)
        for key, nth, text in written.outgoing:
            if not key.value.startswith("sms.") or key in _OPEN_ENDED:
                continue
            variant = written.templates.texts[key].variants[nth]
            longest = self._filled(written.templates, key, variant, text)
            count = segments(longest)
            if count > MOST_SEGMENTS:
                reason = f"{key.value} may take {count} SMS ({len(longest)} signs): {longest}"
                written.document.warn(faults, ("texts", key.value, nth, "text"), reason)

    def _check_names(self, written: WrittenTexts, faults: Faults) -> None:
        """A Chinese name in a text of another language cannot be said, and doubles an SMS."""
        texts = written.templates
        if texts.language == DEFAULT_LANGUAGE:
            return
        used = {*self._places, *(post.name for post in self._posts), *self._targets}
        unnamed = sorted(used - texts.names.keys())
        if unnamed:
            reason = (
                f"{len(unnamed)} of {len(used)} names of places, posts and targets have none in "
                f"{texts.language} and stay as they are, such as {unnamed[0]}"
            )
            written.document.warn(faults, ("names",), reason)

    def _filled(self, texts: Templates, key: TextKey, variant: Variant, text: str) -> str:
        filled = [text.format_map(values) for values in self._values(texts, key, variant)]
        code = texts.texts.get(TextKey.SMS_CODE)
        if key in _CODED and self._is_coded and code is not None:
            tails = [one.text.format(code=_CODE) for one in code.variants]
            return _longest(filled) + _longest(tails)
        return _longest(filled)

    def _values(
        self, texts: Templates, key: TextKey, variant: Variant
    ) -> Iterable[Mapping[str, str]]:
        """Yield what may stand in it: a response has reasons and no measure; an order a measure."""
        posts = [p for p in self._posts if p.role in variant.roles or not variant.roles]
        names = self._in(texts, (post.name for post in posts))
        level = _longest(texts.levels[one] for one in variant.levels or Level)
        place = _longest(self._in(texts, self._places))
        always = {
            "exercise": "",
            "place": place,
            "level": level,
            "post": _longest(names),
            "count": _COUNT,
            "time": _TIME,
            "names": "、".join(sorted(names, key=len)[-MOST_NAMES:])
            if key is TextKey.SMS_NOT_WOKEN
            else _longest(self._people),
        }
        measure = _longest(texts.measures.values())
        target = _longest(self._in(texts, self._targets))
        for hazard in variant.hazards or Hazard:
            of_it = {**always, "hazard": texts.hazards[hazard]}
            yield {**of_it, "measure": measure, "target": target, "why": ""}
            if key not in _ORDERS:
                why = self._why(texts, hazard, place, level)
                yield {**of_it, "measure": "", "target": "", "why": why}

    def _in(self, texts: Templates, names: Iterable[str]) -> list[str]:
        """Return *names* as *texts* call them; those without one there are warned of by themselves."""
        is_default = texts.language == DEFAULT_LANGUAGE
        return [texts.named(name) for name in names if is_default or name in texts.names]

    def _why(self, texts: Templates, hazard: Hazard, place: str, level: str) -> str:
        span = texts.fill(TextKey.REASON_HOURS, value=_HOURS)
        reasons = [
            texts.fill(TextKey.REASON_WARNING, hazard=texts.hazards[hazard], level=level),
            *(
                texts.fill(
                    TextKey.REASON_MEASURED,
                    place=place,
                    span=span if has_window else "",
                    measured=texts.metrics[metric].format(value=_NUMBER),
                )
                for metric, has_window in self._measured[hazard]
            ),
        ]
        worst = sorted(reasons, key=len)[-MOST_REASONS:]
        return texts.fill(TextKey.REASON_BETWEEN).join(worst)


def _measured(condition: Condition) -> Iterator[tuple[Metric, bool]]:
    """Yield each metric that *condition* asks for, and whether it is told with a window."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            yield from _measured(part)
    elif isinstance(condition, MetricCondition):
        yield condition.metric, condition.window is not None


def _longest(texts: Iterable[str]) -> str:
    return max(texts, key=len, default="")
