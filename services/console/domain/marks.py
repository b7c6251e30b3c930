"""The map's marks: every place and point with a position, and the worst that is in force there."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from schemas.decision import ResponseChanged
from schemas.order import OrderState
from services.console.domain.dead_channels import DeadChannel
from services.console.domain.names import CHANNELS, Names
from services.console.domain.tracks import Tracks
from services.console.domain.views.responses import PlaceMark
from services.district.domain.pack import Pack


class Marks:
    """Made once for a pack. A mark is the same object for as long as it tells the same."""

    def __init__(self, pack: Pack, names: Names) -> None:
        self._names = names
        positions = [(one.code, one.position) for one in pack.rules.places]
        positions += [(one.point_id, one.position) for one in pack.rules.points]
        self._quiet = {
            key: PlaceMark(
                place=key,
                name=names.place(key),
                kind=names.kind(key),
                lat=position.lat,
                lon=position.lon,
                level=None,
            )
            for key, position in positions
            if position is not None
        }
        self._told: dict[str, PlaceMark] = {}

    def of(self, tracks: Tracks, dead: Iterable[DeadChannel]) -> list[PlaceMark]:
        """Return the marks. What is in force in a town is shown at the town, not at each village."""
        worst, orders, cut_off = _worst(tracks), self._orders(tracks), _cut_off(dead)
        return [
            self._mark(quiet, worst.get(place), orders.get(place, ()), cut_off.get(place, ()))
            if place in worst or place in orders or place in cut_off
            else quiet
            for place, quiet in self._quiet.items()
        ]

    def _mark(
        self,
        quiet: PlaceMark,
        decision: ResponseChanged | None,
        orders: Sequence[str],
        dead: Sequence[str],
    ) -> PlaceMark:
        level = decision.response_level if decision is not None else None
        hazard = self._names.hazard(decision.hazard) if decision is not None else ""
        known = self._told.get(quiet.place, quiet)
        tells = known.level, known.hazard_name, known.orders, known.dead
        if tells != (level, hazard, tuple(orders), tuple(dead)):
            known = replace(
                quiet, level=level, hazard_name=hazard, orders=tuple(orders), dead=tuple(dead)
            )
            self._told[quiet.place] = known
        return known

    def _orders(self, tracks: Tracks) -> dict[str, list[str]]:
        orders: dict[str, list[str]] = {}
        for track in tracks.orders.values():
            order = track.order
            if order.state is OrderState.IN_FORCE:
                word = f"{self._names.measure(order.measure)} O{order.number}"
                orders.setdefault(order.place, []).append(word)
        return orders


def _worst(tracks: Tracks) -> dict[str, ResponseChanged]:
    worst: dict[str, ResponseChanged] = {}
    for (place, _), response in tracks.responses.items():
        known = worst.get(place)
        level = response.decision.response_level
        if level is not None and (known is None or level > (known.response_level or 0)):
            worst[place] = response.decision
    return worst


def _cut_off(dead: Iterable[DeadChannel]) -> dict[str, list[str]]:
    cut_off: dict[str, list[str]] = {}
    for one in dead:
        cut_off.setdefault(one.place, []).append(CHANNELS.get(one.channel, one.channel))
    return cut_off
