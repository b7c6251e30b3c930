"""
UP7: two independent kinds of evidence near a point within half an hour (domain.md D.0.8).

A sensor that alone suffices for a rule, and a tip; or two such sensors. Tips alone are one kind,
however many they are and whatever rule they make.
"""

from schemas.reason import RaiseRule, Reason, ReasonCode
from services.correlator.domain.grading import Gradings
from services.correlator.domain.instants import span_us
from services.correlator.domain.scene import Key, Scene
from services.correlator.domain.tips import Tips


def corroborated(scene: Scene, gradings: Gradings, tips: Tips, key: Key) -> Reason | None:
    """Return the reason for UP7 at the point of *key*, or None; areas are not corroborated."""
    place, hazard = key
    if place not in scene.register.points:
        return None
    limits = scene.pack.conventions
    since_us = scene.now_us - span_us(limits.corroboration_window)
    radius_m = limits.corroboration_radius_m
    sensors: dict[str, tuple[str, ...]] = {}
    for grading in gradings.at(key):
        for sensor_id, event_ids in grading.alone(since_us).items():
            if scene.register.sensor_is_near(sensor_id, place, radius_m):
                sensors[sensor_id] = tuple(sorted({*sensors.get(sensor_id, ()), *event_ids}))
    told = tuple(sorted({seen.event_id for seen in tips.near(place, hazard, radius_m, since_us)}))
    if not sensors or (len(sensors) == 1 and not told):
        return None
    measured = {event_id for sensor_id in sorted(sensors)[:2] for event_id in sensors[sensor_id]}
    return Reason(
        code=ReasonCode.RAISE,
        place=place,
        hazard=hazard,
        raise_rule=RaiseRule.UP7,
        levels=1,
        event_ids=tuple(sorted(measured.union(told))),
    )
