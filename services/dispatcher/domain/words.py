"""What is said and written: the pack's texts, filled with what happened where and what to do."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from schemas.cap import Status
from schemas.metric import SCALE
from schemas.order import Order
from schemas.reason import Reason, ReasonCode
from services.dispatcher.domain.callout import Callout, CalloutKind
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.templates import TextKey

Asked: TypeAlias = tuple[Callout, str]
"""A callout, and the post that is asked."""


def spoken_number(thousandths: int) -> str:
    """Return a value in thousandths as a person writes it: 58, 180.52."""
    whole, rest = divmod(abs(thousandths), SCALE)
    text = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if thousandths < 0 else text


def why(pack: Pack, tree: PlaceTree, reasons: Iterable[Reason]) -> str:
    """Return the measured reasons of a decision in words, worst first; empty when there are none."""
    said: dict[str, None] = {}
    worst_first = sorted(reasons, key=lambda reason: -(reason.level or 0))
    for reason in worst_first:
        if reason.code is ReasonCode.RULE and reason.metric and reason.observed is not None:
            text = pack.templates.metrics[reason.metric].format(
                value=spoken_number(reason.observed)
            )
            hours = (
                f"{spoken_number(int(reason.window.total_seconds() / 3.6))}小时"
                if (reason.window)
                else ""
            )
            said[f"{tree.name(reason.place)}{hours}{text}"] = None
        elif reason.code is ReasonCode.WARNING and reason.hazard and reason.level:
            hazard = pack.templates.hazards[reason.hazard]
            said[f"{hazard}{pack.templates.levels[reason.level]}预警"] = None
    return "，".join(list(said)[:2])


class Words:
    """The texts of one district pack about callouts and orders."""

    def __init__(self, pack: Pack, tree: PlaceTree) -> None:
        self._pack = pack
        self._tree = tree

    def _values(self, callout: Callout, post: str = "") -> dict[str, str]:
        texts = self._pack.templates
        return {
            "exercise": self._exercise(callout.status),
            "level": texts.levels[callout.level],
            "hazard": texts.hazards[callout.hazard],
            "place": self._tree.name(callout.place),
            "why": callout.why,
            "measure": texts.measures[callout.measure] if callout.measure else "",
            "target": callout.target,
            "post": self._pack.roster.posts[post].name if post else "",
        }

    def _exercise(self, status: Status) -> str:
        is_exercise = status is Status.EXERCISE
        return self._pack.templates.texts[TextKey.EXERCISE_PREFIX] if is_exercise else ""

    def message(self, asks: Sequence[Asked], key: TextKey | None = None) -> str:
        """
        Return what a call says of *asks*, the highest level first: the first in full, the others
        named (D.2.1.7). *key* is the text of the first; left out, the one that asks to confirm.
        """
        (first, _), *_ = asks
        is_order = first.kind is CalloutKind.ORDER
        return self._first_in_full(
            key or (TextKey.VOICE_ORDER if is_order else TextKey.VOICE_CONFIRM), asks
        )

    def read_back(
        self, asks: Sequence[Asked], now: datetime, key: TextKey = TextKey.VOICE_RECORDED
    ) -> str:
        """Return what was recorded of *asks* at *now*, in the district's own time."""
        return self._first_in_full(key, asks, time=self.time_of_day(now))

    def time_of_day(self, at: datetime) -> str:
        """Return *at* as a clock shows it in the district: 02:14."""
        return f"{at.astimezone(ZoneInfo(self._pack.rules.timezone)):%H:%M}"

    def _first_in_full(self, key: TextKey, asks: Sequence[Asked], **values: str) -> str:
        (first, post), *others = asks
        texts = self._pack.templates
        named = dict.fromkeys(
            texts.fill(TextKey.VOICE_ALSO, **self._values(callout)) for callout, _ in others
        )
        return "".join((texts.fill(key, **self._values(first, post), **values), *named))

    def fixed(
        self, key: TextKey, callout: Callout | None = None, post: str = "", **values: str
    ) -> str:
        """Return the text *key*, about *callout* and *post* where there are such."""
        known = self._values(callout, post) if callout is not None else {"exercise": ""}
        return self._pack.templates.fill(key, **{**known, **values})

    def sms(self, asks: Sequence[Asked], *, coded: bool, key: TextKey | None = None) -> str:
        """
        Return the SMS for *asks*, as `message` does; *coded* adds the sentence that holds the
        attempt's code.
        """
        (first, _), *_ = asks
        is_order = first.kind is CalloutKind.ORDER
        text = self._first_in_full(
            key or (TextKey.SMS_ORDER if is_order else TextKey.SMS_CONFIRM), asks
        )
        return text + self._pack.templates.texts[TextKey.SMS_CODE] if coded else text

    def proposed(self, order: Order, status: Status) -> str:
        """Return the SMS that tells a person that *order* waits for him."""
        texts = self._pack.templates
        return texts.fill(
            TextKey.SMS_PROPOSED,
            exercise=self._exercise(status),
            measure=texts.measures[order.measure],
            place=self._tree.name(order.place),
            target=order.target,
            hazard=texts.hazards[order.hazard],
            level=texts.levels[order.level],
        )
