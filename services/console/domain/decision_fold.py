"""The fold of `decisions.v1` and of what people and authorities said in `events.v1`."""

from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from typing import Any

from schemas.act import QuarantineReleased
from schemas.cap import MsgType, Status
from schemas.decision import (
    ActAnswered,
    AnyDecision,
    OrderChanged,
    OrderProposed,
    ReadingQuarantined,
    ResponseChanged,
    SourceSilent,
)
from schemas.event import Act, AnyEvent, Tip
from schemas.event import Warning as WarningEvent
from schemas.order import OrderState
from services.console.domain.tracks import TEXTS_KEPT, OrderTrack, ResponseTrack, Tracks

_KNOWN = 20_000
"""Ids remembered so that a record delivered again changes nothing; far more than one batch."""


class Once:
    """Remembers the newest ids."""

    def __init__(self, kept: int = _KNOWN) -> None:
        self._kept = kept
        self._seen: OrderedDict[str, None] = OrderedDict()

    def is_new(self, key: str) -> bool:
        """Whether *key* comes for the first time."""
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > self._kept:
            self._seen.popitem(last=False)
        return True


class DecisionFold:
    """Takes each decision and each event once."""

    def __init__(self, under: Callable[[Status], Tracks]) -> None:
        self._under = under
        self._decided, self._said = Once(), Once()
        self.acts: dict[str, Act] = {}
        """The latest acts, by id."""
        self.answers: dict[str, ActAnswered] = {}
        """What became of the latest acts, by id."""

    def take(self, decision: AnyDecision) -> bool:
        """Fold *decision* in; False when it was known already."""
        if not self._decided.is_new(decision.decision_id):
            return False
        tracks = self._under(decision.status)
        if isinstance(decision, ResponseChanged):
            self._response(tracks, decision)
        elif isinstance(decision, OrderProposed | OrderChanged):
            self._order(tracks, decision)
        elif isinstance(decision, ActAnswered):
            self._answer(tracks, decision)
        elif isinstance(decision, ReadingQuarantined):
            key = decision.event_id, decision.sensor_id, decision.occurred_at
            tracks.quarantined[key] = decision
        elif isinstance(decision, SourceSilent):
            if decision.silent:
                tracks.silent[decision.sensor_id] = decision.last_heard_at
            else:
                tracks.silent.pop(decision.sensor_id, None)
        return True

    def hear(self, event: AnyEvent) -> bool:
        """Fold *event* in; False when it was known already or is nothing that a page shows."""
        if not isinstance(event, WarningEvent | Tip | Act):
            return False
        if not self._said.is_new(event.event_id):
            return False
        tracks = self._under(event.status)
        if isinstance(event, WarningEvent):
            self._warning(tracks, event)
        elif isinstance(event, Tip):
            tracks.tips.pop(event.tip_id, None)
            tracks.tips[event.tip_id] = event
            _trim(tracks.tips)
        else:
            self.acts[event.event_id] = event
            _trim(self.acts)
        return True

    def _response(self, tracks: Tracks, decision: ResponseChanged) -> None:
        key = decision.place, decision.hazard
        tracks.reasons[decision.decision_id] = decision.reasons
        if decision.response_level is None:
            tracks.responses.pop(key, None)
            return
        known = tracks.responses.get(key)
        began_at = known.began_at if known is not None else decision.decided_at
        tracks.responses[key] = ResponseTrack(decision, began_at)

    def _order(self, tracks: Tracks, decision: OrderProposed | OrderChanged) -> None:
        order = decision.order
        known = tracks.orders.get(order.order_id)
        in_force_at = known.in_force_at if known is not None else None
        if order.state is OrderState.IN_FORCE and in_force_at is None:
            in_force_at = decision.decided_at
        reasons = known.reasons if known is not None else decision.reasons
        tracks.orders[order.order_id] = OrderTrack(order, decision.decided_at, in_force_at, reasons)

    def _answer(self, tracks: Tracks, decision: ActAnswered) -> None:
        self.answers[decision.act_id] = decision
        _trim(self.answers, _KNOWN)
        act = self.acts.get(decision.act_id)
        body = act.body if act is not None else None
        if decision.done and isinstance(body, QuarantineReleased):
            tracks.quarantined.pop((body.event_id, body.sensor_id, body.occurred_at), None)

    def _warning(self, tracks: Tracks, event: WarningEvent) -> None:
        for reference in event.references:
            # CAP 1.2 §3.2.1: a reference is "sender,identifier,sent"; ours may be the bare identifier.
            parts = reference.split(",")
            tracks.warnings.pop(parts[1] if len(parts) > 1 else reference, None)
        tracks.warnings.pop(event.identifier, None)
        if event.msg_type is not MsgType.CANCEL:
            tracks.warnings[event.identifier] = event
            _trim(tracks.warnings)


def _trim(kept: MutableMapping[str, Any], most: int = TEXTS_KEPT) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]
