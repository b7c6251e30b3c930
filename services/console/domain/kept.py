"""What was made of a callout or a response, kept until something new is known about it."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from services.console.domain.callout_view import counts_of
from services.console.domain.names import Names
from services.console.domain.response_view import response_view
from services.console.domain.tracks import CalloutTrack, Tracks
from services.console.domain.views.look import Look
from services.console.domain.views.responses import ResponseView

Made = TypeVar("Made")
_SLACK = 256
"""Callouts that are no longer known may stay this long before they are cleared out."""


class OfCallouts(Generic[Made]):
    """
    Makes one thing of each callout, anew only when the ledger has named that callout since.

    With hundreds of callouts open a record changes one of them; a board is made ten times a second.
    """

    def __init__(self, make: Callable[[Tracks, CalloutTrack], Made]) -> None:
        self._make = make
        self._made: dict[str, tuple[Mapping[Look, int], Made]] = {}

    def of(self, tracks: Tracks, callout: CalloutTrack) -> Made:
        """Return what is made of *callout* as it stands."""
        looks = counts_of(callout)  # a new mapping whenever the callout has changed
        known = self._made.get(callout.callout_id)
        if known is None or known[0] is not looks:
            if len(self._made) > 2 * len(tracks.callouts) + _SLACK:
                self._made.clear()
            known = self._made[callout.callout_id] = looks, self._make(tracks, callout)
        return known[1]


class OfResponses:
    """Views of responses, each kept for as long as its decision is the latest one."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._made: dict[str, ResponseView] = {}

    def of(self, tracks: Tracks) -> list[ResponseView]:
        """Return a view of every response in force, in no order."""
        views = []
        if len(self._made) > 2 * len(tracks.responses) + _SLACK:
            self._made.clear()
        for track in tracks.responses.values():
            key = track.decision.decision_id
            view = self._made.get(key)
            if view is None:
                view = self._made[key] = response_view(self._names, track)
            views.append(view)
        return views
