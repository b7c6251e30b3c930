"""
The graded response in force for a hazard at a place.

It is raised at once and never falls with its causes: raises stay as long as it does not go down,
and what goes down is one step (lowering) or a person's act.
"""

from dataclasses import dataclass, field

from schemas.level import Level
from schemas.reason import RaiseRule, Reason

SILENCE = "SILENCE"
"""What is dropped when a person lowers a level that was assumed for a silent sensor."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was last decided; the next decision comes when any of this is different."""

    warning_level: Level | None
    hazard_level: Level | None
    response_level: Level | None
    rules: tuple[tuple[str, int], ...]
    raises: tuple[RaiseRule, ...]
    is_assumed: bool
    is_stale: bool
    confirmed: bool


@dataclass(slots=True)
class Response:
    """
    *raises* and *assumed* have come to act on a level and stay; *dropped* are those that a person's
    lowering has taken off, until the level under them, *dropped_at*, gets worse. *unknown* is why
    something is assumed of a point of which nothing else is known; it goes when its sensor is back.

    *act* is the reason of a level that a person has set (UP10). *peak* are the events behind the
    last raise. *stepped_us* is when it last went down. *told* is what was last decided about it.
    """

    level: Level | None = None
    act: Reason | None = None
    raises: dict[RaiseRule, Reason] = field(default_factory=dict)
    assumed: Reason | None = None
    unknown: Reason | None = None
    dropped: set[str] = field(default_factory=set)
    dropped_at: Level | None = None
    stepped_us: int | None = None
    confirmed: bool = False
    peak: tuple[str, ...] = ()
    told: Told | None = None

    def target(self, base: Level | None, max_raise: int) -> Level | None:
        """
        Return the level that speaks now: *base* with its raises, and not under a person's.

        A point of which nothing is known but that its sensor is silent is one above nothing: IV.
        """
        found: Level | None = None
        if base is not None:
            raised = len(self.raises) + (self.assumed is not None)
            found = base.raised(min(raised, max_raise))
        elif self.unknown is not None:
            found = Level.IV
        return worse_of(found, None if self.act is None else self.act.level)

    def take_off_raises(self, base: Level | None) -> None:
        """Drop what raises, by a person's act, until *base* gets worse."""
        self.dropped |= {raise_rule.value for raise_rule in self.raises}
        if self.assumed is not None or self.unknown is not None:
            self.dropped.add(SILENCE)
        self.dropped_at = base
        self.raises = {}
        self.assumed = self.unknown = None
        self.act = None

    def forget_dropped(self, base: Level | None) -> None:
        """Let raises act again once things are worse than when they were dropped."""
        if worse_of(base, self.dropped_at) is not self.dropped_at:
            self.dropped.clear()
            self.dropped_at = None


def worse_of(one: Level | None, other: Level | None) -> Level | None:
    """Return the worse of two levels, where None is no danger at all."""
    return max((level for level in (one, other) if level is not None), default=None)
