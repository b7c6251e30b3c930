"""What is said and written: the pack's texts, filled with what happened where and what to do."""

from collections.abc import Iterable, Sequence

from schemas.cap import Status
from schemas.metric import SCALE
from schemas.order import Order
from schemas.reason import Reason, ReasonCode
from services.dispatcher.domain.callout import Callout, CalloutKind
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.templates import TextKey


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

    def message(self, asks: Sequence[tuple[Callout, str]]) -> str:
        """
        Return what a call says of *asks*, (callout, post) pairs with the highest level first: the
        first in full, the others named (D.2.1.7).
        """
        (first, post), *others = asks
        key = TextKey.VOICE_ORDER if first.kind is CalloutKind.ORDER else TextKey.VOICE_CONFIRM
        parts = [self._pack.templates.fill(key, **self._values(first, post))]
        named = {
            self._pack.templates.fill(TextKey.VOICE_ALSO, **self._values(callout)): None
            for callout, _ in others
        }
        return "".join([*parts, *named])

    def fixed(self, key: TextKey, callout: Callout | None = None, **values: str) -> str:
        """Return the text *key*, about *callout* where there is one."""
        known = self._values(callout) if callout is not None else {"exercise": ""}
        return self._pack.templates.fill(key, **{**known, **values})

    def sms(self, asks: Sequence[tuple[Callout, str]], *, coded: bool) -> str:
        """Return the SMS for *asks*; *coded* adds the sentence that holds the attempt's code."""
        (first, post), *others = asks
        key = TextKey.SMS_ORDER if first.kind is CalloutKind.ORDER else TextKey.SMS_CONFIRM
        parts = [self._pack.templates.fill(key, **self._values(first, post))]
        parts += {
            self._pack.templates.fill(TextKey.VOICE_ALSO, **self._values(callout)): None
            for callout, _ in others
        }
        if coded:
            parts.append(self._pack.templates.texts[TextKey.SMS_CODE])
        return "".join(parts)

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
