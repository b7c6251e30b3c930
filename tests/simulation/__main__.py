"""
`make simulate`: nights by their seeds, judged; a failing one is made small, told and named.

The last line on standard output is JSON: seeds, steps, faults, violations.
"""

import argparse
import json
import multiprocessing
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.simulation.invariants import judge
from tests.simulation.night import live_through
from tests.simulation.plan import Plan, draw_plan
from tests.simulation.shrink import shrink
from tests.simulation.town import TOWNS, pack
from tests.simulation.trace import tell
from tests.simulation.violation import Violation

_CHUNK = 5
_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one seed."""

    seed: int
    steps: int
    faults: int
    violations: tuple[Violation, ...]


def plan_of(seed: int) -> Plan:
    """Return the night of *seed*."""
    return draw_plan(seed, pack(), len(TOWNS))


def try_seed(seed: int) -> Verdict:
    """Live through the night of *seed* and judge it."""
    evidence = live_through(plan_of(seed))
    return Verdict(seed, evidence.steps, len(evidence.struck), tuple(judge(evidence)))


def explain(plan: Plan, *, make_small: bool) -> list[str]:
    """Return what is to be read about the failing night *plan*."""
    violations = judge(live_through(plan))
    if not violations:
        return [f"seed {plan.seed} holds with what is kept of it"]
    invariant = violations[0].invariant

    def still_fails(smaller: Plan) -> bool:
        return any(one.invariant == invariant for one in judge(live_through(smaller)))

    small = shrink(plan, still_fails) if make_small else plan
    evidence = live_through(small)
    found = [one for one in judge(evidence) if one.invariant == invariant]
    kept = ",".join(sorted(small.names, key=lambda name: (name[0], int(name[1:]))))
    return [
        *tell(evidence, found[0].at_s),
        *[f"  fault   {name}: {fault}" for name, fault in small.faults.items()],
        *[f"  input   {name}: {said}" for name, said in small.said.items()],
        *[f"  person  {name}: {'/'.join(one.habits)}" for name, one in small.people.items()],
        *[f"VIOLATION {violation}" for violation in found[:_MOST_SHOWN]],
        f"again:    make simulate SEED={plan.seed} KEEP={kept}",
    ]


def run(seeds: Iterator[int], workers: int, least: int, until: float | None) -> list[Verdict]:
    """Try *seeds* in *workers* processes: all, or *least* of them and as many as come by *until*."""
    verdicts = []
    context = multiprocessing.get_context("fork")
    with context.Pool(workers) as pool:
        for verdict in pool.imap_unordered(try_seed, seeds, chunksize=_CHUNK):
            verdicts.append(verdict)
            if verdict.violations:
                sys.stderr.write(f"seed {verdict.seed}: {verdict.violations[0]}\n")
            if until is not None and len(verdicts) >= least and time.monotonic() >= until:
                pool.terminate()
                break
    return verdicts


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when nothing was violated."""
    parser = argparse.ArgumentParser(prog="simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument(
        "--minutes", type=float, help="go on with further seeds for so long at least"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, help="this one only, told in lines")
    parser.add_argument("--keep", help="names of the faults, inputs and people to keep, by commas")
    given = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")  # the dead left them
    if given.seed is not None:
        plan = plan_of(given.seed)
        if given.keep is not None:
            plan = plan.kept(given.keep.split(","))
        _say(*explain(plan, make_small=given.keep is None))
        evidence = live_through(plan)
        verdicts = [
            Verdict(given.seed, evidence.steps, len(evidence.struck), tuple(judge(evidence)))
        ]
    else:
        until = None if given.minutes is None else time.monotonic() + 60 * given.minutes
        last = given.first + (given.seeds if until is None else 1_000_000)
        seeds = iter(range(given.first, last))
        verdicts = run(seeds, given.workers, given.seeds, until)
        failed = sorted(one.seed for one in verdicts if one.violations)
        for seed in failed[:_MOST_SHOWN]:
            _say("", f"seed {seed}", *explain(plan_of(seed), make_small=True))
    result = {
        "seeds": len(verdicts),
        "steps": sum(one.steps for one in verdicts),
        "faults": sum(one.faults for one in verdicts),
        "violations": sum(len(one.violations) for one in verdicts),
    }
    _say(json.dumps(result))
    return 1 if result["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
