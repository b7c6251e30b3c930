"""What broke which invariant, and when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """*invariant* is its number in design.md section 6; *at_s* the virtual second."""

    invariant: str
    at_s: float
    what: str

    def __str__(self) -> str:
        return f"invariant {self.invariant}, at {self.at_s:.3f}s: {self.what}"
