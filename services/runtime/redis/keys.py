"""The keys of one district. Its braces keep them together, so that one script may touch them all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DistrictKeys:
    """
    *lease*: who has the district, until when, and under which fence. *rows*: every value, by space
    and key. *aside*: what the round under way is going to write.
    """

    lease: str
    rows: str
    aside: str

    @classmethod
    def of(cls, prefix: str, district: str) -> "DistrictKeys":
        """Return the keys of *district*, or of whatever else has values of its own."""
        home = f"{prefix}:{{{district}}}"
        return cls(f"{home}:lease", f"{home}:rows", f"{home}:aside")
