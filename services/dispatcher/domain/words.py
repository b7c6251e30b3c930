"""What is said and written: the pack's texts, filled with what happened where and what to do."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from schemas.cap import Status
from schemas.order import Order
from services.dispatcher.domain.asks.callout import Callout, CalloutKind
from services.dispatcher.domain.asks.grounds import in_words
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.spoken import Voice, clock, is_chinese
from services.district.domain.templates import Templates, TextKey
from services.district.domain.wording import ANYTHING, About

Asked: TypeAlias = tuple[Callout, str]
"""A callout, and the post that is asked."""


class Words:
    """
    The texts of one district pack about callouts and orders, in one language.

    What is heard has its numbers spelled out; what is read has them in figures. An exercise says so
    first, in every text that begins a step of a call or an SMS.
    """

    def __init__(self, pack: Pack, tree: PlaceTree, language: str | None = None) -> None:
        self._pack = pack
        self._tree = tree
        self._default = pack.templates
        self._own = pack.languages.get(language or "", pack.templates)
        self._to: dict[str | None, Words] = {}

    def to(self, person: str) -> "Words":
        """Return the words in the language of *person*."""
        known = self._pack.roster.people.get(person)
        language = known.language if known is not None else None
        if language not in self._to:
            self._to[language] = Words(self._pack, self._tree, language)
        return self._to[language]

    @property
    def voice(self) -> Voice:
        """Who speaks: a call is held in one language, from its first word to its last."""
        return self._spoken.voice

    @property
    def _spoken(self) -> Templates:
        return self._own if self._own.speaks else self._default

    def _texts_with(self, key: TextKey) -> Templates:
        """Return whose text *key* is; one that a language leaves out is the default's, names and all."""
        texts = self._spoken if key.is_spoken else self._own
        return texts if key in texts.texts else self._default

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
        return self._first_in_full(key, asks, time=self.time_of_day(now, key))

    def time_of_day(self, at: datetime, key: TextKey = TextKey.SMS_RECORDED) -> str:
        """Return *at* as the text *key* gives it, where the district is: 02:14, 凌晨两点十四分."""
        local = at.astimezone(ZoneInfo(self._pack.rules.timezone)).time()
        is_said = key.is_spoken and is_chinese(self._texts_with(key).language)
        return clock(local) if is_said else f"{local:%H:%M}"

    def sms(self, asks: Sequence[Asked], *, coded: bool, key: TextKey | None = None) -> str:
        """
        Return the SMS for *asks*, as `message` does; *coded* adds the sentence that holds the
        attempt's code.
        """
        (first, post), *_ = asks
        is_order = first.kind is CalloutKind.ORDER
        text = self._first_in_full(
            key or (TextKey.SMS_ORDER if is_order else TextKey.SMS_CONFIRM), asks
        )
        if not coded:
            return text
        about = self._about(first, post)
        return text + self._texts_with(TextKey.SMS_CODE).text(TextKey.SMS_CODE, about)

    def fixed(
        self, key: TextKey, callout: Callout | None = None, post: str = "", **values: str
    ) -> str:
        """Return the text *key*, about *callout* and *post* where there are such."""
        if callout is None:
            return self._texts_with(key).fill(key, ANYTHING, **{"exercise": "", **values})
        known = self._values(key, callout, post)
        about = self._about(callout, post)
        return self._texts_with(key).fill(key, about, **{**known, **values})

    def part(self, key: TextKey, **values: str) -> str:
        """Return *key*, which stands inside of another text."""
        return self._texts_with(key).fill(key, ANYTHING, **values)

    def proposed(self, order: Order, status: Status) -> str:
        """Return the SMS that tells a person that *order* waits for him."""
        texts = self._texts_with(TextKey.SMS_PROPOSED)
        return texts.fill(
            TextKey.SMS_PROPOSED,
            About(order.hazard, order.level, order.confirm),
            exercise=_exercise(texts, status),
            measure=texts.measures[order.measure],
            place=texts.named(self._tree.name(order.place)),
            target=texts.named(order.target),
            hazard=texts.hazards[order.hazard],
            level=texts.levels[order.level],
        )

    def _first_in_full(self, key: TextKey, asks: Sequence[Asked], **values: str) -> str:
        (first, post), *others = asks
        also = TextKey.VOICE_ALSO
        named: dict[str, None] = {}
        for callout, its_post in others:
            known = self._values(also, callout, its_post)
            if callout.status is first.status:
                known["exercise"] = ""  # the first has said it for all
            named[self._texts_with(also).fill(also, self._about(callout, its_post), **known)] = None
        return "".join((self.fixed(key, first, post, **values), *named))

    def _about(self, callout: Callout, post: str) -> About:
        role = self._pack.roster.posts[post].role if post else None
        return About(callout.hazard, callout.level, role)

    def _values(self, key: TextKey, callout: Callout, post: str) -> dict[str, str]:
        texts = self._texts_with(key)
        reasons = in_words(callout.grounds, texts, self._tree, spoken=key.is_spoken)
        return {
            "exercise": _exercise(texts, callout.status),
            "level": texts.levels[callout.level],
            "hazard": texts.hazards[callout.hazard],
            "place": texts.named(self._tree.name(callout.place)),
            "why": reasons or callout.why,
            "measure": texts.measures[callout.measure] if callout.measure else "",
            "target": texts.named(callout.target),
            "post": texts.named(self._pack.roster.posts[post].name) if post else "",
        }


def _exercise(texts: Templates, status: Status) -> str:
    return texts.text(TextKey.EXERCISE_PREFIX) if status is Status.EXERCISE else ""
