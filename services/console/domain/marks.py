"""The map's marks: every place and point with a position, and the worst that is in force there."""

from collections.abc import Iterable

from schemas.decision import ResponseChanged
from schemas.order import OrderState
from services.console.domain.dead_channels import DeadChannel
from services.console.domain.names import CHANNELS, Names
from services.console.domain.tracks import Tracks
from services.console.domain.views.responses import PlaceMark
from services.district.domain.pack import Pack


def marks(pack: Pack, names: Names, tracks: Tracks, dead: Iterable[DeadChannel]) -> list[PlaceMark]:
    """Return the marks. What is in force in a town is shown at the town, not at each village."""
    worst: dict[str, ResponseChanged] = {}
    for (place, _), response in tracks.responses.items():
        known = worst.get(place)
        level = response.decision.response_level
        if level is not None and (known is None or level > (known.response_level or 0)):
            worst[place] = response.decision
    orders: dict[str, list[str]] = {}
    for track in tracks.orders.values():
        order = track.order
        if order.state is OrderState.IN_FORCE:
            word = f"{names.measure(order.measure)} O{order.number}"
            orders.setdefault(order.place, []).append(word)
    cut_off: dict[str, list[str]] = {}
    for one in dead:
        cut_off.setdefault(one.place, []).append(CHANNELS.get(one.channel, one.channel))
    positions = [(one.code, one.position) for one in pack.rules.places]
    positions += [(one.point_id, one.position) for one in pack.rules.points]
    found = []
    for key, position in positions:
        if position is None:
            continue
        decision = worst.get(key)
        found.append(
            PlaceMark(
                place=key,
                name=names.place(key),
                kind=names.kind(key),
                lat=position.lat,
                lon=position.lon,
                level=decision.response_level if decision is not None else None,
                hazard_name=names.hazard(decision.hazard) if decision is not None else "",
                orders=tuple(orders.get(key, ())),
                dead=tuple(cut_off.get(key, ())),
            )
        )
    return found
