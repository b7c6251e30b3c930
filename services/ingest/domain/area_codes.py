"""Division codes of any length: what a code covers, and what it lies in (GB/T 2260, GB/T 10114)."""

FULL = 12
DISTRICT = 6
TOWN = 9
_STEPS = (2, 4, 6, 9, 12)


def covered_prefix(code: str) -> str | None:
    """
    Return the digits that matter of *code* (2, 4, 6, 9 or 12), or None when it is no such code.

    "500000" is all of Chongqing and gives "50"; "500108003000" a town and gives "500108003".
    """
    if not code.isascii() or not code.isdigit() or not 2 <= len(code) <= FULL:  # noqa: PLR2004 - a province has two
        return None
    padded = code.ljust(FULL, "0")
    if padded.startswith("00"):
        return None
    for step in _STEPS:
        if not padded[step:].strip("0"):
            return padded[:step]
    return padded


def is_same_or_within(code: str, prefix: str) -> bool:
    """Whether the place of *code* lies in what *prefix* covers."""
    return code.ljust(FULL, "0").startswith(prefix)
