"""
提级: what raises a response above the table (domain.md D.3), and what silence lets us assume (D.0.7).

Raises look at hazard levels before any raise, so that two responses cannot lift each other.
"""

from zoneinfo import ZoneInfo

from schemas.level import Level
from schemas.reason import RaiseRule, Reason, ReasonCode
from schemas.rulepack import RulePack
from services.correlator.domain.corroboration import corroborated
from services.correlator.domain.grading import Grading, Gradings
from services.correlator.domain.instants import from_us, span_us
from services.correlator.domain.scene import Key, Scene
from services.correlator.domain.tips import Tips


def raises_at(
    scene: Scene, gradings: Gradings, tips: Tips, key: Key, known: set[str]
) -> dict[RaiseRule, Reason]:
    """
    Return the level-changing raises whose conditions hold now, of those the rules name.

    Those *known*, because they have come to act or were dropped, are not asked again.
    """
    active = gradings.active_at(key)
    named = {raise_rule for grading in active for raise_rule in grading.rule.raises} - known
    found: dict[RaiseRule, Reason | None] = {}
    if RaiseRule.UP2 in named:
        found[RaiseRule.UP2] = _second_hazard(scene, gradings, active)
    if RaiseRule.UP4 in named:
        found[RaiseRule.UP4] = _rain_before(scene, gradings, key)
    if RaiseRule.UP7 in named:
        found[RaiseRule.UP7] = corroborated(scene, gradings, tips, key)
    return {at: reason for at, reason in found.items() if reason is not None}


def _second_hazard(scene: Scene, gradings: Gradings, active: list[Grading]) -> Reason | None:
    """UP2: another hazard at III or worse in the town, and not from the same quantity."""
    since_us = scene.now_us - span_us(scene.pack.conventions.up2_window)
    mine = {
        found.quantities: (own, found)
        for own in active
        if own.rule.level >= Level.III
        for found in own.rested_on(since_us)
    }
    for quantities, (own, found) in mine.items():
        for other, theirs in gradings.apart_from(own, quantities):
            if theirs.was_met_since(since_us):
                # Both sides: later the own level may rest on something else, and this would not.
                seen = [
                    *theirs.reasons(other.rule, other.place),
                    *found.reasons(own.rule, own.place),
                ]
                return Reason(
                    code=ReasonCode.RAISE,
                    place=own.place,
                    hazard=other.rule.hazard,
                    level=other.rule.level,
                    rule_id=other.rule.id,
                    rule_version=other.rule.version,
                    raise_rule=RaiseRule.UP2,
                    levels=1,
                    event_ids=_events(seen),
                )
    return None


def _rain_before(scene: Scene, gradings: Gradings, key: Key) -> Reason | None:
    """UP4: the ground is full from the rain of the last days."""
    met = [watch for watch in gradings.prior_rain.get(key, ()) if watch.met]
    seen = [(found, watch.sensor_id) for watch in met if (found := watch.seen()) is not None]
    if not seen:
        return None
    (observed, event_ids), sensor_id = max(seen)
    return Reason(
        code=ReasonCode.RAISE,
        place=key[0],
        hazard=key[1],
        raise_rule=RaiseRule.UP4,
        levels=1,
        sensor_id=sensor_id,
        op=">=",
        threshold=scene.pack.conventions.up4_rain,
        observed=observed,
        window=scene.pack.conventions.up4_window,
        event_ids=event_ids,
    )


def may_be_nightly(active: list[Grading]) -> bool:
    """Whether UP1 applies: a rule that holds names it, or nothing but a warning speaks."""
    return not active or any(RaiseRule.UP1 in grading.rule.raises for grading in active)


def is_night(pack: RulePack, at_us: int) -> bool:
    """Whether it is night in the district (UP1)."""
    local = from_us(at_us).astimezone(ZoneInfo(pack.timezone)).time()
    if pack.night.start <= pack.night.end:
        return pack.night.start <= local < pack.night.end
    return local >= pack.night.start or local < pack.night.end


def _events(reasons: list[Reason]) -> tuple[str, ...]:
    return tuple(sorted({event_id for reason in reasons for event_id in reason.event_ids}))
