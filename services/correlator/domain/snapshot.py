"""
The whole state of a fold as plain values, and back: a snapshot equals the fold up to it.

What follows from the pack is built again and not kept; event ids stand in one table, because a
record's id is shared by all its readings.
"""

from typing import Any

from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.order import Order
from schemas.reason import RaiseRule, Reason
from schemas.record import Part
from schemas.rulepack import RulePack
from services.correlator.domain.dial import Watch
from services.correlator.domain.district import DistrictState
from services.correlator.domain.fold import Fold
from services.correlator.domain.grading import Grading
from services.correlator.domain.instrument import Instrument
from services.correlator.domain.leaf import Leaf
from services.correlator.domain.response import Response, Told

SHAPE = 1
"""The version of this shape; a snapshot of another one is not read, and the log is folded again."""


def dump(fold: Fold) -> dict[str, Any]:
    """Return *fold* as values that JSON can hold."""
    return {
        "shape": SHAPE,
        "district": fold.district,
        "pack": _part(fold.pack),
        "now_us": fold.now_us,
        "seen": [list(row) for row in fold.remembered()],
        "states": {status.value: _dump_state(state) for status, state in fold.states.items()},
    }


def restore(dumped: dict[str, Any]) -> Fold:
    """Return the fold that `dump` was given."""
    fold = Fold(dumped["district"])
    fold.pack = RulePack.model_validate(dumped["pack"])
    fold.now_us = dumped["now_us"]
    fold.remember([(at_us, event_id) for at_us, event_id in dumped["seen"]])
    for name, row in dumped["states"].items():
        status = Status(name)
        state = DistrictState(fold.district, status, fold.pack, fold.now_us or 0)
        _load_state(state, row)
        fold.states[status] = state
    return fold


def _dump_state(state: DistrictState) -> dict[str, Any]:
    event_ids: dict[str, int] = {}
    scene = state.scene
    return {
        "ordinals": scene.ordinals,
        "timers": [[due_us, list(timer)] for timer, due_us in scene.timers.all()],
        "heard": {
            sensor_id: [heard.at_us, heard.event_id, heard.is_awaited, heard.is_silent]
            for sensor_id, heard in state.silence.heard.items()
        },
        "instruments": [
            [sensor_id, metric, _dump_instrument(instrument, event_ids)]
            for sensor_id, by_metric in state.sensing.instruments.items()
            for metric, instrument in by_metric.items()
        ],
        "event_ids": list(event_ids),
        "quarantine": state.sensing.quarantine.dump(),
        "gradings": [[*at, _dump_grading(grading)] for at, grading in state.gradings.all.items()],
        "warnings": state.warnings.dump(),
        "tips": state.tips.dump(),
        "orders": [_part(order) for order in state.orders.all.values()],
        "order_reasons": {at: _parts(found) for at, found in state.orders.reasons.items()},
        "responses": [
            [place, hazard.value, _dump_response(response)]
            for (place, hazard), response in state.responses.items.items()
        ],
        "acts": sorted(state.acts.known),
        "consulted": [[place, hazard.value] for place, hazard in sorted(state.acts.consulted)],
    }


def _load_state(state: DistrictState, row: dict[str, Any]) -> None:
    scene = state.scene
    scene.ordinals = dict(row["ordinals"])
    scene.timers.clear()
    for due_us, timer in row["timers"]:
        scene.timers.set(tuple(timer), due_us)
    for sensor_id, (at_us, event_id, is_awaited, is_silent) in row["heard"].items():
        heard = state.silence.heard[sensor_id]
        heard.at_us, heard.event_id = at_us, event_id
        heard.is_awaited, heard.is_silent = is_awaited, is_silent
        if is_silent:
            scene.silent.add(sensor_id)
    for sensor_id, metric, instrument in row["instruments"]:
        _load_instrument(state.sensing.instruments[sensor_id][metric], instrument, row["event_ids"])
    state.sensing.quarantine.load(row["quarantine"])
    for rule_id, place, grading in row["gradings"]:
        _load_grading(state.gradings.all[rule_id, place], grading)
    state.warnings.load(row["warnings"])
    state.tips.load(row["tips"])
    for order in map(Order.model_validate, row["orders"]):
        state.orders.all[order.order_id] = order
    state.orders.reasons = {at: _reasons(found) for at, found in row["order_reasons"].items()}
    for place, hazard, response in row["responses"]:
        state.responses.items[place, Hazard(hazard)] = _load_response(response)
    state.acts.known = set(row["acts"])
    state.acts.consulted = {(place, Hazard(hazard)) for place, hazard in row["consulted"]}


def _dump_instrument(instrument: Instrument, event_ids: dict[str, int]) -> list[Any]:
    series = instrument.series
    return [
        series.times,
        series.values,
        [event_ids.setdefault(event_id, len(event_ids)) for event_id in series.event_ids],
        [[at_us, list(ids)] for at_us, ids in sorted(series.corrected.items())],
        [list(found) for found in instrument.forecasts.rows()],
        [_dump_watch(watch) for watch in instrument.watches()],
    ]


def _load_instrument(instrument: Instrument, row: list[Any], event_ids: list[str]) -> None:
    times, values, numbers, corrected, forecasts, watches = row
    for at_us, value, number in zip(times, values, numbers, strict=True):
        instrument.series.append(at_us, value, event_ids[number])
    instrument.series.corrected = {at_us: tuple(ids) for at_us, ids in corrected}
    instrument.forecasts.load(tuple(found) for found in forecasts)
    for watch, facts in zip(instrument.watches(), watches, strict=True):
        _load_watch(watch, facts)
    for dial in instrument.dials:
        dial.count()


def _dump_watch(watch: Watch) -> list[Any]:
    return [watch.met, watch.held, watch.is_anchored, watch.unmet_us, watch.kept]


def _load_watch(watch: Watch, facts: list[Any]) -> None:
    watch.met, watch.held, watch.is_anchored, watch.unmet_us, kept = facts
    watch.kept = _kept(kept)


def _dump_grading(grading: Grading) -> list[Any]:
    return [
        grading.active,
        grading.met,
        grading.left_us,
        grading.below_since_us,
        _parts(grading.earlier),
        [[found.met, found.left_us, _parts(found.kept)] for found in grading.alternatives],
        sorted(grading.sources),
        sorted(grading.proposed),
        [[leaf.fact, leaf.kept] for leaf in grading.leaves],
    ]


def _load_grading(grading: Grading, row: list[Any]) -> None:
    grading.active, grading.met, grading.left_us, grading.below_since_us = row[:4]
    grading.earlier = _reasons(row[4])
    for alternative, (met, left_us, reasons) in zip(grading.alternatives, row[5], strict=True):
        alternative.met, alternative.left_us = met, left_us
        alternative.kept = _reasons(reasons)
    grading.sources, grading.proposed = set(row[6]), set(row[7])
    for leaf, (fact, kept) in zip(grading.leaves, row[8], strict=True):
        _load_leaf(leaf, kept, fact=fact)


def _load_leaf(leaf: Leaf, kept: list[Any] | None, *, fact: bool) -> None:
    leaf.turn(met=fact)
    leaf.kept = _kept(kept)


def _dump_response(response: Response) -> dict[str, Any]:
    told = response.told
    return {
        "level": response.level,
        "act": None if response.act is None else _part(response.act),
        "raises": {at.value: _part(reason) for at, reason in response.raises.items()},
        "assumed": None if response.assumed is None else _part(response.assumed),
        "unknown": None if response.unknown is None else _part(response.unknown),
        "dropped": sorted(response.dropped),
        "dropped_at": response.dropped_at,
        "stepped_us": response.stepped_us,
        "confirmed": response.confirmed,
        "peak": response.peak,
        "told": None
        if told is None
        else [
            told.warning_level,
            told.hazard_level,
            told.response_level,
            told.rules,
            [raise_rule.value for raise_rule in told.raises],
            told.is_assumed,
            told.is_stale,
            told.confirmed,
        ],
    }


def _load_response(row: dict[str, Any]) -> Response:
    return Response(
        level=_level(row["level"]),
        act=None if row["act"] is None else Reason.model_validate(row["act"]),
        raises={RaiseRule(at): Reason.model_validate(found) for at, found in row["raises"].items()},
        assumed=None if row["assumed"] is None else Reason.model_validate(row["assumed"]),
        unknown=None if row["unknown"] is None else Reason.model_validate(row["unknown"]),
        dropped=set(row["dropped"]),
        dropped_at=_level(row["dropped_at"]),
        stepped_us=row["stepped_us"],
        confirmed=row["confirmed"],
        peak=tuple(row["peak"]),
        told=None if row["told"] is None else _load_told(row["told"]),
    )


def _load_told(row: list[Any]) -> Told:
    warned, hazard_level, response_level, rules, raises, *facts = row
    return Told(
        _level(warned),
        _level(hazard_level),
        _level(response_level),
        tuple((rule_id, version) for rule_id, version in rules),
        tuple(RaiseRule(raise_rule) for raise_rule in raises),
        *facts,
    )


def _level(value: int | None) -> Level | None:
    return None if value is None else Level(value)


def _kept(row: list[Any] | None) -> tuple[int, tuple[str, ...]] | None:
    return None if row is None else (row[0], tuple(row[1]))


def _part(part: Part) -> Any:
    return part.model_dump(mode="json", exclude_none=True)


def _parts(parts: tuple[Reason, ...]) -> list[Any]:
    return [_part(part) for part in parts]


def _reasons(rows: list[Any]) -> tuple[Reason, ...]:
    return tuple(Reason.model_validate(row) for row in rows)
