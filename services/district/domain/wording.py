"""
One text of a pack in its variants, and which of them is said.

A variant may name hazards, levels and roles that it is for. The one that names more of the three
wins; of two that name as many, one for a hazard wins over one for a level, and that over one for a
role: what happens decides what is to be done, before how bad it is and who does it.
"""

from dataclasses import dataclass

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role


@dataclass(frozen=True, slots=True)
class About:
    """What a text is said about; None where that is not known, as in a text to everybody."""

    hazard: Hazard | None = None
    level: Level | None = None
    role: Role | None = None


ANYTHING = About()


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to word a text; an empty set is for every hazard, level or role."""

    text: str
    hazards: frozenset[Hazard] = frozenset()
    levels: frozenset[Level] = frozenset()
    roles: frozenset[Role] = frozenset()

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """How particular it is: of the variants that fit, the one of the highest rank is said."""
        named = (bool(self.hazards), bool(self.levels), bool(self.roles))
        return sum(named), named[0], named[1]

    def fits(self, about: About) -> bool:
        """Whether it is for *about*; one that names a role does not fit where no role is known."""
        return (
            (not self.hazards or about.hazard in self.hazards)
            and (not self.levels or about.level in self.levels)
            and (not self.roles or about.role in self.roles)
        )

    def rivals(self, other: "Variant") -> bool:
        """Whether something is left for which it cannot be told which of the two is said."""
        return self.rank == other.rank and all(
            mine & theirs or not (mine or theirs)
            for mine, theirs in (
                (self.hazards, other.hazards),
                (self.levels, other.levels),
                (self.roles, other.roles),
            )
        )


@dataclass(frozen=True, slots=True)
class Wording:
    """The variants of one text."""

    variants: tuple[Variant, ...]

    @classmethod
    def plain(cls, text: str) -> "Wording":
        """Return a wording that says *text* whatever it is about."""
        return cls((Variant(text),))

    def variant_for(self, about: About) -> Variant | None:
        """Return the most particular variant that fits, or None."""
        fitting = [variant for variant in self.variants if variant.fits(about)]
        return max(fitting, key=lambda variant: variant.rank, default=None)

    def of(self, about: About) -> str:
        """Return the text for *about*. Raises LookupError, which the check of a pack rules out."""
        variant = self.variant_for(about)
        if variant is None:
            raise LookupError(f"no text for {about}")
        return variant.text
