"""
Down again: IV and III follow by themselves, one step at a time; II and I stay until a person says.

domain.md D.3: never with an evacuation open, and from II and I only after a consultation.
"""

from schemas.decision import ActRefusal
from schemas.level import Level
from services.correlator.domain.response import Response


def step_due_us(response: Response, now_us: int, hold_us: int) -> int | None:
    """
    Return when *response*, which stands above what speaks for it, goes down a step by itself.

    The first step needs no further wait, for the rule has already waited its clearing time; each
    one after it needs that time again. None: it does not go down by itself.
    """
    if response.level is None or response.level > Level.III:
        return None
    return now_us if response.stepped_us is None else max(now_us, response.stepped_us + hold_us)


def one_below(level: Level) -> Level | None:
    """Return the level a step below *level*; None below IV."""
    return None if level is Level.IV else Level(level - 1)


def refuse_lowering(
    level: Level | None,
    wanted: Level | None,
    base: Level | None,
    *,
    consulted: bool,
    evacuating: bool,
) -> ActRefusal | None:
    """
    Return why a person may not lower a response from *level* to *wanted*, or None.

    *base* is what warnings and rules say now: below that nobody lowers.
    """
    if level is None:
        return ActRefusal.WRONG_STATE
    if wanted is not one_below(level):
        return ActRefusal.NOT_ONE_STEP
    if evacuating:
        return ActRefusal.EVACUATION_OPEN
    if level >= Level.II and not consulted:
        return ActRefusal.CONSULTATION_MISSING
    if base is not None and (wanted is None or base > wanted):
        return ActRefusal.WRONG_STATE
    return None
