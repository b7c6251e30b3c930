"""
A failing night made small: fewer faults, then fewer inputs, then fewer people with habits of their own.

A smaller night is another night, so the failure need only be of the same invariant.
"""

from collections.abc import Callable, Sequence

from tests.simulation.plan import Plan

_MOST_TRIES = 150


def shrink(plan: Plan, still_fails: Callable[[Plan], bool]) -> Plan:
    """Return a plan no part of which can be left out, or as near to one as 150 tries come."""
    tries = 0
    for names in (plan.faults, plan.said, plan.people):
        kept = list(names)
        chunk = max(1, len(kept))
        while chunk >= 1 and kept and tries < _MOST_TRIES:
            kept, plan, used = _without_chunks(plan, kept, chunk, still_fails)
            tries += used
            chunk = 0 if chunk == 1 else chunk // 2
    return plan


def _without_chunks(
    plan: Plan, kept: Sequence[str], chunk: int, still_fails: Callable[[Plan], bool]
) -> tuple[list[str], Plan, int]:
    left, used, begin = list(kept), 0, 0
    while begin < len(left):
        dropped = set(left[begin : begin + chunk])
        smaller = plan.kept(plan.names - dropped)
        used += 1
        if still_fails(smaller):
            plan = smaller
            left = [name for name in left if name not in dropped]
        else:
            begin += chunk
    return left, plan, used
