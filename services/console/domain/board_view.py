"""The board: everything a commander looks at, worst first, of one CAP status."""

from datetime import datetime

from schemas.order import OrderState
from services.console.domain.callout_view import callout_view, waiting_asks
from services.console.domain.chain_view import chain_view, limits_of, next_step
from services.console.domain.ledger_fold import LedgerFold
from services.console.domain.names import Names
from services.console.domain.needs import needs
from services.console.domain.response_view import order_view, response_view
from services.console.domain.said_view import warning_views
from services.console.domain.tracks import ChainTrack, Tracks
from services.console.domain.views.board import WAITING_SHOWN, BoardView, StatusLine
from services.console.domain.views.callouts import CalloutView, ChainView
from services.console.domain.views.orders import OrderView
from services.console.domain.views.responses import ResponseView
from services.district.domain.pack import Pack

_ORDER = (OrderState.PROPOSED, OrderState.IN_FORCE)


class BoardMaker:
    """Makes boards of what the folds hold."""

    def __init__(self, pack: Pack, names: Names, ledger: LedgerFold) -> None:
        self._pack = pack
        self._names = names
        self._ledger = ledger

    def board(
        self, tracks: Tracks, now: datetime, newest_at: datetime | None, *, other_running: bool
    ) -> BoardView:
        """Return the board of *tracks* at *now*."""
        callouts = self.callouts(tracks)
        waiting = waiting_asks(tracks)
        running = [one for one in callouts if one.ended_at is None]
        budget = self._pack.policies.budget
        return BoardView(
            status=tracks.status,
            needs=needs(self._names, tracks, now),
            responses=tuple(self.responses(tracks)),
            orders=tuple(self.orders(tracks)),
            callouts=tuple(callouts),
            waiting=tuple(self._soonest(waiting, now)),
            waiting_total=len(waiting),
            posts=sum(one.posts for one in running),
            acknowledged=sum(one.acknowledged for one in running),
            not_woken=sum(one.not_woken for one in running),
            happenings=tuple(tracks.happenings),
            warnings=tuple(warning_views(self._names, tracks, now)),
            line=StatusLine(
                lines_busy=len(self._ledger.live_calls),
                lines=budget.lines,
                starts_per_s=budget.starts_per_s,
                sensors=len(self._pack.rules.sensors),
                sensors_silent=len(tracks.silent),
                newest_at=newest_at,
                ledger_seq=self._ledger.seq,
                ledger_at=self._ledger.at,
            ),
            other_running=other_running,
        )

    def responses(self, tracks: Tracks) -> list[ResponseView]:
        """Return the responses in force: the worst first, the newest first in a level."""
        views = [response_view(self._names, track) for track in tracks.responses.values()]
        views.sort(key=lambda view: (view.changed_at, view.place), reverse=True)
        return sorted(views, key=lambda view: -view.response_level)

    def orders(self, tracks: Tracks) -> list[OrderView]:
        """Return the orders: waiting for a person, in force, ended; the newest first in each."""
        views = [order_view(self._names, tracks, track) for track in tracks.orders.values()]
        views.sort(key=lambda view: (view.changed_at, view.order_id), reverse=True)
        return sorted(
            views,
            key=lambda view: _ORDER.index(view.state) if view.state in _ORDER else len(_ORDER),
        )

    def callouts(self, tracks: Tracks) -> list[CalloutView]:
        """Return the callouts: those that run, worst and newest first, then as they ended."""
        views = [callout_view(self._names, tracks, track) for track in tracks.callouts.values()]
        views.sort(key=lambda view: view.ended_at or view.opened_at, reverse=True)
        return sorted(
            views,
            key=lambda view: (
                (view.ended_at is not None, not view.is_open, -view.level)
                if view.ended_at is None
                else (True, True, 0)
            ),
        )

    def _soonest(self, waiting: list[ChainTrack], now: datetime) -> list[ChainView]:
        # Those over their limit first; what comes next for the others is worked out for all of
        # them, but made into a view only for those that are shown.
        timeout = self._pack.policies.budget.ring_timeout

        def urgency(chain: ChainTrack) -> tuple[int, datetime, str]:
            if chain.listed_at is not None:
                return 0, chain.listed_at, chain.chain_id
            at, _ = next_step(chain, limits_of(self._pack, chain), timeout)
            return 1, at, chain.chain_id

        shown = sorted(waiting, key=urgency)[:WAITING_SHOWN]
        return [chain_view(self._pack, self._names, one, now, whole=False) for one in shown]
