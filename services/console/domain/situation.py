"""
What is, in one district: the fold of the three topics, and the views made of it.

It owns no truth: made anew from the same records it shows the same.
"""

from collections.abc import Sequence
from datetime import datetime

from schemas.cap import Status
from schemas.decision import ActAnswered, AnyDecision
from schemas.dispatch import LedgerRecord
from schemas.event import AnyEvent
from schemas.hazard import Hazard
from services.console.domain.board_view import BoardMaker
from services.console.domain.callout_view import callout_page, callout_view
from services.console.domain.dead_channels import DeadChannels
from services.console.domain.decision_fold import DecisionFold
from services.console.domain.happenings import of_decision, of_event, of_fact
from services.console.domain.ledger_fold import LedgerFold
from services.console.domain.ledger_view import ledger_row
from services.console.domain.marks import Marks
from services.console.domain.names import Names
from services.console.domain.post_view import dead_channel_views, post_page
from services.console.domain.response_view import order_view, response_view
from services.console.domain.roster_view import roster_rows
from services.console.domain.said_view import tip_view, warning_views
from services.console.domain.tracks import Tracks
from services.console.domain.views.board import BoardView, Happening
from services.console.domain.views.callouts import CalloutPage, CalloutView
from services.console.domain.views.field import DeadChannelView, PostPage
from services.console.domain.views.ledger import LedgerRow
from services.console.domain.views.orders import OrderView
from services.console.domain.views.responses import PlaceMark, ResponseView
from services.console.domain.views.roster import RosterRow
from services.console.domain.views.said import TipView, WarningView
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree


class Situation:
    """
    Exercise and actual stand apart in everything.

    *version* grows with every change, *decided* with every decision: what depends on decisions
    alone need not be made anew for each phone that rings.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.tree = PlaceTree(pack.rules)
        self.names = Names(pack, self.tree)
        self.version = 0
        self.decided = 0
        self.newest_at: datetime | None = None
        self._marks = Marks(pack, self.names)
        self._tracks: dict[Status, Tracks] = {}
        self.dead = DeadChannels(pack, self.tree)
        self._ledger = LedgerFold(self._under, self.dead)
        self._decisions = DecisionFold(self._under)
        self._board = BoardMaker(pack, self.names, self._ledger, self.dead)

    def take_event(self, event: AnyEvent) -> None:
        """Fold one record of `events.v1` in."""
        self._fresh(event.accepted_at)
        if self._decisions.hear(event):
            self.version += 1
            self._happened(event.status, of_event(self.names, event))

    def take_decision(self, decision: AnyDecision) -> None:
        """Fold one record of `decisions.v1` in."""
        self._fresh(decision.decided_at)
        if not self._decisions.take(decision):
            return
        self.version += 1
        self.decided += 1
        act = None
        if isinstance(decision, ActAnswered):
            act = self._decisions.acts.get(decision.act_id)
        self._happened(decision.status, of_decision(self.names, decision, act))

    def take_fact(self, record: LedgerRecord) -> None:
        """Fold one record of `dispatch.v1` in."""
        self._fresh(record.at)
        if self._ledger.take(record):
            self.version += 1
            self._happened(record.status, of_fact(self.names, record))

    def answer_to(self, act_id: str) -> ActAnswered | None:
        """Return what became of an act, while that is remembered."""
        return self._decisions.answers.get(act_id)

    def board(self, status: Status, now: datetime) -> BoardView:
        """Return the whole board of *status*."""
        others = [self._under(other) for other in _SHOWN if other is not status]
        return self._board.board(
            self._under(status),
            now,
            self.newest_at,
            self.decided,
            other_running=any(tracks.is_running for tracks in others),
        )

    def marks(self, status: Status) -> Sequence[PlaceMark]:
        """Return every place and point that has a position, with its worst response."""
        return self._marks.of(self._under(status), self.dead.all())

    def responses(self, status: Status) -> Sequence[ResponseView]:
        """Return the responses in force, the worst and newest first."""
        return self._board.responses(self._under(status), self.decided)

    def response(self, status: Status, place: str, hazard: str) -> ResponseView | None:
        """Return the response to *hazard* at *place*, or None when there is none."""
        if hazard not in Hazard.__members__:
            return None
        track = self._under(status).responses.get((place, Hazard(hazard)))
        return response_view(self.names, track) if track is not None else None

    def orders(self, status: Status) -> Sequence[OrderView]:
        """Return the orders: waiting, in force, then ended; the newest first in each."""
        return self._board.orders(self._under(status))

    def order(self, order_id: str) -> OrderView | None:
        """Return one order of whichever status, or None."""
        for tracks in self._tracks.values():
            if order_id in tracks.orders:
                return order_view(self.names, tracks, tracks.orders[order_id])
        return None

    def callouts(self, status: Status) -> Sequence[CalloutView]:
        """Return the callouts that are kept: open ones, worst first, then as they ended."""
        return self._board.callouts(self._under(status))

    def callout(self, callout_id: str, now: datetime) -> CalloutPage | None:
        """Return one callout with all its asks, or None when it is not kept."""
        for tracks in self._tracks.values():
            if callout_id in tracks.callouts:
                track = tracks.callouts[callout_id]
                return callout_page(self.pack, self.names, tracks, track, now)
        return None

    def ask_to(self, callout_id: str, post: str, now: datetime) -> PostPage | None:
        """Return the ask of a callout to *post* that matters now, or None when there is none."""
        for tracks in self._tracks.values():
            if callout_id in tracks.callouts:
                return post_page(
                    self.pack, self.names, tracks, tracks.callouts[callout_id], post, now
                )
        return None

    def dead_channels(self) -> Sequence[DeadChannelView]:
        """Return what is dead where, the longest first."""
        return dead_channel_views(self.names, self.dead.all())

    def callout_status(self, callout_id: str) -> Status | None:
        """Return the CAP status of a callout, or None when it is not kept."""
        found = (one.status for one in self._tracks.values() if callout_id in one.callouts)
        return next(found, None)

    def callout_number(self, callout_id: str) -> str:
        """Return what people call a callout: C3; empty when it is not kept."""
        for tracks in self._tracks.values():
            if callout_id in tracks.callouts:
                return callout_view(self.names, tracks, tracks.callouts[callout_id]).number
        return ""

    def warnings(self, status: Status, now: datetime) -> Sequence[WarningView]:
        """Return the warnings that stand, the newest first."""
        return warning_views(self.names, self._under(status), now)

    def tips(self, status: Status) -> Sequence[TipView]:
        """Return the tips that are kept, the newest first."""
        tips = self._under(status).tips.values()
        return [tip_view(self.names, tip) for tip in reversed(tips)]

    def roster(self, now: datetime) -> Sequence[RosterRow]:
        """Return every post as it stands at *now*, gaps first."""
        return roster_rows(self.pack, self.names, self.tree, now)

    def ledger_row(self, record: LedgerRecord) -> LedgerRow:
        """Return a ledger record in words."""
        return ledger_row(self.names, record)

    def silent(self, status: Status) -> Sequence[tuple[str, str, datetime]]:
        """Return the instruments that are silent: (sensor, name of its place, last heard at)."""
        places = {sensor.sensor_id: sensor.place for sensor in self.pack.rules.sensors}
        return [
            (sensor, self.names.place(places.get(sensor, "")), at)
            for sensor, at in sorted(self._under(status).silent.items(), key=lambda one: one[1])
        ]

    def quarantined(self, status: Status) -> Sequence[tuple[str, str, datetime, str]]:
        """Return readings that wait for a person: (event id, sensor, occurred at, what it says)."""
        return [
            (*key, f"{self.names.place(one.place)} {self.names.metric(one.metric, one.value)}")
            for key, one in self._under(status).quarantined.items()
        ]

    def _under(self, status: Status) -> Tracks:
        tracks = self._tracks.get(status)
        if tracks is None:
            tracks = self._tracks[status] = Tracks(status)
        return tracks

    def _happened(self, status: Status, line: Happening | None) -> None:
        if line is not None:
            self._under(status).happenings.appendleft(line)

    def _fresh(self, at: datetime) -> None:
        if self.newest_at is None or at > self.newest_at:
            self.newest_at = at


_SHOWN = (Status.ACTUAL, Status.EXERCISE)
