"""The fold of `dispatch.v1`: callouts, their asks, and what was tried, as the ledger tells it."""

from collections.abc import Callable
from datetime import datetime

from schemas.cap import Status
from schemas.dispatch import Fact, LedgerRecord
from schemas.hazard import Hazard
from schemas.level import Level
from services.console.domain import field_fold
from services.console.domain.dead_channels import DeadChannels
from services.console.domain.field_fold import people_of
from services.console.domain.field_fold import text as _text
from services.console.domain.tracks import AttemptTrack, CalloutTrack, ChainTrack, Tracks

CALLOUTS_KEPT = 200
"""Callouts that have ended and are kept with their asks; older ones are in the ledger alone."""


class LedgerFold:
    """Takes each record once, in order. A record of something no longer kept changes nothing."""

    def __init__(self, under: Callable[[Status], Tracks], dead: DeadChannels) -> None:
        self._under = under
        self._dead = dead
        self.seq = 0
        self.at: datetime | None = None
        self.chains: dict[str, ChainTrack] = {}
        self.attempts: dict[str, AttemptTrack] = {}
        self.live_calls: set[str] = set()

    def take(self, record: LedgerRecord) -> bool:
        """Fold *record* in; False when it was known already."""
        if record.seq <= self.seq:
            return False
        self.seq, self.at = record.seq, record.at
        if (handle := _HANDLERS.get(record.fact)) is not None:
            handle(self, record)
        return True

    def opened(self, record: LedgerRecord) -> None:
        """A callout."""
        tracks, detail = self._under(record.status), record.detail
        callout_id = record.callout_id or ""
        tracks.callouts_opened += 1
        callout = CalloutTrack(
            callout_id=callout_id,
            number=tracks.callouts_opened,
            kind=str(detail["kind"]),
            status=record.status,
            level=Level[str(detail["level"])],
            hazard=Hazard(str(detail["hazard"])),
            place=str(detail["place"]),
            town=str(detail["town"]),
            why=str(detail.get("why") or ""),
            opened_at=record.at,
            order_id=_text(detail.get("order_id")),
            follows=_text(detail.get("follows")),
            decision_id=_text(detail.get("decision_id")),
        )
        tracks.callouts[callout_id] = callout
        if callout.order_id is not None:
            tracks.callout_of_order[callout.order_id] = callout_id

    def held(self, record: LedgerRecord) -> None:
        """A callout whose source has caused too many."""
        if (callout := self._callout(record)) is not None:
            callout.held = True

    def released(self, record: LedgerRecord) -> None:
        """A held callout goes on."""
        if (callout := self._callout(record)) is not None:
            callout.held = False

    def callout_ended(self, record: LedgerRecord) -> None:
        """A callout is over."""
        tracks, callout = self._under(record.status), self._callout(record)
        if callout is None:
            return
        callout.ended_at, callout.end = record.at, str(record.detail["end"])
        callout.held = False
        tracks.ended.append(callout.callout_id)
        while len(tracks.ended) > CALLOUTS_KEPT:
            self._forget(tracks, tracks.ended.popleft())

    def chain_opened(self, record: LedgerRecord) -> None:
        """An ask."""
        callout = self._callout(record)
        if callout is None or record.chain_id is None:
            return
        ask, post = str(record.detail.get("ask") or "confirm"), record.post or ""
        asked = sum((one.ask, one.post) == (ask, post) for one in callout.follow_ups)
        need = record.detail.get("need")
        chain = ChainTrack(
            chain_id=record.chain_id,
            callout=callout,
            post=record.post or "",
            level=Level[str(record.detail["level"])],
            opened_at=record.at,
            people=people_of(record.detail.get("rungs")),
            ask=ask,
            count=asked + 1,
            need=need if isinstance(need, int) else 1,
        )
        chain.dead_rungs = self._dead.rungs(chain)
        self.chains[chain.chain_id] = callout.chains[chain.chain_id] = chain
        callout.changed()

    def roster_fault(self, record: LedgerRecord) -> None:
        """Somebody is missing on the roster, or his number is."""
        if (chain := self._chain(record)) is not None:
            chain.faults.append(str(record.detail["reason"]))

    def escalated(self, record: LedgerRecord) -> None:
        """The next rung is opened, or the holder asked for it."""
        if (chain := self._chain(record)) is not None:
            to = str(record.detail.get("to") or "deputy")
            # A new shift's holder is nobody further up.
            chain.escalated_to = chain.escalated_to if to == "holder" else to

    def listed(self, record: LedgerRecord) -> None:
        """Put on the list of those not woken."""
        if (chain := self._chain(record)) is not None:
            chain.listed_at = record.at

    def acknowledged(self, record: LedgerRecord) -> None:
        """A human confirmed."""
        chain = self._chain(record)
        if chain is None:
            return
        chain.acknowledged_at, chain.acknowledged_by = record.at, record.person
        chain.strength = str(record.detail["strength"])
        chain.rung = _text(record.detail.get("rung"))
        chain.ack_channel = _text(record.detail.get("channel"))
        chain.vouched_by = _text(record.detail.get("user"))
        if chain.need > 1 and record.person is not None:
            chain.confirmed.append(record.person)

    def chain_ended(self, record: LedgerRecord) -> None:
        """An ask is over."""
        if (chain := self._chain(record)) is not None:
            chain.end, chain.ended_at = str(record.detail["end"]), record.at

    def intended(self, record: LedgerRecord) -> None:
        """A try, told once for each ask that it carries."""
        if record.attempt_id is None:
            return
        callout = self._callout(record)
        told = field_fold.station_told(callout, record) if callout is not None else None
        if told is not None:
            self.attempts[told.attempt_id] = told
            return
        attempt = self.attempts.get(record.attempt_id)
        if attempt is None:
            attempt = AttemptTrack(
                attempt_id=record.attempt_id,
                channel=str(record.detail["channel"]),
                person=record.person or "",
                contact=record.contact or "",
                intended_at=record.at,
            )
            if record.chain_id is not None:  # a word without an ask is in the ledger alone
                self.attempts[record.attempt_id] = attempt
            if attempt.channel == "voice":
                self.live_calls.add(attempt.attempt_id)
        self._carry(record, attempt, str(record.detail.get("rung") or "holder"))

    def joined(self, record: LedgerRecord) -> None:
        """A further ask is carried by a call that rings already."""
        attempt = self.attempts.get(record.attempt_id or "")
        chain = self._chain(record)
        if attempt is not None and chain is not None:
            rungs = {person: rung for rung, person in reversed(chain.people)}
            self._carry(record, attempt, rungs.get(attempt.person, "holder"))

    def accepted(self, record: LedgerRecord) -> None:
        """The carrier has it."""
        if (attempt := self._attempt(record)) is not None:
            attempt.accepted_at = attempt.accepted_at or record.at

    def unknown(self, record: LedgerRecord) -> None:
        """The carrier's answer was lost."""
        if (attempt := self._attempt(record)) is not None:
            attempt.unknown_at = record.at

    def changed(self, record: LedgerRecord) -> None:
        """The carrier says how far it is."""
        attempt = self._attempt(record)
        if attempt is None:
            return
        if record.detail.get("progress") == "answered":
            attempt.answered_at = attempt.answered_at or record.at
        elif record.detail.get("progress") == "ringing":
            attempt.rang_at = attempt.rang_at or record.at

    def attempt_ended(self, record: LedgerRecord) -> None:
        """The carrier's last word."""
        self.live_calls.discard(record.attempt_id or "")
        if (attempt := self._attempt(record)) is not None:
            attempt.ended_at = record.at
            attempt.outcome = str(record.detail["outcome"])
            attempt.code = _text(record.detail.get("code"))

    def key_pressed(self, record: LedgerRecord) -> None:
        """Something was heard on the line."""
        if (attempt := self._attempt(record)) is not None:
            attempt.answered_at = attempt.answered_at or record.at
            attempt.keys.append((record.at, str(record.detail["heard"])))

    def in_the_field(self, record: LedgerRecord) -> None:
        """Something past the phone."""
        chain = self._chain(record)
        if chain is not None:
            _FIELD[record.fact](chain, record)
            chain.dead_rungs = self._dead.rungs(chain)

    def channel_reported(self, record: LedgerRecord) -> None:
        """Phones are dead somewhere, or work again: whoever is there is passed over, or not."""
        self._dead.take(record)
        for chain in self.chains.values():
            if chain.end is None:
                chain.dead_rungs = self._dead.rungs(chain)
                chain.callout.changed()

    def _carry(self, record: LedgerRecord, attempt: AttemptTrack, rung: str) -> None:
        chain = self._chain(record)
        if chain is None or chain.chain_id in attempt.rungs:
            return
        attempt.rungs[chain.chain_id] = rung
        attempt.chains.append(chain)
        chain.attempts.append(attempt)

    def _callout(self, record: LedgerRecord) -> CalloutTrack | None:
        callout = self._under(record.status).callouts.get(record.callout_id or "")
        if callout is not None:
            callout.changed()
        return callout

    def _chain(self, record: LedgerRecord) -> ChainTrack | None:
        chain = self.chains.get(record.chain_id or "")
        if chain is not None:
            chain.callout.changed()
        return chain

    def _attempt(self, record: LedgerRecord) -> AttemptTrack | None:
        attempt = self.attempts.get(record.attempt_id or "")
        if attempt is not None:
            for chain in attempt.chains:
                chain.callout.changed()
        return attempt

    def _forget(self, tracks: Tracks, callout_id: str) -> None:
        callout = tracks.callouts.pop(callout_id)
        tracks.callout_of_order.pop(callout.order_id or "", None)
        tracks.reasons.pop(callout.decision_id or "", None)
        for chain in callout.chains.values():
            self.chains.pop(chain.chain_id, None)
            for attempt in chain.attempts:
                self.attempts.pop(attempt.attempt_id, None)
        for attempt_id in callout.spoken:
            self.attempts.pop(attempt_id, None)


_FIELD: dict[Fact, Callable[[ChainTrack, LedgerRecord], None]] = {
    Fact.TASK_OPENED: field_fold.task_opened,
    Fact.TASK_ENDED: field_fold.task_ended,
    Fact.CONFIRMED_IN_PART: field_fold.confirmed_in_part,
    Fact.MEASURES_REPORTED: field_fold.measures_reported,
    Fact.POST_HANDED_OVER: field_fold.handed_over,
}

_HANDLERS: dict[Fact, Callable[[LedgerFold, LedgerRecord], None]] = {
    Fact.CALLOUT_OPENED: LedgerFold.opened,
    Fact.CALLOUT_HELD: LedgerFold.held,
    Fact.CALLOUT_RELEASED: LedgerFold.released,
    Fact.CALLOUT_ENDED: LedgerFold.callout_ended,
    Fact.CHAIN_OPENED: LedgerFold.chain_opened,
    Fact.ROSTER_FAULT: LedgerFold.roster_fault,
    Fact.CHAIN_ESCALATED: LedgerFold.escalated,
    Fact.NOT_WOKEN_LISTED: LedgerFold.listed,
    Fact.ACKNOWLEDGED: LedgerFold.acknowledged,
    Fact.CHAIN_ENDED: LedgerFold.chain_ended,
    Fact.ATTEMPT_INTENDED: LedgerFold.intended,
    Fact.ATTEMPT_JOINED: LedgerFold.joined,
    Fact.ATTEMPT_ACCEPTED: LedgerFold.accepted,
    Fact.ATTEMPT_UNKNOWN: LedgerFold.unknown,
    Fact.ATTEMPT_CHANGED: LedgerFold.changed,
    Fact.ATTEMPT_ENDED: LedgerFold.attempt_ended,
    Fact.KEY_PRESSED: LedgerFold.key_pressed,
    Fact.CHANNEL_REPORTED: LedgerFold.channel_reported,
    **dict.fromkeys(_FIELD, LedgerFold.in_the_field),
}
