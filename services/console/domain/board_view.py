"""The board: everything a commander looks at, worst first, of one CAP status."""

import heapq
import itertools
from datetime import datetime

from schemas.order import OrderState
from services.console.domain.callout_view import callout_view
from services.console.domain.chain_view import chain_view, limits_of, next_step
from services.console.domain.dead_channels import DeadChannels
from services.console.domain.kept import OfCallouts, OfResponses
from services.console.domain.ledger_fold import LedgerFold
from services.console.domain.names import Names
from services.console.domain.needs import Needs
from services.console.domain.response_view import order_view
from services.console.domain.said_view import warning_views
from services.console.domain.tracks import CalloutTrack, ChainTrack, Tracks
from services.console.domain.views.board import WAITING_SHOWN, BoardView, StatusLine
from services.console.domain.views.callouts import CalloutView, ChainView
from services.console.domain.views.orders import OrderView
from services.console.domain.views.responses import ResponseView
from services.district.domain.pack import Pack

_Waiting = tuple[int, datetime, str, ChainTrack]
"""An open ask with what it is sorted by."""
_Ranked = tuple[tuple[bool, bool, int, float, int], CalloutView]
"""A callout as it is listed, behind what it is sorted by; no two have the same."""
_ORDER = (OrderState.PROPOSED, OrderState.IN_FORCE)


class BoardMaker:
    """Makes boards of what the folds hold."""

    def __init__(self, pack: Pack, names: Names, ledger: LedgerFold, dead: DeadChannels) -> None:
        self._pack = pack
        self._names = names
        self._ledger = ledger
        self._responses = OfResponses(names)
        self._callouts = OfCallouts(self._ranked)
        self._waiting = OfCallouts(self._urgencies)
        self._needs = Needs(names)
        self._dead = dead

    def board(
        self,
        tracks: Tracks,
        now: datetime,
        newest_at: datetime | None,
        decided: int,
        *,
        other_running: bool,
    ) -> BoardView:
        """Return the board of *tracks* at *now*; *decided* counts the decisions behind it."""
        callouts = self.callouts(tracks)
        responses = self.responses(tracks, decided)
        waiting = [
            self._waiting.of(tracks, callout)
            for callout in tracks.callouts.values()
            if callout.ended_at is None
        ]
        running = [one for one in callouts if one.ended_at is None]
        budget = self._pack.policies.budget
        return BoardView(
            status=tracks.status,
            needs=self._needs.of(tracks, responses, self._dead.all(), now),
            responses=responses,
            orders=tuple(self.orders(tracks)),
            callouts=tuple(callouts),
            waiting=tuple(self._soonest(waiting, now)),
            waiting_total=sum(len(asks) for asks in waiting),
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

    def responses(self, tracks: Tracks, decided: int) -> tuple[ResponseView, ...]:
        """Return the responses in force: the worst first, the newest first in a level."""
        return self._responses.of(tracks, decided)

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
        ranked = [self._callouts.of(tracks, callout) for callout in tracks.callouts.values()]
        return [view for _, view in sorted(ranked)]

    def _ranked(self, tracks: Tracks, callout: CalloutTrack) -> _Ranked:
        view = callout_view(self._names, tracks, callout)
        newest_first = -(view.ended_at or view.opened_at).timestamp()
        if view.ended_at is not None:
            return (True, True, 0, newest_first, callout.number), view
        return (False, not view.is_open, -view.level, newest_first, callout.number), view

    def _soonest(self, waiting: list[list[_Waiting]], now: datetime) -> list[ChainView]:
        # Compared as they are: a chain's id comes before the chain, and no two have the same.
        shown = heapq.nsmallest(WAITING_SHOWN, itertools.chain.from_iterable(waiting))
        return [chain_view(self._pack, self._names, one[3], now, whole=False) for one in shown]

    def _urgencies(self, _tracks: Tracks, callout: CalloutTrack) -> list[_Waiting]:
        """Return the open asks of *callout*: over their limit first, then by what comes next."""
        timeout = self._pack.policies.budget.ring_timeout
        found: list[_Waiting] = []
        for chain in callout.chains.values():
            if chain.end is not None:
                continue
            if chain.listed_at is not None:
                found.append((0, chain.listed_at, chain.chain_id, chain))
            else:
                at, _ = next_step(chain, limits_of(self._pack, chain), timeout)
                found.append((1, at, chain.chain_id, chain))
        return found
