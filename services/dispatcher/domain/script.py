"""
What is said in a call, and which key means what. The provider's adapter turns it into its own
language; here it is only words and what they wait for.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.district.domain.spoken import CHINESE, Voice


class Await(StrEnum):
    """What a script waits for after, and while, it speaks."""

    MENU_KEY = "menu_key"
    """One key: 1 confirm, 2 deputy, 3 repeat. Keys work from the first word."""
    CODE = "code"
    """The code's digits."""
    NOTHING = "nothing"
    """Hang up after the last word."""


@dataclass(frozen=True, slots=True)
class Script:
    """
    One step of a call: *words* are spoken in order; *step* is this step's number, which the answer
    to it carries back. Where *words* holds the text CODE_HERE, the edge speaks the attempt's code,
    as *voice* says digits.
    """

    step: int
    words: tuple[str, ...]
    awaits: Await
    voice: Voice = CHINESE

    @property
    def is_last(self) -> bool:
        """Whether the call ends by itself after these words."""
        return self.awaits is Await.NOTHING


CODE_HERE = "{code}"
"""Stands for the code in a text until the edge, which alone can compute it, puts it in."""
CODE_DIGITS = 4
