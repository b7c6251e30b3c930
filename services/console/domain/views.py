"""
What the pages and the API show: frozen values, complete in themselves, with names already looked up.

The fold (`situation.py`) makes them; templates and `GET /v1/…` only lay them out. Instants are UTC;
the pages put them into the district's own time. Numbers of people add up in each of them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.order import OrderState
from schemas.role import Role


class Look(StrEnum):
    """
    How one ask stands, as the page shows it; five facts stay five (design.md section 1).

    The first four are open: nothing asked yet, ringing, somebody listens, tried without success and
    waiting for the next try. ESCALATED is open too: somebody other than the holder is being rung.
    UNKNOWN: the carrier's answer was lost. NOT_WOKEN: on the duty officer's list, called on or not.
    """

    CREATED = "created"
    RINGING = "ringing"
    ANSWERED = "answered"
    NO_ANSWER = "noanswer"
    ESCALATED = "escalated"
    UNKNOWN = "unknown"
    NOT_WOKEN = "exhausted"
    ACKNOWLEDGED = "ack"
    CANCELLED = "cancelled"
    """Cancelled or superseded: nobody is asked any more."""


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason as a sentence, with what it cites. *rule* is "RAINSTORM-II v2" or None."""

    text: str
    rule: str | None = None
    raise_rule: str | None = None
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseView:
    """A response in force: the three levels side by side, never merged, and why."""

    place: str
    place_name: str
    town: str
    hazard: Hazard
    hazard_name: str
    warning_level: Level | None
    hazard_level: Level | None
    response_level: Level
    confirmed: bool
    needs_confirmation: bool
    """II or I that no person has confirmed yet. Calling never waited for it."""
    raises: tuple[str, ...]
    began_at: datetime
    changed_at: datetime
    measured: str
    """The worst value that its reasons cite, with unit: "83 毫米"; empty when none does."""
    decided: str
    """How the response level came about: 自动启动, UP4 提 1 级, 人工决定 …"""
    reasons: tuple[ReasonView, ...]
    people: int | None
    households: int | None


@dataclass(frozen=True, slots=True)
class PlaceMark:
    """A place or point on the map with the worst response in force at it, if any."""

    place: str
    name: str
    kind: str
    """town, village, hazard_point, gauge, unit, part."""
    lat: float
    lon: float
    level: Level | None
    hazard_name: str = ""
    orders: tuple[str, ...] = ()
    """The orders in force there: "撤 O1"."""


@dataclass(frozen=True, slots=True)
class CalloutView:
    """
    One callout. *counts* are its first asks by look and add up to *posts*.

    *number* is its ordinal in the ledger for people to say: "C3".
    """

    callout_id: str
    number: str
    kind: str
    status: Status
    title: str
    level: Level
    hazard: Hazard
    place: str
    place_name: str
    town: str
    why: str
    opened_at: datetime
    ended_at: datetime | None
    end: str | None
    posts: int
    acknowledged: int
    not_woken: int
    counts: dict[Look, int]
    order_id: str | None
    follows: str | None
    held: bool

    @property
    def counts_by_name(self) -> dict[str, int]:
        """*counts* by the words that style sheets know."""
        return {look.value: count for look, count in self.counts.items()}

    @property
    def is_open(self) -> bool:
        """Whether somebody is still being reached."""
        return self.ended_at is None and self.acknowledged + self.not_woken < self.posts


@dataclass(frozen=True, slots=True)
class AttemptView:
    """
    One try, each of its facts with its own instant: asked, taken by the carrier, rung (SMS: sent),
    answered (SMS: delivered), ended. *outcome* is the carrier's, never an acknowledgement.
    """

    attempt_id: str
    channel: str
    rung: str
    person_name: str
    contact: str
    """The number, masked: 138****0231."""
    intended_at: datetime
    accepted_at: datetime | None
    rang_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    code: str | None
    is_unknown: bool
    keys: tuple[tuple[datetime, str], ...]
    """What was heard on the line and when: key, code_right, code_wrong, silence … never the code."""


@dataclass(frozen=True, slots=True)
class ChainView:
    """One ask to one post and how it went. *next_at* and *next_step* say what happens next."""

    chain_id: str
    callout_id: str
    post: str
    post_name: str
    holder_name: str
    look: Look
    doing: str
    """One line: "第 2 次 · 已听 12 秒", "3 次未应 → 副手"."""
    level: Level
    opened_at: datetime
    ack_by: datetime | None
    next_at: datetime | None
    next_step: str
    """再打、副手、上级、列入未叫醒; empty at an end."""
    late_since: datetime | None
    """Since when it is over its limit."""
    ended_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    """The name of who confirmed; empty when nobody has."""
    by_deputy: bool
    strength: str | None
    channel: str | None
    faults: tuple[str, ...]
    """What the roster lacked: no_holder, no_contact."""
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order. *shares* are the posts that execute it; *acknowledged* of them confirmed it."""

    order_id: str
    number: str
    measure: Measure
    measure_name: str
    status: Status
    title: str
    place: str
    place_name: str
    town: str
    hazard: Hazard
    hazard_name: str
    level: Level
    target: str
    text: str
    state: OrderState
    confirm: Role | None
    confirm_name: str
    proposed_at: datetime
    changed_at: datetime
    in_force_at: datetime | None
    auto_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    issued_by: str
    """Who put it in force, in words, with the mandate; empty while it waits."""
    executors: tuple[str, ...]
    households: int | None
    people: int | None
    shelter: str
    callout_id: str | None
    shares: int
    acknowledged: int
    reasons: tuple[ReasonView, ...]


@dataclass(frozen=True, slots=True)
class WarningView:
    """A message of a warning authority; all texts are foreign."""

    identifier: str
    status: Status
    msg_type: str
    event: str
    headline: str
    description: str
    sender_name: str
    level: Level | None
    hazard_name: str
    sent: datetime
    expires: datetime | None
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TipView:
    """A report to 12350; the caller is a token or nothing."""

    tip_id: str
    status: Status
    text: str
    tip_class: str
    hazard_name: str
    place: str | None
    place_name: str
    occurred_at: datetime
    accepted_at: datetime
    caller: str | None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person now: one item of the red strip, with one act."""

    key: str
    kind: str
    """order_waits, level_waits, not_woken, callout_held, attempt_unknown, silent, quarantined."""
    label: str
    title: str
    text: str
    since: datetime
    href: str
    act: str
    is_urgent: bool
    """Red when it has waited longer than it may."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what has just happened. *look* is a state's shape or empty."""

    at: datetime
    seq: int | None
    """The ledger record it is; None for a decision or event."""
    label: str
    look: Look | None
    text: str


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The line at the foot of the board."""

    lines_busy: int
    lines: int
    starts_per_s: float
    sensors: int
    sensors_silent: int
    newest_at: datetime | None
    """When the newest record of any topic was stamped: how fresh the page is."""
    ledger_seq: int
    ledger_at: datetime | None


@dataclass(frozen=True, slots=True)
class BoardView:
    """
    The whole board of one CAP status: exercise and actual never share a list.

    *waiting* are the open asks, over their limit first, then soonest next step first; at most
    *WAITING_SHOWN* of *waiting_total*.
    """

    status: Status
    needs: tuple[Need, ...]
    responses: tuple[ResponseView, ...]
    orders: tuple[OrderView, ...]
    callouts: tuple[CalloutView, ...]
    """Open ones, worst first, then those that ended last."""
    waiting: tuple[ChainView, ...]
    waiting_total: int
    posts: int
    acknowledged: int
    not_woken: int
    happenings: tuple[Happening, ...]
    warnings: tuple[WarningView, ...]
    line: StatusLine
    other_running: bool
    """Whether something is open under the other status (an exercise beside the real thing)."""


WAITING_SHOWN = 60


@dataclass(frozen=True, slots=True)
class CalloutPage:
    """One callout with all its chains, those over their limit first, then open, then by time."""

    callout: CalloutView
    chains: tuple[ChainView, ...]
    strengths: dict[str, int]
    by_deputy: int
    attempts: int
    lines_at_most: int
    """The most calls of this callout that were live at the same time."""
    curve: tuple[tuple[datetime, int], ...]
    """(instant, how many had confirmed) at each confirmation."""
    reasons: tuple[ReasonView, ...]


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One post as the roster stands now. *faults*: no_holder, no_contact, no_deputy, ends_soon."""

    post: str
    post_name: str
    role: Role
    place_name: str
    town: str
    holder_name: str
    contact: str
    deputies: tuple[str, ...]
    superior_name: str
    until: datetime | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One ledger record, with names beside its ids."""

    seq: int
    at: datetime
    status: Status
    fact: str
    label: str
    text: str
    callout_id: str | None
    chain_id: str | None
    attempt_id: str | None
    post_name: str
    person_name: str
    hash: str


@dataclass(frozen=True, slots=True)
class FirstRound:
    """Whom an order would call, before it is sent, and how long the first calls take."""

    posts: tuple[RosterRow, ...]
    by_layer: tuple[tuple[str, int], ...]
    """区级, 镇街, 村社, 单位 … with their numbers of posts; they add up."""
    dialled_s: float
    """From sending to the start of the last first call, with the lines and starts there are."""
    listened_s: float
    """Until the last of them has rung and been listened to."""
    spoken: str
    """What they hear."""
    unreachable: int
    """Posts that have nobody, or nobody with a number."""
