"""The whole board, and the lines that only it has."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cap import Status
from services.console.domain.views.callouts import CalloutView, ChainView
from services.console.domain.views.look import Look
from services.console.domain.views.orders import OrderView
from services.console.domain.views.responses import ResponseView
from services.console.domain.views.said import WarningView


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person now: one item of the red strip, with one act."""

    key: str
    kind: str
    """order_waits, level_waits, not_woken, callout_held, attempt_unknown, task_open, support,
    follow_up, channel_dead, silent, quarantined."""
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


WAITING_SHOWN = 60


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
