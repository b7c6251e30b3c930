"""
Which places of the district a text names. Names repeat: what is not certain is asked, not guessed.

Villages are found by their official form ("石桥社区") anywhere, and without ending only where
their town stands right before; towns also without ending ("弹子石").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.place import Place, PlaceLevel
from services.ingest.domain.place_forms import bare_form, official_form

MOST_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """
    What a text said about its place.

    Exactly one *place*, or none and the *candidates* it may be; both empty when it names nothing
    of ours.
    """

    place: Place | None = None
    candidates: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    places: tuple[Place, ...]

    @property
    def key(self) -> frozenset[str]:
        return frozenset(place.code for place in self.places)


class PlaceNames:
    """The names of one district's places, made once; *places* are those of its pack."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._by_code = {place.code: place for place in places}
        self._villages: dict[str, list[Place]] = {}
        self._towns: dict[str, list[Place]] = {}
        for place in places:
            if place.level in {PlaceLevel.VILLAGE, PlaceLevel.GRID}:
                self._villages.setdefault(official_form(place), []).append(place)
            elif place.level is PlaceLevel.TOWN:
                for form in {official_form(place), bare_form(place) or official_form(place)}:
                    self._towns.setdefault(form, []).append(place)

    def find(self, text: str) -> PlaceFound:
        """Return the place *text* names, or what it may be."""
        villages = _mentions(text, self._villages)
        taken = [(mention.start, mention.end) for mention in villages]
        towns = [
            mention
            for mention in _mentions(text, self._towns)
            if not any(start < mention.end and mention.start < end for start, end in taken)
        ]
        towns = _without_weak(towns)
        if not villages:
            villages = self._bare_villages(text, towns)
        named_towns = {code for mention in towns for code in mention.key}
        if villages:
            return _settled(self._in_towns(mention, named_towns) for mention in villages)
        return _settled(mention.places for mention in towns)

    def towns_in(self, text: str) -> tuple[Place, ...]:
        """Return the towns whose official name *text* holds, each once."""
        mentions = _mentions(text, self._towns)
        official = (
            place
            for mention in mentions
            for place in mention.places
            if text[mention.start : mention.end] == official_form(place)
        )
        return tuple({place.code: place for place in official}.values())

    def exactly(self, name: str) -> tuple[Place, ...]:
        """Return the towns and villages officially called *name*."""
        towns = [p for p in self._towns.get(name, ()) if official_form(p) == name]
        return (*towns, *self._villages.get(name, ()))

    def _in_towns(self, mention: _Mention, towns: set[str]) -> tuple[Place, ...]:
        inside = tuple(p for p in mention.places if p.parent in towns or self._above(p) & towns)
        return inside or mention.places

    def _above(self, place: Place) -> set[str]:
        parent = self._by_code.get(place.parent or "")
        return {parent.parent} if parent is not None and parent.parent else set()

    def _bare_villages(self, text: str, towns: list[_Mention]) -> list[_Mention]:
        found = []
        for town in towns:
            rest = text[town.end :]
            inside = [
                village
                for listed in self._villages.values()
                for village in listed
                if village.parent in town.key
                and (bare := bare_form(village)) is not None
                and rest.startswith(bare)
            ]
            if inside:
                longest = max(len(bare_form(village) or "") for village in inside)
                kept = tuple(v for v in inside if len(bare_form(v) or "") == longest)
                found.append(_Mention(town.end, town.end + longest, kept))
        return found


def _mentions(text: str, names: dict[str, list[Place]]) -> list[_Mention]:
    """The longest name at each stretch of *text*; a name inside a longer one is not meant."""
    every = [
        _Mention(start, start + len(name), tuple(places))
        for name, places in names.items()
        for start in _starts(text, name)
    ]
    every.sort(key=lambda mention: (mention.start - mention.end, mention.start))
    kept: list[_Mention] = []
    for mention in every:
        if not any(other.start < mention.end and mention.start < other.end for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.start)


def _starts(text: str, name: str) -> Iterable[int]:
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _without_weak(towns: list[_Mention]) -> list[_Mention]:
    """A town said in full settles what one said in short ("南坪") may be."""
    settled = {code for mention in towns if len(mention.places) == 1 for code in mention.key}
    return [m for m in towns if len(m.places) == 1 or not m.key & settled]


def _settled(mentions: Iterable[Sequence[Place]]) -> PlaceFound:
    places = tuple({place.code: place for found in mentions for place in found}.values())
    if len(places) == 1:
        return PlaceFound(place=places[0])
    return PlaceFound(candidates=places[:MOST_CANDIDATES])
