"""Callouts, their asks, and what was tried for each."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from services.console.domain.views.look import Look
from services.console.domain.views.responses import ReasonView


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
class TaskView:
    """Somebody who was sent to a door or calls by radio, until when, and what came of it."""

    task_id: str
    kind: str
    name: str
    """派人上门、电台呼叫."""
    runner_name: str
    """Empty where nobody could be found."""
    opened_at: datetime
    until: datetime
    end: str | None
    end_name: str
    ended_at: datetime | None
    user_name: str
    """Who recorded the result."""
    note: str

    @property
    def is_open(self) -> bool:
        """Whether a result is still awaited."""
        return self.end is None


@dataclass(frozen=True, slots=True)
class SpokenView:
    """What a loudspeaker or screen was asked to say, and how far that came."""

    attempt_id: str
    station_name: str
    intended_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    outcome_name: str


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """
    One round of a follow-up ask: *at* is when it is, or was, put; *chains* are empty until then.

    *asked* = *acknowledged* + *not_answered* + those that are open or were cancelled.
    """

    ask: str
    name: str
    """再呼应, 措施反馈（第 2 次）."""
    at: datetime
    asked: int
    acknowledged: int
    not_answered: int
    need_support: int
    chains: tuple["ChainView", ...] = ()


@dataclass(frozen=True, slots=True)
class ChainView:
    """One ask to one post and how it went. *next_at* and *next_step* say what happens next."""

    chain_id: str
    callout_id: str
    post: str
    post_name: str
    ask_name: str
    """再呼应、措施反馈; empty for the first ask, by which posts are counted."""
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
    ask: str
    need: int
    confirmed: tuple[str, ...]
    """The names of those who have confirmed, where several must."""
    vouched_by: str
    """The user who recorded the confirmation; empty where the post did so itself."""
    needs_support: bool
    passed_over: bool
    """No phone reaches whoever would be rung now."""
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True, slots=True)
class CalloutPage:
    """
    One callout with its first asks, those over their limit first, then open, then by time; what
    followed an acknowledgement stands apart.
    """

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
    follow_ups: tuple[FollowUpView, ...]
    spoken: tuple[SpokenView, ...]
