"""The records of `dispatch.v1`, the ledger: each thing that happened to a callout, hash-chained."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from schemas.cap import Status
from schemas.record import Instant, Record


class Fact(StrEnum):
    """What a ledger record says happened. Sent, delivered, answered, confirmed, done: never merged."""

    DECISION_READ = "decision_read"
    """A decision came; it stands in *detail* whole. What it came to stands behind it."""
    INPUT_TAKEN = "input_taken"
    """Anything else came that had an effect: what a carrier or a person said, or time passed."""
    CALLOUT_OPENED = "callout_opened"
    CALLOUT_JOINED = "callout_joined"
    CALLOUT_HELD = "callout_held"
    CALLOUT_RELEASED = "callout_released"
    CALLOUT_ENDED = "callout_ended"
    CALLOUT_PLANNED = "callout_planned"
    """How long the first round of its calls will take, said before anybody is rung."""
    CHAIN_OPENED = "chain_opened"
    CHAIN_ESCALATED = "chain_escalated"
    CHAIN_ENDED = "chain_ended"
    ROSTER_FAULT = "roster_fault"
    CALL_HELD_BACK = "call_held_back"
    """A due call waits for the callee's limits, *until* when; whoever comes next is rung meanwhile."""
    ATTEMPT_INTENDED = "attempt_intended"
    ATTEMPT_JOINED = "attempt_joined"
    ATTEMPT_ACCEPTED = "attempt_accepted"
    ATTEMPT_UNKNOWN = "attempt_unknown"
    ATTEMPT_CHANGED = "attempt_changed"
    ATTEMPT_ENDED = "attempt_ended"
    ATTEMPT_WITHDRAWN = "attempt_withdrawn"
    KEY_PRESSED = "key_pressed"
    CARRIER_TROUBLE = "carrier_trouble"
    """The carrier says that something of ours is set wrongly; *code* and *remedies* are the detail."""
    ACCOUNT_DOWN = "account_down"
    """An account at a carrier takes no requests; *account*, *code*, *until* and *outages* tell which."""
    ACCOUNT_UP = "account_up"
    SMS_RECEIVED = "sms_received"
    CALLED_BACK = "called_back"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED_IN_PART = "confirmed_in_part"
    """One of several who must confirm has done so."""
    MEASURES_REPORTED = "measures_reported"
    VOUCHED_LATE = "vouched_late"
    """A named user recorded what he heard from a post whose chain had ended by then."""
    ACT_WITHOUT_EFFECT = "act_without_effect"
    TASK_OPENED = "task_opened"
    TASK_ENDED = "task_ended"
    CHANNEL_REPORTED = "channel_reported"
    POST_HANDED_OVER = "post_handed_over"
    CHAIN_NEGLECTED = "chain_neglected"
    """The audit found what should have happened for a chain and had not."""
    CARRIER_SILENT = "carrier_silent"
    NOT_WOKEN_LISTED = "not_woken_listed"


class LedgerRecord(Record):
    """
    One fact. *seq* counts from 1 without gaps in the district; *prev_hash* is the record before's
    *hash*; *hash* is SHA-256 over the canonical JSON of everything else here.

    Contacts stand as ids, never as digits; codes stand nowhere.
    """

    kind: Literal["LedgerRecord"] = "LedgerRecord"
    seq: int = Field(ge=1)
    at: Instant
    status: Status = Status.ACTUAL
    fact: Fact
    callout_id: str | None = None
    chain_id: str | None = None
    attempt_id: str | None = None
    post: str | None = None
    person: str | None = None
    contact: str | None = None
    detail: dict[str, JsonValue] = Field(default_factory=dict)
    prev_hash: str
    hash: str
