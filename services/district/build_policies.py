"""`policies.yaml` to the call-and-confirm matrix."""

from dataclasses import replace

from schemas.level import Level
from services.district.document import Document
from services.district.domain.policy import (
    MAIN,
    Called,
    CalleeLimits,
    CarrierAccount,
    CarrierBudget,
    ExpectedCall,
    FollowUp,
    LevelPolicy,
    Limits,
    OutageLimits,
    Policies,
    Resort,
    ResortKind,
)
from services.district.faults import Faults
from services.district.policy_files import (
    BudgetEntry,
    FollowUpEntry,
    LevelEntry,
    LimitsEntry,
    PoliciesFile,
    ResortEntry,
)

_SENDS_SOMEBODY = frozenset({ResortKind.DOOR, ResortKind.RADIO})


def build_policies(document: Document, file: PoliciesFile, faults: Faults) -> Policies:
    """Return the matrix; a level that it says nothing about is a fault."""
    for level in Level:
        if level not in file.levels:
            document.fault(faults, ("levels",), f"level {level.name} has no policy")
    for level, entry in file.levels.items():
        for part, limits in (("day", entry.day), ("night", entry.night)):
            _check_resorts(document, ("levels", level.name, part), limits, faults)
    given = {
        "join_within": file.join_within,
        "max_code_tries": file.max_code_tries,
    }
    return Policies(
        levels={level: _level(entry) for level, entry in file.levels.items()},
        additions=dict(file.additions),
        budget=_budget(file.budget),
        expected=ExpectedCall(**file.expected.model_dump(exclude_none=True)),
        **{key: value for key, value in given.items() if value is not None},  # type: ignore[arg-type]
    )


def _level(entry: LevelEntry) -> LevelPolicy:
    day = _limits(entry.day)
    return LevelPolicy(
        called=tuple(Called(called.role, called.hazards) for called in entry.called),
        day=day,
        night=day if entry.night is None else _limits(entry.night),
        second_call=_follow_up(entry.second_call),
        measures=_follow_up(entry.measures),
    )


def _follow_up(entry: FollowUpEntry | None) -> FollowUp | None:
    return None if entry is None else FollowUp(entry.at, _limits(entry.limits), entry.every)


def _check_resorts(
    document: Document, path: tuple[str | int, ...], entry: LimitsEntry | None, faults: Faults
) -> None:
    kinds: set[ResortKind] = set()
    for nth, resort in enumerate(entry.resorts if entry is not None else ()):
        where = (*path, "resorts", nth)
        if resort.kind in kinds:
            document.fault(faults, where, f"the resort {resort.kind} stands here twice")
        kinds.add(resort.kind)
        if resort.kind in _SENDS_SOMEBODY and not resort.roles:
            document.fault(faults, where, f"nobody goes: {resort.kind} needs roles")


def _resort(entry: ResortEntry) -> Resort:
    if entry.within is None:
        return Resort(entry.kind, entry.at, entry.roles)
    return Resort(entry.kind, entry.at, entry.roles, entry.within)


def _limits(entry: LimitsEntry) -> Limits:
    return Limits(
        sms_within=entry.sms_within,
        first_ring_within=entry.first_ring_within,
        ack_limit=entry.ack_limit,
        attempts=entry.attempts,
        repeat_gap=entry.repeat_gap,
        deputy_at=entry.deputy_at,
        superior_at=entry.superior_at,
        reminder_at=entry.reminder_at,
        coded=entry.coded,
        voice_roles=entry.voice_roles,
        resorts=tuple(_resort(resort) for resort in entry.resorts),
    )


def _budget(entry: BudgetEntry) -> CarrierBudget:
    accounts = tuple(
        CarrierAccount(one.name, one.starts_per_s, one.lines, one.sms_per_s, one.provider)
        for one in entry.accounts
    )
    if entry.starts_per_s and entry.lines and entry.sms_per_s:
        accounts = (CarrierAccount(MAIN, entry.starts_per_s, entry.lines, entry.sms_per_s),)
    budget = CarrierBudget(
        accounts,
        callee=CalleeLimits(entry.callee.per_minute, entry.callee.per_hour, entry.callee.per_day),
        outage=OutageLimits(entry.outage.after_refusals, entry.outage.first, entry.outage.longest),
    )
    return (
        budget if entry.ring_timeout is None else replace(budget, ring_timeout=entry.ring_timeout)
    )
