"""The board's parts, one after the other; the two largest only when what they tell has changed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas.cap import Status
from services.console.domain.alike import alike
from services.console.domain.district_map import DistrictMap
from services.console.domain.views.board import BoardView
from services.console.entrypoints.page import PageKit

_BY_STATES = ("orders", "map", "happenings", "callouts", "waiting", "warnings", "status")


class BoardParts:
    """`Parts` of the channel `board`; *outline* is the district's GeoJSON."""

    def __init__(self, kit: PageKit, outline: Mapping[str, Any] | None) -> None:
        self._kit = kit
        self._situation = kit.situation
        self._chart = DistrictMap(kit.pack, outline)
        self._kept: dict[tuple[str, Status], tuple[object, str]] = {}

    def of(self, status: Status, _of: str, now: datetime) -> Iterator[tuple[str, str]]:
        """Yield the name and HTML of each part."""
        decided = self._situation.decided
        board = self._situation.board(status, now)
        context = {"board": board, "now": now, **self._kit.under(status)}
        yield "needs", self._kit.fragment("board_needs.html", context)
        yield (
            "responses",
            self._unless_kept("responses", status, decided, lambda: self._responses(context)),
        )
        for name in _BY_STATES:
            if name == "map":
                as_of = self._situation.decided, self._situation.dead.all()
                yield name, self._unless_kept(name, status, as_of, lambda: self._map(context))
            elif name == "callouts":
                yield name, self._callouts(context)
            else:
                yield name, self._kit.fragment(f"board_{name}.html", context)

    def _unless_kept(
        self, name: str, status: Status, as_of: object, make: Callable[[], str]
    ) -> str:
        known = self._kept.get((name, status))
        if known is None or known[0] != as_of:
            known = self._kept[name, status] = as_of, make()
        return known[1]

    def _responses(self, context: dict[str, Any]) -> str:
        board: BoardView = context["board"]
        told = {**context, "groups": alike(board.responses)}
        return self._kit.fragment("board_responses.html", told)

    def _map(self, context: dict[str, Any]) -> str:
        drawing = self._chart.drawn(self._situation.marks(context["status"]))
        told = {**context, "chart": self._chart, "drawing": drawing}
        return self._kit.fragment("board_map.html", told)

    def _callouts(self, context: dict[str, Any]) -> str:
        board: BoardView = context["board"]
        still_open = [one for one in board.callouts if one.is_open]
        rest = [one for one in board.callouts if not one.is_open]
        told = {**context, "open": still_open, "rest": rest}
        return self._kit.fragment("board_callouts.html", told)
