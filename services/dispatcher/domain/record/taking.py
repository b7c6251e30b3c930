"""
Taking an input: deciding on it, and putting it on record in front of what it came to.

Whoever takes the recorded inputs again, in their order and at their times, comes to the same facts
and rows: nothing else moves the desk.
"""

from dataclasses import fields
from datetime import datetime

from schemas.cap import Status
from services.dispatcher.domain.decide import decide
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Effects
from services.dispatcher.domain.inputs import DecisionRead, Input, WokenUp
from services.dispatcher.domain.record.recorded_input import Loaded, record_input
from services.dispatcher.domain.script import Script

_PARTS = tuple(part.name for part in fields(Effects))


def take(
    desk: Desk, what: Input, now: datetime, loaded: Loaded | None = None
) -> tuple[Script | None, Effects]:
    """
    Decide on *what* at *now*; return what to say, and the effects with the input in front.

    An input that moved nothing is not recorded, and has no effects: a carrier repeats itself. A
    start of the process always is. *loaded*: the desk was read from the store since the last input
    that was recorded.
    """
    unstored = desk.unstored
    known = isinstance(what, DecisionRead) and what.decision.decision_id in desk.noted
    script = decide(desk, what, now)
    effects = desk.take_effects()
    is_start = isinstance(what, WokenUp) and what.restarted
    if is_start or desk.unstored != unstored or any(getattr(effects, part) for part in _PARTS):
        # A decision known already only let time pass.
        came = WokenUp() if known else what
        effects.facts.insert(0, record_input(came, _status(effects), loaded))
    return script, effects


def _status(effects: Effects) -> Status:
    """Return the status that all facts share; Actual where they do not, or where there is none."""
    found = {fact.status for fact in effects.facts}
    return found.pop() if len(found) == 1 else Status.ACTUAL


def together(several: list[Effects]) -> Effects:
    """Return what *several* inputs came to, one after the other, as one."""
    if len(several) == 1:
        return several[0]
    whole = Effects()
    for effects in several:
        for part in _PARTS:
            into, more = getattr(whole, part), getattr(effects, part)
            into.update(more) if isinstance(into, dict) else into.extend(more)
    return whole
