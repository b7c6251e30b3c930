"""One refused input, as its sender is told and as it is kept."""

from dataclasses import dataclass

from schemas.deadletter import RefusalReason


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    What was refused and why. *index* is its place in the body, from 0; *original* is the whole of
    it as it came.
    """

    index: int
    reason: RefusalReason
    detail: str
    original: bytes
