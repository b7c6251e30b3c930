"""Who waits for a start is served in order, in bounded time, and no permitted start is left unused."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import PlaceCall
from services.dispatcher.domain.inputs import AttemptSeen, WokenUp
from services.district.domain.policy import CalleeLimits
from tests.districts import pack, policies, post
from tests.unit.dispatcher.night import Night

STARTS_PER_S = 2
PEOPLE = 9
POSTS = [
    post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}", deputies=(f"d{n}",)) for n in range(PEOPLE)
]
HAZARDS = (Hazard.RAINSTORM, Hazard.GAS_LEAK, Hazard.GALE)
LEVELS = (Level.III, Level.II, Level.I)


class Queue(Night):
    """A night whose calls last as long as they are given, and nobody ever confirms."""

    def __init__(self, lines: int, lengths_s: list[int]) -> None:
        limits = CalleeLimits(per_minute=60, per_hour=1000, per_day=1000)
        chosen = policies(starts_per_s=STARTS_PER_S, lines=lines, callee=limits)
        super().__init__(pack(*POSTS, policies_=chosen))
        self.lengths_s = lengths_s
        self.ends_at: list[tuple[datetime, str]] = []
        self.known = 0

    def step(self) -> bool:
        """Go to the next thing that happens; False when nothing more does."""
        for _, command in self.commands[self.known :]:
            if isinstance(command, PlaceCall):
                length = self.lengths_s[len(self.ends_at) % len(self.lengths_s)]
                self.ends_at.append((self.now + timedelta(seconds=length), command.attempt_id))
        self.known = len(self.commands)
        live = [
            (at, key)
            for at, key in self.ends_at
            if self.desk.attempts[key].is_live and at > self.now
        ]
        times = [at for at in (self.desk.next_wake(), min(live, default=(None, ""))[0]) if at]
        if not times:
            return False
        self.now = max(self.now, min(times))
        for at, key in sorted(self.ends_at):
            if at <= self.now and self.desk.attempts[key].is_live:
                self.tell(AttemptSeen(key, f"P{key}", Progress.ENDED, Outcome.NO_ANSWER))
        self.tell(WokenUp())
        return True

    def waiting(self) -> list[tuple[int, int, datetime]]:
        """Who is due and may be rung, first come first."""
        found = []
        for level, repeat, due_at, chain_id, index in self.desk.queue.in_order():
            chain = self.desk.chains[chain_id]
            rung = chain.rungs[index]
            is_free = rung.voice is not None and rung.voice not in self.desk.live_call
            if chain.is_open and rung.due_at == due_at and is_free:
                found.append((level, repeat, due_at))
        return sorted(found)


@settings(max_examples=40, deadline=None)
@given(
    lines=st.integers(1, 6),
    lengths_s=st.lists(st.integers(1, 40), min_size=1, max_size=7),
    opened=st.lists(
        st.tuples(st.sampled_from(LEVELS), st.integers(0, 90)), min_size=1, max_size=len(HAZARDS)
    ),
)
def test_invariant_08_everybody_due_is_rung_in_bounded_time_and_no_start_is_wasted(
    lines: int, lengths_s: list[int], opened: list[tuple[Level, int]]
) -> None:
    """However bad the night is at the highest level, the last village of the lowest is called too."""
    queue = Queue(lines, lengths_s)
    for hazard, (level, after_s) in zip(HAZARDS, opened, strict=False):
        until = queue.now + timedelta(seconds=after_s)
        while queue.now < until and queue.step():
            assert not queue.waiting() or queue.desk.accounts.for_call(queue.now) is None
        queue.now = max(queue.now, until)
        queue.respond(level, hazard=hazard)

    steps = 0
    while any(chain.is_open for chain in queue.desk.chains.values()):
        assert queue.step()
        assert not queue.waiting() or queue.desk.accounts.for_call(queue.now) is None
        steps += 1
        assert steps < 5000

    chains = queue.desk.chains.values()
    assert {chain.state for chain in chains} == {ChainState.EXHAUSTED}
    for chain in chains:
        assert [rung.calls for rung in chain.rungs] == [chain.limits.attempts] * 2
    # The bound: a call waits for no more than the calls that all asks together have, each of which
    # takes a start and a line for a time.
    calls = sum(chain.limits.attempts * len(chain.rungs) for chain in chains)
    longest = timedelta(seconds=max(lengths_s))
    pauses = max(chain.limits.repeat_gap * chain.limits.attempts * 2 for chain in chains)
    bound = calls * max(longest / lines, timedelta(seconds=1 / STARTS_PER_S)) + longest + pauses
    opened_at = max(chain.opened_at for chain in chains)
    limit = max(chain.limits.ack_limit for chain in chains)
    assert queue.now <= opened_at + max(bound * 2, limit + longest)
