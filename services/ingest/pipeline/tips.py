"""
What happens to a tip: parsed, located, its caller put away, then published.

The caller's identity is durable before the tip is: a token must never stand for nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.cap import Status
from schemas.deadletter import RefusalReason
from schemas.event import Tip
from schemas.ids import hash_id
from schemas.place import Place
from schemas.rulepack import RulePack
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.district.domain.pack import SourceKey
from services.district.domain.place_tree import PlaceTree
from services.ingest.domain.bodies import read_json
from services.ingest.domain.dedup import tip_key
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.key_scope import is_in_area
from services.ingest.domain.place_names import PlaceFound, PlaceNames
from services.ingest.domain.refusal import Refusal
from services.ingest.domain.tip import TipTold, locate, read_tip
from services.ingest.domain.tip_words import TipWords
from services.ingest.ports import CallerVault, EventLog, Letters, Once
from services.runtime.clock import Clock

SEALED = "application/vnd.jiaoying.sealed"
"""A refused tip is kept whole but encrypted: nobody knows what in it names its caller."""


@dataclass(frozen=True, slots=True)
class TipRead:
    """A tip that was taken. *candidates* is None when its place is certain."""

    tip_id: str
    candidates: tuple[Place, ...] | None = None


class TipPipeline:
    """Reports to the hotline to `Tip` events."""

    def __init__(
        self, pack: RulePack, words: TipWords, log: EventLog, vault: CallerVault, clock: Clock
    ) -> None:
        self._district = pack.district
        self._tree = PlaceTree(pack)
        self._names = PlaceNames(pack.places)
        self._by_code = {place.code: place for place in pack.places}
        self._located = _located(pack, self._by_code)
        self._zone = ZoneInfo(pack.timezone)
        self._words = words
        self._log = log
        self._vault = vault
        self._clock = clock

    async def take(self, source: SourceKey, body: bytes) -> TipRead:
        """Take one tip. NotDurableError as for readings; RefusedError after it was kept, sealed."""
        try:
            told = read_tip(read_json(body), self._zone)
            return await self._take(source, told)
        except RefusedError as error:
            refusal = Refusal(0, error.reason, error.detail, self._vault.seal(body))
            await self._log.append_once((), Letters(source.name, "tips", SEALED, (refusal,)))
            raise

    async def _take(self, source: SourceKey, told: TipTold) -> TipRead:
        earlier = await self._earlier(source, told)
        found = self._locate(source, told, earlier)
        if earlier is not None and found.place is None:
            if told.code is not None:
                raise RefusedError(RefusalReason.UNKNOWN_PLACE, "no place here has this code")
            return TipRead(earlier.tip_id, None if earlier.place else found.candidates)
        token = None
        if told.caller is not None:
            token = self._vault.token(told.caller)
            await self._vault.store(told.caller, self._clock.now())
        tip = self._tip(source, told, found.place, token)
        if earlier is not None:
            tip = _amended(earlier, tip, told)
        await self._log.append_once([self._once(source, tip)], Letters(source.name, "tips", ""))
        certain = tip.place is not None
        return TipRead(tip.tip_id, None if certain else found.candidates)

    async def _earlier(self, source: SourceKey, told: TipTold) -> Tip | None:
        if told.tip_id is None:
            return None
        kept = await self._log.kept(_kept_name(source, told.tip_id))
        if kept is not None:
            earlier = decode(Topic.EVENTS, kept)
            return earlier if isinstance(earlier, Tip) else None
        if told.text and told.occurred_at is not None:
            return None
        raise RefusedError(RefusalReason.UNKNOWN_TIP, "no tip of this key has this id")

    def _locate(self, source: SourceKey, told: TipTold, earlier: Tip | None) -> PlaceFound:
        if earlier is not None and not told.text:
            told = replace(told, text=earlier.text)
        found = locate(told, self._names, self._by_code, self._located)
        if found.place is not None and not is_in_area(source, found.place.code, self._tree):
            raise RefusedError(RefusalReason.NOT_YOUR_AREA, "the key is for another area")
        return found

    def _tip(self, source: SourceKey, told: TipTold, place: Place | None, token: str | None) -> Tip:
        heard_at = self._clock.now()
        occurred_at = told.occurred_at or heard_at
        said = f"{told.where} {told.text}".strip()
        tip_id = told.tip_id or hash_id(
            "tip", source.name, said, occurred_at.isoformat(), token, told.code
        )
        return Tip(
            district=self._district,
            event_id="",
            accepted_at=heard_at,
            status=Status.EXERCISE if told.exercise else Status.ACTUAL,
            source=source.name,
            tip_id=tip_id,
            text=said,
            occurred_at=occurred_at,
            tip_class=self._words.class_of(said),
            hazard=self._words.hazard_of(said),
            place=place.code if place is not None else None,
            position=told.position,
            caller=token,
        )

    def _once(self, source: SourceKey, tip: Tip) -> Once:
        key = f"{source.name}|{tip_key(tip.tip_id, tip.place)}"
        whole = tip.model_copy(update={"event_id": hash_id("tip", key)})

        def build(accepted_at: datetime) -> Tip:
            return whole.model_copy(update={"accepted_at": accepted_at})

        return Once(
            hash_id("tip", key), build, keep=(_kept_name(source, tip.tip_id), encode(whole))
        )


def _amended(earlier: Tip, again: Tip, told: TipTold) -> Tip:
    """What was told the second time, over the first: usually nothing but the place."""
    changes: dict[str, object] = {"place": again.place}
    if told.text:
        changes |= {"text": again.text, "tip_class": again.tip_class, "hazard": again.hazard}
    if told.position is not None:
        changes["position"] = told.position
    if again.caller is not None:
        changes["caller"] = again.caller
    return earlier.model_copy(update=changes)


def _kept_name(source: SourceKey, tip_id: str) -> str:
    return hash_id("kept", source.name, tip_id)


def _located(pack: RulePack, by_code: dict[str, Place]) -> Sequence[Place]:
    """The places with a position: their own, and the place of each registered point at its."""
    known = [
        place
        for place in pack.places
        if place.position is not None and place.code != pack.district.ljust(12, "0")
    ]
    known += [
        by_code[point.place].model_copy(update={"position": point.position})
        for point in pack.points
        if point.position is not None and point.place in by_code
    ]
    return known
