"""What was made of a callout or of the responses, kept until something new is known about it."""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from schemas.cap import Status
from services.console.domain.names import Names
from services.console.domain.response_view import response_view
from services.console.domain.tracks import CalloutTrack, ResponseTrack, Tracks
from services.console.domain.views.responses import ResponseView

Made = TypeVar("Made")
_SLACK = 256
"""Views of responses that are no longer in force may stay this long before they are cleared out."""


class OfCallouts(Generic[Made]):
    """
    Makes one thing of each callout, anew only when the ledger has named that callout since.

    With hundreds of callouts open a record changes one of them; a board is made ten times a second.
    """

    def __init__(self, make: Callable[[Tracks, CalloutTrack], Made]) -> None:
        self._make = make

    def of(self, tracks: Tracks, callout: CalloutTrack) -> Made:
        """Return what is made of *callout* as it stands."""
        if self not in callout.kept:
            callout.kept[self] = self._make(tracks, callout)
        return cast(Made, callout.kept[self])


class OfResponses:
    """Views of responses, each kept for as long as its decision is the latest one."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._made: dict[str, ResponseView] = {}
        self._in_order: dict[Status, tuple[int, tuple[ResponseView, ...]]] = {}

    def of(self, tracks: Tracks, decided: int) -> tuple[ResponseView, ...]:
        """
        Return a view of every response in force: the worst first, the newest first in a level.

        They are as they were for as long as *decided*, the count of decisions, is what it was.
        """
        known = self._in_order.get(tracks.status)
        if known is None or known[0] != decided:
            known = self._in_order[tracks.status] = decided, self._sorted(tracks)
        return known[1]

    def _sorted(self, tracks: Tracks) -> tuple[ResponseView, ...]:
        if len(self._made) > 2 * len(tracks.responses) + _SLACK:
            self._made.clear()
        views = [self._view(track) for track in tracks.responses.values()]
        views.sort(key=lambda view: (view.changed_at, view.place), reverse=True)
        return tuple(sorted(views, key=lambda view: -view.response_level))

    def _view(self, track: ResponseTrack) -> ResponseView:
        key = track.decision.decision_id
        view = self._made.get(key)
        if view is None:
            view = self._made[key] = response_view(self._names, track)
        return view
