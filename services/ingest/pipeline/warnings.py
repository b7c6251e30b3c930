"""Messages of warning authorities to `Warning` events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.deadletter import RefusalReason
from schemas.event import Warning  # noqa: A004 - the field's own word
from schemas.ids import hash_id
from schemas.rulepack import RulePack
from services.district.domain.pack import SourceKey
from services.district.domain.place_tree import PlaceTree
from services.ingest.domain.bodies import read_json, written
from services.ingest.domain.cap_message import read_cap
from services.ingest.domain.chinese_warning import entries, read_warning
from services.ingest.domain.dedup import warning_key
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.hazard_words import HazardWords
from services.ingest.domain.key_scope import is_in_area
from services.ingest.domain.refusal import Refusal
from services.ingest.domain.shapes.fields import Reader
from services.ingest.domain.targets import DistrictAreas, targets
from services.ingest.domain.warning_draft import WarningDraft
from services.ingest.ports import EventLog, Letters, Once, whole_body
from services.runtime.clock import Clock

XML = frozenset({"application/cap+xml", "application/xml", "text/xml"})


@dataclass(frozen=True, slots=True)
class WarningsRead:
    """What became of a body of warnings, by their identifiers."""

    accepted: tuple[str, ...]
    duplicates: tuple[str, ...]
    rejected: tuple[Refusal, ...]


class WarningsPipeline:
    """Messages of warning authorities to `Warning` events."""

    def __init__(
        self, pack: RulePack, areas: DistrictAreas, words: HazardWords, log: EventLog, clock: Clock
    ) -> None:
        self._pack = pack
        self._tree = PlaceTree(pack)
        self._areas = areas
        self._words = words
        self._zone = ZoneInfo(pack.timezone)
        self._log = log
        self._clock = clock

    async def take(self, source: SourceKey, body: bytes, media_type: str) -> WarningsRead:
        """Take a CAP message or Chinese JSON. NotDurableError and RefusedError as for readings."""
        stage = "warnings"
        try:
            read = self._xml(body) if media_type in XML else self._json(body)
        except RefusedError as error:
            await self._log.append_once((), whole_body(source, stage, media_type, body, error))
            raise
        drafts: list[tuple[str, Once]] = []
        rejected = []
        for index, (found, original) in enumerate(read):
            if isinstance(found, RefusedError):
                rejected.append(Refusal(index, found.reason, found.detail, original))
                continue
            try:
                drafts.append((found.identifier, self._once(source, found)))
            except RefusedError as error:
                rejected.append(Refusal(index, error.reason, error.detail, original))
        letters = Letters(source.name, stage, media_type, tuple(rejected))
        fresh = await self._log.append_once([once for _, once in drafts], letters)
        told = list(zip(drafts, fresh, strict=True))
        return WarningsRead(
            tuple(identifier for (identifier, _), is_new in told if is_new),
            tuple(identifier for (identifier, _), is_new in told if not is_new),
            tuple(rejected),
        )

    def _xml(self, body: bytes) -> Sequence[tuple[WarningDraft | RefusedError, bytes]]:
        return [(read_cap(body, self._words, self._zone), body)]

    def _json(self, body: bytes) -> Sequence[tuple[WarningDraft | RefusedError, bytes]]:
        reader = Reader(self._words, self._zone, self._clock.now())
        found: list[tuple[WarningDraft | RefusedError, bytes]] = []
        for entry in entries(read_json(body)):
            original = written(entry)
            try:
                found.append((read_warning(entry, original.decode(), reader), original))
            except RefusedError as error:
                found.append((error, original))
        return found

    def _once(self, source: SourceKey, read: WarningDraft) -> Once:
        infos = tuple(
            info.model_copy(
                update={"targets": self._own_targets(source, targets(info, self._areas))}
            )
            for info in read.infos
        )
        key = warning_key(read.identifier, read.sender, read.sent, read.msg_type)

        def build(accepted_at: datetime) -> Warning:
            return Warning(
                district=self._pack.district,
                event_id=hash_id("warning", key),
                accepted_at=accepted_at,
                status=read.status,
                source=source.name,
                identifier=read.identifier,
                sender=read.sender,
                sent=read.sent,
                msg_type=read.msg_type,
                scope=read.scope,
                references=read.references,
                infos=infos,
                signed=read.signed,
                original=read.original,
            )

        return Once(hash_id("warning", key), build)

    def _own_targets(self, source: SourceKey, found: Sequence[str]) -> tuple[str, ...]:
        """A key of one town cannot warn another; a warning for elsewhere has no targets anyway."""
        own = tuple(code for code in found if is_in_area(source, code, self._tree))
        if found and not own:
            raise RefusedError(RefusalReason.NOT_YOUR_AREA, "the key is for another area")
        return own
