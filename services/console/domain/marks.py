"""The map's marks: every place and point with a position, and the worst that is in force there."""

from schemas.decision import ResponseChanged
from schemas.order import OrderState
from services.console.domain.names import Names
from services.console.domain.tracks import Tracks
from services.console.domain.views.responses import PlaceMark
from services.district.domain.pack import Pack


def marks(pack: Pack, names: Names, tracks: Tracks) -> list[PlaceMark]:
    """Return the marks. What is in force in a town is shown at the town, not at each village."""
    worst: dict[str, ResponseChanged] = {}
    for (place, _), track in tracks.responses.items():
        known = worst.get(place)
        level = track.decision.response_level
        if level is not None and (known is None or level > (known.response_level or 0)):
            worst[place] = track.decision
    orders: dict[str, list[str]] = {}
    for one in tracks.orders.values():
        if one.order.state is OrderState.IN_FORCE:
            word = f"{names.measure(one.order.measure)} O{one.order.number}"
            orders.setdefault(one.order.place, []).append(word)
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
            )
        )
    return found
