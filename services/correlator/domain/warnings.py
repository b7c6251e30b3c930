"""
Warnings in force: by identifier, followed through Update and Cancel, and counted as stale after
their time until one of these comes (domain.md D.0.3).
"""

from dataclasses import dataclass, replace
from typing import Any

from schemas.cap import MsgType
from schemas.event import Warning as WarningEvent
from schemas.event import WarningInfo
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.reason import Reason, ReasonCode
from schemas.rule import WarningCondition
from services.correlator.domain.grading import Grading, Gradings
from services.correlator.domain.instants import span_us, to_us
from services.correlator.domain.leaf import Leaf
from services.correlator.domain.scene import Key, Scene
from services.correlator.domain.timers import TimerId


@dataclass(frozen=True, slots=True)
class Standing:
    """What one message says about one hazard: languages and repeats are merged, the worst counts."""

    identifier: str
    event_id: str
    sender: str
    hazard: Hazard
    level: Level
    targets: tuple[str, ...]
    expires_us: int
    is_stale: bool = False

    @property
    def timer(self) -> TimerId:
        """The timer of its end."""
        return ("warning", self.identifier, self.hazard.value)


class Warnings:
    """The warnings of a district, and the rules that ask about them."""

    def __init__(self, scene: Scene, gradings: Gradings) -> None:
        self._scene = scene
        self._gradings = gradings
        self._standing: dict[tuple[str, Hazard], Standing] = {}
        self._known: set[str] = set()
        self._replaced: set[str] = set()
        self._asking: list[tuple[Grading, Leaf, WarningCondition]] = []

    def ask(self, grading: Grading, leaf: Leaf, condition: WarningCondition) -> None:
        """Let a condition of a rule be asked whenever a warning comes or goes."""
        self._asking.append((grading, leaf, condition))

    def read(self, event: WarningEvent) -> None:
        """Take in a message. Ack and Error move nothing; neither does one that is known."""
        if event.msg_type in {MsgType.ACK, MsgType.ERROR} or event.event_id in self._known:
            return
        self._known.add(event.event_id)  # identifiers are used again by some authorities
        changed = set()
        if event.msg_type is not MsgType.ALERT:
            self._replaced.update(event.references)
            for standing in self._meant_by(event):
                changed.add(standing.hazard)
                self._end(standing, event)
        if event.msg_type is not MsgType.CANCEL and event.identifier not in self._replaced:
            for standing in self._said_by(event):
                self._standing[standing.identifier, standing.hazard] = standing
                self._scene.timers.set(standing.timer, standing.expires_us)
                changed.add(standing.hazard)
                self._touch(standing)
        self._reconsider(changed)

    def _meant_by(self, event: WarningEvent) -> list[Standing]:
        """
        Return what an Update or Cancel refers to.

        One without references means what its sender has said about the same hazards, for towns
        it names itself.
        """
        if event.references:
            return [
                self._standing[at] for at in sorted(self._standing) if at[0] in event.references
            ]
        found = []
        for at in sorted(self._standing):
            standing = self._standing[at]
            towns = {
                town
                for info in event.infos
                if info.hazard is standing.hazard
                for town in self._towns(info.targets)
            }
            if standing.sender == event.sender and towns.issuperset(self._towns(standing.targets)):
                found.append(standing)
        return found

    def _said_by(self, event: WarningEvent) -> list[Standing]:
        said: dict[Hazard, Standing] = {}
        for info in event.infos:
            standing = self._read_info(event, info)
            if standing is None or standing.expires_us <= self._scene.now_us:
                continue
            known = said.get(info.hazard)
            if known is not None:
                standing = replace(
                    standing,
                    level=max(standing.level, known.level),
                    targets=tuple(sorted({*standing.targets, *known.targets})),
                    expires_us=max(standing.expires_us, known.expires_us),
                )
            said[info.hazard] = standing
        return [said[hazard] for hazard in sorted(said)]

    def _read_info(self, event: WarningEvent, info: WarningInfo) -> Standing | None:
        if info.warning_level is None or not info.targets:
            return None
        pack = self._scene.pack
        validity = pack.warning_validity.get(info.hazard, pack.warning_validity_default)
        begins_us = to_us(info.effective or event.sent)
        return Standing(
            identifier=event.identifier,
            event_id=event.event_id,
            sender=event.sender,
            hazard=info.hazard,
            level=info.warning_level,
            targets=tuple(sorted(set(info.targets))),
            expires_us=begins_us + span_us(validity)
            if info.expires is None
            else to_us(info.expires),
        )

    def _end(self, standing: Standing, event: WarningEvent) -> None:
        del self._standing[standing.identifier, standing.hazard]
        self._scene.timers.cancel(standing.timer)
        for key in self._keys(standing):
            ended = self._reason(standing, key).model_copy(
                update={"code": ReasonCode.WARNING_ENDED, "event_ids": (event.event_id,)}
            )
            self._scene.ended.setdefault(key, []).append(ended)
        self._touch(standing)

    def time_came(self, timer: TimerId) -> None:
        """The time of a warning is over: it still counts, as stale, until it is taken back."""
        at = timer[1], Hazard(timer[2])
        self._standing[at] = replace(self._standing[at], is_stale=True)
        self._touch(self._standing[at])

    def in_force(self, key: Key) -> list[Standing]:
        """Return what is in force for a town (for anything smaller: nothing) and a hazard."""
        place, hazard = key
        return [
            standing
            for at, standing in sorted(self._standing.items())
            if at[1] is hazard and place in self._towns(standing.targets)
        ]

    def reasons_at(self, key: Key) -> list[Reason]:
        """Return the warnings of the highest level in force as reasons."""
        standing = self.in_force(key)
        worst = max((one.level for one in standing), default=None)
        return [self._reason(one, key) for one in standing if one.level is worst]

    def _reason(self, standing: Standing, key: Key) -> Reason:
        return Reason(
            code=ReasonCode.WARNING_STALE if standing.is_stale else ReasonCode.WARNING,
            place=key[0],
            hazard=standing.hazard,
            level=standing.level,
            event_ids=(standing.event_id,),
        )

    def _towns(self, targets: tuple[str, ...]) -> set[str]:
        return {town for target in targets for town in self._scene.register.towns_at(target)}

    def _keys(self, standing: Standing) -> list[Key]:
        return [(town, standing.hazard) for town in sorted(self._towns(standing.targets))]

    def _touch(self, standing: Standing) -> None:
        for key in self._keys(standing):
            self._scene.touch(key)

    def _reconsider(self, hazards: set[Hazard]) -> None:
        for grading, leaf, condition in self._asking:
            if condition.hazard in hazards:
                self._answer(grading, leaf, condition)

    def _answer(self, grading: Grading, leaf: Leaf, condition: WarningCondition) -> None:
        levels = {colour.level for colour in condition.colours}
        found = [
            standing
            for standing in self.in_force((grading.town, condition.hazard))
            if standing.level in levels
        ]
        if found:
            leaf.kept = len(found), tuple(sorted({standing.event_id for standing in found}))
        if leaf.turn(met=bool(found)):
            self._gradings.evaluate(grading)

    def begin(self, earlier: "Warnings | None") -> None:
        """Start under a new pack, with the warnings in force under the one before."""
        if earlier is not None:
            self._standing = earlier._standing  # noqa: SLF001 - its own kind
            self._known, self._replaced = earlier._known, earlier._replaced  # noqa: SLF001 - as above
        for standing in self._standing.values():
            self._touch(standing)
        self._reconsider({condition.hazard for _, _, condition in self._asking})

    def dump(self) -> dict[str, Any]:
        """Return the warnings in force, and the identifiers that have been read or taken back."""
        return {
            "known": sorted(self._known),
            "replaced": sorted(self._replaced),
            "standing": [
                [
                    one.identifier,
                    one.event_id,
                    one.sender,
                    one.hazard.value,
                    int(one.level),
                    list(one.targets),
                    one.expires_us,
                    one.is_stale,
                ]
                for _, one in sorted(self._standing.items())
            ],
        }

    def load(self, dumped: dict[str, Any]) -> None:
        """Take over what `dump` returned."""
        self._known, self._replaced = set(dumped["known"]), set(dumped["replaced"])
        for identifier, event_id, sender, hazard, level, targets, *end in dumped["standing"]:
            self._standing[identifier, Hazard(hazard)] = Standing(
                identifier, event_id, sender, Hazard(hazard), Level(level), tuple(targets), *end
            )
