"""Class and hazard of a tip by its words (domain.md D.5). The words are data."""

import re
from dataclasses import dataclass

from schemas.event import TipClass
from schemas.hazard import Hazard


@dataclass(frozen=True, slots=True)
class TipWords:
    """The tables of `tip_words.yaml`: patterns with what they mean, the first that fits decides."""

    classes: tuple[tuple[re.Pattern[str], TipClass], ...]
    hazards: tuple[tuple[re.Pattern[str], Hazard], ...]

    def class_of(self, text: str) -> TipClass:
        """Return the class; C when no word of A or B is there."""
        return next((kind for pattern, kind in self.classes if pattern.search(text)), TipClass.C)

    def hazard_of(self, text: str) -> Hazard | None:
        """Return the hazard the words point to, or None: most tips are about none of ours."""
        return next((hazard for pattern, hazard in self.hazards if pattern.search(text)), None)
