"""
The rows on the desk, and how they are found: by id, by callout, by person, by contact, by instant.

In memory is what is at work. The rest lies in the store and is found by its slip: it is read when
it is due, or when an input names it.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.dispatcher.domain.asks.callout import Callout, Family
from services.dispatcher.domain.asks.callout_book import CalloutBook
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.climbing import next_wake
from services.dispatcher.domain.asks.inform import Inform
from services.dispatcher.domain.calls.accounts import Accounts
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.calls.starts_waiting import StartsWaiting
from services.dispatcher.domain.desk.effects import Effects
from services.dispatcher.domain.desk.index import Index
from services.dispatcher.domain.desk.shelf import Shelf
from services.dispatcher.domain.desk.slips import (
    AttemptSlip,
    ChainSlip,
    attempt_slip,
    chain_slip,
    persons_of,
)
from services.dispatcher.domain.desk.stored_rows import ATTEMPTS, CHAINS, StoredRows
from services.dispatcher.domain.desk.timers import Timers
from services.dispatcher.domain.ladder.task import Task
from services.district.domain.policy import CarrierBudget

FOLLOW_UPS = ("second_call", "measures")
"""The kinds of timers of a callout."""


class DeskRows:
    """
    `put_…` keeps a row and notes it in `effects`; `adopt_…` and `expect_…` take up what is stored.
    """

    def __init__(self, budget: CarrierBudget) -> None:
        self.accounts = Accounts(budget)
        self.callouts: dict[str, Callout] = {}
        self.chains = Shelf(self._read_chain, lambda chain: chain.is_open)
        self.attempts = Shelf(self._read_attempt, lambda attempt: attempt.is_live)
        self.families: dict[str, Family] = {}
        self.informs: dict[str, Inform] = {}
        self.tasks: dict[str, Task] = {}
        self.book = CalloutBook()
        self.queue = StartsWaiting()
        self.timers = Timers()
        self.effects = Effects()
        self.ended_attempts: deque[tuple[datetime, str]] = deque()
        self.ended_callouts: deque[tuple[datetime, str]] = deque()
        self.put_off = 0
        """How often something that is over was kept for another day."""
        self.opened_by: dict[str, deque[datetime]] = defaultdict(deque)
        """By source: when it caused a callout, in the last hour."""
        self.live_call: dict[str, str] = {}
        """The live voice attempt by contact: no number has two."""
        self._chains_of = Index()
        """Open chains by the persons on their rungs."""
        self._live_of = Index()
        self._attempts_to = Index()
        self._informs_to = Index()
        self._open_tasks_of = Index()
        self._unplanned: dict[str, None] = {}
        """The callouts that have gained asks since their first round was planned last."""
        self._tasks_in = Index()
        self._to_audit: deque[str] = deque()
        self._stored: StoredRows | None = None
        self._taken: list[tuple[str, str]] = []

    def take_effects(self) -> Effects:
        """Return the effects since the last time, and begin anew."""
        effects, self.effects = self.effects, Effects()
        self._taken += effects.rows
        return effects

    def read_from(self, rows: StoredRows) -> None:
        """Read from *rows* what is not in memory."""
        self._stored = rows

    def put_away(self) -> None:
        """
        Every effect that was taken is durable: what has ended leaves memory.

        Nobody need call this. Then everything stays in memory that was not read from the store.
        """
        for kind, key in self._taken:
            if kind == CHAINS.name:
                self.chains.put_away(key)
            elif kind == ATTEMPTS.name:
                self.attempts.put_away(key)
        self._taken.clear()

    def _read_chain(self, chain_id: str) -> Chain:
        if self._stored is None:
            raise LookupError(chain_id)
        chain = self._stored.row(CHAINS, chain_id)
        callout = self.callouts.get(chain.callout_id)
        if callout is not None and callout.limits == chain.limits:
            chain = replace(chain, limits=callout.limits)  # one object for all the callout's chains
        return chain

    def _read_attempt(self, attempt_id: str) -> Attempt:
        if self._stored is None:
            raise LookupError(attempt_id)
        return self._stored.row(ATTEMPTS, attempt_id)

    def put_callout(self, callout: Callout) -> None:
        """Keep *callout*."""
        self.effects.rows["callout", callout.callout_id] = callout
        self.adopt_callout(callout)

    def adopt_callout(self, callout: Callout) -> None:
        """Take up *callout* without noting it anew."""
        if callout.source is not None and callout.callout_id not in self.callouts:
            self.opened_by[callout.source].append(callout.opened_at)
        self.callouts[callout.callout_id] = callout
        if callout.ended_at is not None:
            self.ended_callouts.append((callout.ended_at, callout.callout_id))
        asks_at = (callout.second_call_at, callout.measures_at) if callout.is_open else (None, None)
        for kind, at in zip(FOLLOW_UPS, asks_at, strict=True):
            self.timers.set(at, kind, callout.callout_id)

    def put_family(self, family: Family) -> None:
        """Keep *family*, as long as there is anything in it."""
        is_idle = not family.members and family.callout_id is None
        self.effects.rows["family", family.key] = None if is_idle else family
        if is_idle:
            self.families.pop(family.key, None)
        else:
            self.families[family.key] = family

    def put_inform(self, inform: Inform) -> None:
        """Queue *inform*."""
        self.effects.rows["inform", inform.inform_id] = inform
        self.adopt_inform(inform)

    def adopt_inform(self, inform: Inform) -> None:
        """Take up a queued *inform* without noting it anew."""
        self.informs[inform.inform_id] = inform
        self._informs_to.add(inform.person, inform.inform_id)
        self.queue.queue_text(inform.level, inform.queued_at, inform.inform_id)

    def informs_to(self, person: str) -> list[Inform]:
        """Return the words that wait for *person*, the most urgent first."""
        mine = (self.informs[inform_id] for inform_id in self._informs_to.of(person))
        return sorted(mine, key=lambda inform: (-inform.level, inform.queued_at, inform.inform_id))

    def drop_inform(self, inform_id: str) -> None:
        """Forget an inform that has become an attempt."""
        inform = self.informs.pop(inform_id)
        self._informs_to.discard(inform.person, inform_id)
        self.queue.drop_text(inform_id)
        self.effects.rows["inform", inform_id] = None

    def put_task(self, task: Task) -> None:
        """Keep *task*."""
        self.effects.rows["task", task.task_id] = task
        self.adopt_task(task)

    def adopt_task(self, task: Task) -> None:
        """Take up *task* without noting it anew."""
        self.tasks[task.task_id] = task
        self._tasks_in.add(task.callout_id, task.task_id)
        move = self._open_tasks_of.add if task.is_open else self._open_tasks_of.discard
        move(task.chain_id, task.task_id)

    def open_tasks_of(self, chain_id: str) -> list[Task]:
        """Return the tasks of a chain whose result is still awaited."""
        return [self.tasks[task_id] for task_id in sorted(self._open_tasks_of.of(chain_id))]

    def put_chain(self, chain: Chain, now: datetime) -> None:
        """Keep *chain* and arm what is due for it. Whoever puts an open chain leaves it a wake-up."""
        chain_id = chain.chain_id
        before = self.chains.get(chain_id)
        wake_at = next_wake(chain, now)
        if before is None:
            if chain.is_open:
                self._unplanned[chain.callout_id] = None
            self.book.enter(chain.callout_id, chain_id, chain.state)
        else:
            self.book.move(chain.callout_id, before.state, chain.state)
        self._file(chain_id, before, chain)
        self.chains.put(chain_id, chain)
        self.timers.set(wake_at, "chain", chain_id)
        self.queue.keep_up(chain, now)
        nth = self.book.place(chain.callout_id, chain_id)
        self.effects.rows["chain", chain_id] = chain
        self.effects.rows["chain_slip", chain_id] = chain_slip(chain, nth, wake_at, now)

    def take_unplanned(self) -> list[str]:
        """Return the callouts whose first round is to be planned, and begin anew."""
        found, self._unplanned = list(self._unplanned), {}
        return found

    def _file(self, chain_id: str, before: Chain | None, chain: Chain) -> None:
        mine = set(persons_of(chain))
        known = set(persons_of(before)) if before is not None else set()
        for person in mine - known:
            self._chains_of.add(person, chain_id)
        for person in known - mine:
            self._chains_of.discard(person, chain_id)

    def expect_chain(self, chain_id: str, slip: ChainSlip) -> None:
        """There is a chain in the store, which is read when it is due or named."""
        self.chains.expect(chain_id)
        self.book.enter(slip.callout_id, chain_id, slip.state)
        for person in slip.persons:
            self._chains_of.add(person, chain_id)
        self.timers.set(slip.wake_at, "chain", chain_id)
        for index, repeat, due_at in slip.due:
            self.queue.queue_call(slip.level, chain_id, index, due_at, repeat=repeat)
        if slip.has_text_due:
            self.queue.queue_text(slip.level, slip.opened_at, chain_id)

    def put_attempt(self, attempt: Attempt) -> None:
        """Keep *attempt*, and remember which number it occupies."""
        attempt_id = attempt.attempt_id
        before = self.attempts.get(attempt_id)
        self.effects.rows["attempt", attempt_id] = attempt
        self._keep_up(attempt)
        if before is None:
            self._attempts_to.add(attempt.contact, attempt_id)
        elif before.chains == attempt.chains and before.ended_at == attempt.ended_at:
            return
        callouts = self.callouts_of(attempt.chains)
        known = self.callouts_of(before.chains) if before is not None else ()
        self.book.tried(callout_id for callout_id in callouts if callout_id not in known)
        if attempt.ended_at is not None:
            self.ended_attempts.append((attempt.ended_at, attempt_id))
        self.effects.rows["attempt_slip", attempt_id] = attempt_slip(attempt, callouts)

    def _keep_up(self, attempt: Attempt) -> None:
        attempt_id = attempt.attempt_id
        self.attempts.put(attempt_id, attempt)
        if attempt.channel is Channel.VOICE:
            self.accounts.occupy(attempt.account, attempt_id, is_live=attempt.is_live)
            if attempt.is_live:
                self.live_call[attempt.contact] = attempt_id
            elif self.live_call.get(attempt.contact) == attempt_id:
                del self.live_call[attempt.contact]
        move = self._live_of.add if attempt.is_live else self._live_of.discard
        move(attempt.person, attempt_id)
        self.timers.set(attempt.look_at, "attempt", attempt_id)

    def expect_attempt(self, attempt_id: str, slip: AttemptSlip) -> None:
        """There is an attempt in the store; one that is live is read at once."""
        self.attempts.expect(attempt_id)
        self._attempts_to.add(slip.contact, attempt_id)
        self.book.tried(slip.callouts)
        if slip.ended_at is None:
            self._keep_up(self.attempts[attempt_id])
        else:
            self.ended_attempts.append((slip.ended_at, attempt_id))

    def forget_attempt(self, attempt: Attempt, callouts: Iterable[str]) -> None:
        """Forget *attempt*, which has ended and carried asks of *callouts*."""
        self.attempts.drop(attempt.attempt_id)
        self._attempts_to.discard(attempt.contact, attempt.attempt_id)
        self.book.tried(callouts, -1)
        self._drop_rows(("attempt", "attempt_slip"), attempt.attempt_id)

    def forget_callout(self, callout_id: str) -> None:
        """Forget a callout that has ended, with its chains, which no attempt carries any more."""
        for chain_id in self.book.drop(callout_id):
            self.chains.drop(chain_id)
            self._drop_rows(("chain", "chain_slip"), chain_id)
        for task_id in list(self._tasks_in.of(callout_id)):
            self._tasks_in.discard(callout_id, task_id)
            del self.tasks[task_id]
            self._drop_rows(("task",), task_id)
        del self.callouts[callout_id]
        self._drop_rows(("callout",), callout_id)

    def _drop_rows(self, kinds: Iterable[str], key: str) -> None:
        for kind in kinds:
            self.effects.rows[kind, key] = None

    def callouts_of(self, chain_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the callouts to which chains belong, each once."""
        return tuple(dict.fromkeys(self.chains[chain_id].callout_id for chain_id in chain_ids))

    def attempts_to(self, contact: str) -> list[Attempt]:
        """Return the attempts of the last day, and of open callouts, to *contact*, oldest first."""
        return [self.attempts[attempt_id] for attempt_id in self._attempts_to.of(contact)]

    def open_chains_of(self, person: str) -> list[Chain]:
        """Return the open chains that have *person* on an opened rung, highest level first."""
        found = (self.chains[chain_id] for chain_id in self._chains_of.of(person))
        mine = [chain for chain in found if chain.rung_of(person) is not None]
        return sorted(mine, key=lambda chain: (-chain.level, chain.opened_at, chain.chain_id))

    def ringing_chains(self) -> list[Chain]:
        """Return every chain that a live call carries, or that waits for a start."""
        carried = [key for live in self.live_call.values() for key in self.attempts[live].chains]
        return [self.chains[chain_id] for chain_id in (*carried, *self.queue.chains())]

    @property
    def has_open_chains(self) -> bool:
        """Whether anybody is still to be reached."""
        return self.book.open_chains > 0

    def open_chains(self) -> list[Chain]:
        """Return every open chain, the oldest first."""
        found = (self.chains[chain_id] for chain_id in set(self._chains_of))
        return sorted(found, key=lambda chain: (chain.opened_at, chain.chain_id))

    def next_to_audit(self, most: int) -> list[Chain]:
        """Return the open chains that were not returned for longest, *most* at the most."""
        if not self._to_audit:
            self._to_audit.extend(sorted(set(self._chains_of)))
        named = [self._to_audit.popleft() for _ in range(min(most, len(self._to_audit)))]
        found = (self.chains[chain_id] for chain_id in named if chain_id in self.chains)
        return [chain for chain in found if chain.is_open]

    def live_voice_of(self, person: str, contact: str) -> str | None:
        """Return the live call to *contact*, or to another number of *person*."""
        if contact in self.live_call:
            return self.live_call[contact]
        live = self.live_attempts_of(person)
        return next((one.attempt_id for one in live if one.channel is Channel.VOICE), None)

    def live_attempts(self) -> list[Attempt]:
        """Return everything that may still ring, speak or be delivered."""
        return [self.attempts[attempt_id] for attempt_id in self._live_of]

    def live_attempts_of(self, person: str) -> list[Attempt]:
        """Return what may still ring, speak or be delivered to *person*."""
        return [self.attempts[attempt_id] for attempt_id in sorted(self._live_of.of(person))]

    def chains_of_callout(self, callout_id: str) -> list[Chain]:
        """Return the chains of a callout, in the order in which they were opened."""
        return [self.chains[chain_id] for chain_id in self.book.chains(callout_id)]
