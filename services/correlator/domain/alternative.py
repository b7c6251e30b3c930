"""
One way in which a rule can be met: the conditions that suffice together, and what was seen when
they last did.
"""

from schemas.reason import Reason
from schemas.rule import Rule
from services.correlator.domain.leaf import Leaf


class Alternative:
    """
    *quantities* are the kinds of evidence it rests on. *left_us* is when it was last met, in the
    log's time (None while it is, or never was), and *kept* what was seen then: conditions that are
    met at different times explain nothing.
    """

    __slots__ = ("kept", "leaves", "left_us", "met", "quantities")

    def __init__(self, leaves: tuple[Leaf, ...]) -> None:
        self.leaves = leaves
        self.quantities = frozenset(leaf.quantity for leaf in leaves)
        self.met = False
        self.left_us: int | None = None
        self.kept: tuple[Reason, ...] = ()

    def look(self, rule: Rule, place: str, now_us: int) -> bool:
        """Ask its conditions again; return whether it is met."""
        met = all(leaf.met for leaf in self.leaves)
        if self.met and not met:
            self.left_us = now_us
            self.kept = self._seen(rule, place)
        self.met = met
        return met

    def was_met_since(self, since_us: int) -> bool:
        """Whether it has been met at or after *since_us*."""
        return self.met or (self.left_us is not None and self.left_us >= since_us)

    def reasons(self, rule: Rule, place: str) -> tuple[Reason, ...]:
        """Return what is seen, or was when it was last met."""
        return self._seen(rule, place) if self.met else self.kept

    def _seen(self, rule: Rule, place: str) -> tuple[Reason, ...]:
        found = (leaf.reason(rule, place) for leaf in self.leaves)
        return tuple(reason for reason in found if reason is not None)
