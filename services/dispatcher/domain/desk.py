"""
The dispatcher's working state for one district: what is open, what is live, what is due when.

The values in it are frozen; the desk itself is mutable and owned by one pipeline. Every change is
noted in `effects`, which the pipeline makes durable as one piece before anything is done outside.
"""

import heapq
import itertools
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.ids import hash_id
from services.dispatcher.domain.accounts import Accounts, Standing
from services.dispatcher.domain.attempt import Attempt, Channel
from services.dispatcher.domain.budget import CalleeBudget
from services.dispatcher.domain.callout import Callout, Family
from services.dispatcher.domain.capabilities import EVERYTHING, Capabilities
from services.dispatcher.domain.chain import Chain
from services.dispatcher.domain.climbing import next_wake
from services.dispatcher.domain.commands import Command
from services.dispatcher.domain.inform import Inform
from services.dispatcher.domain.outage import Outage
from services.dispatcher.domain.task import Task
from services.dispatcher.domain.words import Words
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.post_index import PostIndex

_HOUR = timedelta(hours=1)
_STARTS_LAST = timedelta(minutes=1)
"""Longer than any account's window of starts: one in a minute is the slowest that makes sense."""

Row = Callout | Chain | Attempt | Family | Inform | Task | Outage | Standing


@dataclass(frozen=True, slots=True)
class Draft:
    """A ledger record before it has its place in the chain of hashes."""

    fact: Fact
    status: Status
    values: dict[str, str | None]
    detail: dict[str, JsonValue]


@dataclass(slots=True)
class Effects:
    """What handling one or more inputs came to. *rows* maps (space, key) to a value or None."""

    facts: list[Draft] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    rows: dict[tuple[str, str], Row | tuple[datetime, ...] | None] = field(default_factory=dict)
    received: list[tuple[str, str, str]] = field(default_factory=list)
    """Shares of orders acknowledged: (callout id, order id, post), for the correlator."""


class Desk:
    """See the module's docstring. Everything public here is for the other modules of the domain."""

    def __init__(self, pack: Pack, capabilities: Capabilities = EVERYTHING) -> None:
        self.pack = pack
        self.capabilities = capabilities
        self.tree = PlaceTree(pack.rules)
        self._most_callouts = {key.name: key.callouts_per_hour for key in pack.sources}
        self.posts = PostIndex(pack, self.tree)
        self.words = Words(pack, self.tree)
        self.callouts: dict[str, Callout] = {}
        self.chains: dict[str, Chain] = {}
        self.attempts: dict[str, Attempt] = {}
        self.families: dict[str, Family] = {}
        self.informs: dict[str, Inform] = {}
        self.tasks: dict[str, Task] = {}
        self._tasks_of: dict[str, set[str]] = {}
        """Open tasks by chain."""
        self._outages: dict[str, Outage] = {}
        self.heard_back_at: datetime | None = None
        """When the carrier last told something of a call by itself; None: never yet."""
        self.noted: set[str] = set()
        """Decisions read and messages received, by id."""
        self._warned_at: dict[str, datetime] = {}
        self._opened_by: dict[str, deque[datetime]] = defaultdict(deque)
        """By source: when it caused a callout, for the last hour at least."""
        self.chains_of: dict[str, set[str]] = {}
        """Open chains by the persons on their rungs."""
        self.chains_in: dict[str, list[str]] = {}
        """All chains of a callout, in the order in which they were opened."""
        self.live_call: dict[str, str] = {}
        """The live voice attempt by contact: no number has two."""
        self._live_of: dict[str, set[str]] = {}
        budget = pack.policies.budget
        self.accounts = Accounts(budget)
        self.callees = CalleeBudget(budget.callee)
        self.effects = Effects()
        self.serial = 0
        """Counts every attempt and inform of this district; ids are hashes of it."""
        self._order = itertools.count()
        self._timers: list[tuple[datetime, int, str, str]] = []
        self.ready: list[tuple[int, int, datetime, str, int]] = []
        """Calls that may start: (-level, repeat, due_at, chain id, rung index)."""
        self._newly_due: list[tuple[str, int]] = []
        self._unplanned: dict[str, None] = {}
        """The callouts that have gained asks since their first round was planned last."""
        self.texts: list[tuple[int, datetime, str]] = []
        """SMS that may start: (-level, due_at, chain id or inform id)."""

    def take_effects(self) -> Effects:
        """Return the effects since the last time, and begin anew."""
        effects, self.effects = self.effects, Effects()
        return effects

    def new_id(self, prefix: str) -> str:
        """Return the next id of an attempt or inform."""
        self.serial += 1
        return hash_id(prefix, self.pack.rules.district, self.serial)

    def fact(
        self,
        fact: Fact,
        *,
        chain: Chain | None = None,
        attempt: Attempt | None = None,
        callout: Callout | None = None,
        detail: dict[str, JsonValue] | None = None,
        status: Status = Status.ACTUAL,
        **values: str | None,
    ) -> None:
        """Note *fact* for the ledger, with the ids of what it is about."""
        if attempt is not None:
            values |= {
                "attempt_id": attempt.attempt_id,
                "person": attempt.person,
                "contact": attempt.contact,
            }
            first = self.chains.get(attempt.chains[0]) if attempt.chains else None
            status = first.status if first is not None else attempt.status
        if chain is not None:
            values |= {
                "chain_id": chain.chain_id,
                "callout_id": chain.callout_id,
                "post": chain.post,
            }
            status = chain.status
        if callout is not None:
            values["callout_id"] = callout.callout_id
            status = callout.status
        self.effects.facts.append(Draft(fact, status, values, detail or {}))

    def note_once(self, key: str) -> bool:
        """Return whether *key* is new; a log may be read, and a message told, twice."""
        if key in self.noted:
            return False
        self.noted.add(key)
        self.effects.rows["noted", key] = ()
        return True

    def stop_texting(self, contact: str) -> None:
        """Send *contact* no SMS any more, until the roster has been mended: another pack."""
        self.note_once(self._no_sms(contact))

    def may_text(self, contact: str) -> bool:
        """Whether an SMS to *contact* has any sense."""
        return self._no_sms(contact) not in self.noted

    def _no_sms(self, contact: str) -> str:
        return f"no_sms/{self.pack.rules.version}/{contact}"

    def note_call_back(self, now: datetime) -> None:
        """Remember that the carrier has told us something by itself."""
        self.heard_back_at = now

    def may_warn(self, code: str, now: datetime, every: timedelta) -> bool:
        """Whether the trouble *code* was not told within *every*; a new process tells it anew."""
        told_at = self._warned_at.get(code)
        if told_at is not None and now - told_at < every:
            return False
        self._warned_at[code] = now
        return True

    def may_cause(self, source: str, now: datetime) -> bool:
        """Whether *source* may cause another callout in this hour (invariant 16)."""
        recent = self._opened_by[source]
        while recent and now - recent[0] >= _HOUR:
            recent.popleft()
        most = self._most_callouts.get(source)
        return most is None or len(recent) < most

    def command(self, command: Command) -> None:
        """Note something to do outside once all this is on disk."""
        self.effects.commands.append(command)

    def put_callout(self, callout: Callout) -> None:
        """Keep *callout*."""
        self.effects.rows["callout", callout.callout_id] = callout
        self.adopt_callout(callout)

    def adopt_callout(self, callout: Callout) -> None:
        """Take up *callout* without noting it anew."""
        if callout.source is not None and callout.callout_id not in self.callouts:
            self._opened_by[callout.source].append(callout.opened_at)
        self.callouts[callout.callout_id] = callout
        if callout.is_open:
            for at in (callout.second_call_at, callout.measures_at):
                if at is not None:
                    self.arm(at, "callout", callout.callout_id)

    def put_family(self, family: Family) -> None:
        """Keep *family*."""
        self.families[family.key] = family
        self.effects.rows["family", family.key] = family

    def put_inform(self, inform: Inform) -> None:
        """Queue *inform*."""
        self.effects.rows["inform", inform.inform_id] = inform
        self.adopt_inform(inform)

    def adopt_inform(self, inform: Inform) -> None:
        """Take up a queued *inform* without noting it anew."""
        self.informs[inform.inform_id] = inform
        heapq.heappush(self.texts, (-inform.level, inform.queued_at, inform.inform_id))

    def drop_inform(self, inform_id: str) -> None:
        """Forget an inform that has become an attempt."""
        del self.informs[inform_id]
        self.effects.rows["inform", inform_id] = None

    def put_task(self, task: Task) -> None:
        """Keep *task*."""
        self.effects.rows["task", task.task_id] = task
        self.adopt_task(task)

    def adopt_task(self, task: Task) -> None:
        """Take up *task* without noting it anew."""
        self.tasks[task.task_id] = task
        mine = self._tasks_of.setdefault(task.chain_id, set())
        (mine.add if task.is_open else mine.discard)(task.task_id)

    def open_tasks_of(self, chain_id: str) -> list[Task]:
        """Return the tasks of a chain whose result is still awaited."""
        return [self.tasks[task_id] for task_id in sorted(self._tasks_of.get(chain_id, ()))]

    def put_outage(self, place: str, channel: Channel, *, is_dead: bool) -> None:
        """Keep that *channel* is dead at *place* and in all that lies in it, or works again."""
        outage = Outage(place, channel)
        self.effects.rows["outage", outage.key] = outage if is_dead else None
        if is_dead:
            self.adopt_outage(outage)
        else:
            self._outages.pop(outage.key, None)

    def adopt_outage(self, outage: Outage) -> None:
        """Take up *outage* without noting it anew."""
        self._outages[outage.key] = outage

    def is_dead(self, place: str, channel: Channel) -> bool:
        """Whether *channel* reaches nobody at *place*."""
        return bool(self._outages) and any(
            Outage(outer, channel).key in self._outages for outer in self.tree.upwards(place)
        )

    def put_chain(self, chain: Chain, now: datetime) -> None:
        """Keep *chain* and arm what is due for it. Whoever puts an open chain leaves it a wake-up."""
        self.effects.rows["chain", chain.chain_id] = chain
        self.adopt_chain(chain, now)

    def adopt_chain(self, chain: Chain, now: datetime) -> None:
        """Take up *chain* without noting it anew."""
        known = chain.chain_id in self.chains
        if not known and chain.is_open:
            self._unplanned[chain.callout_id] = None
        self.chains[chain.chain_id] = chain
        if not known:
            self.chains_in.setdefault(chain.callout_id, []).append(chain.chain_id)
        for rung in chain.rungs:
            mine = self.chains_of.setdefault(rung.person, set())
            (mine.add if chain.is_open else mine.discard)(chain.chain_id)
        wake_at = next_wake(chain, now)
        if wake_at is not None:
            self.arm(wake_at, "chain", chain.chain_id)
        for index, rung in enumerate(chain.rungs):
            if rung.due_at is not None and rung.due_at <= now:
                self.offer(chain, index)
            if rung.text_at is not None and rung.text_at <= now:
                heapq.heappush(self.texts, (-chain.level, chain.opened_at, chain.chain_id))

    def offer(self, chain: Chain, index: int) -> None:
        """The call to the rung *index* is due: the next round of starts looks at it."""
        self._newly_due.append((chain.chain_id, index))

    def take_newly_due(self) -> list[tuple[str, int]]:
        """Return what was offered since the last round, and begin anew."""
        due, self._newly_due = self._newly_due, []
        return due

    def take_unplanned(self) -> list[str]:
        """Return the callouts whose first round is to be planned, and begin anew."""
        found, self._unplanned = list(self._unplanned), {}
        return found

    def queue_call(self, chain: Chain, index: int) -> None:
        """Put the due call to the rung *index* where the next permitted start finds it."""
        rung = chain.rungs[index]
        if rung.due_at is not None:
            repeat = int(rung.calls > 0)
            heapq.heappush(self.ready, (-chain.level, repeat, rung.due_at, chain.chain_id, index))

    def put_attempt(self, attempt: Attempt) -> None:
        """Keep *attempt*, and remember which number it occupies."""
        self.effects.rows["attempt", attempt.attempt_id] = attempt
        self.adopt_attempt(attempt)

    def adopt_attempt(self, attempt: Attempt) -> None:
        """Take up *attempt* without noting it anew."""
        self.attempts[attempt.attempt_id] = attempt
        if attempt.channel is Channel.VOICE:
            self.accounts.occupy(attempt.account, attempt.attempt_id, is_live=attempt.is_live)
            if attempt.is_live:
                self.live_call[attempt.contact] = attempt.attempt_id
            elif self.live_call.get(attempt.contact) == attempt.attempt_id:
                del self.live_call[attempt.contact]
        mine = self._live_of.setdefault(attempt.person, set())
        (mine.add if attempt.is_live else mine.discard)(attempt.attempt_id)
        if attempt.look_at is not None:
            self.arm(attempt.look_at, "attempt", attempt.attempt_id)

    def restore_starts(self, now: datetime) -> None:
        """
        Count the starts of the last moments, which the process before made: a restart must not
        open the carrier's window anew.
        """
        recent = [one for one in self.attempts.values() if now - one.intended_at < _STARTS_LAST]
        for attempt in sorted(recent, key=lambda one: (one.intended_at, one.attempt_id)):
            if not attempt.inbound and attempt.channel in {Channel.VOICE, Channel.SMS}:
                self.accounts.use(
                    attempt.account,
                    attempt.attempt_id,
                    attempt.intended_at,
                    voice=attempt.channel is Channel.VOICE,
                    count=attempt.segments,
                )

    def remember_call(self, contact: str, now: datetime) -> None:
        """Count a call to *contact* against its limits."""
        self.effects.rows["history", contact] = self.callees.use(contact, now)

    def open_chains_of(self, person: str) -> list[Chain]:
        """Return the open chains that have *person* on an opened rung, highest level first."""
        found = (self.chains[chain_id] for chain_id in self.chains_of.get(person, ()))
        mine = [chain for chain in found if chain.rung_of(person) is not None]
        return sorted(mine, key=lambda chain: (-chain.level, chain.opened_at, chain.chain_id))

    def ringing_chains(self) -> list[Chain]:
        """Return every chain that a live call carries, or that waits for a start."""
        carried = [key for live in self.live_call.values() for key in self.attempts[live].chains]
        waiting = [chain_id for _, _, _, chain_id, _ in self.ready]
        return [self.chains[chain_id] for chain_id in (*carried, *waiting)]

    @property
    def has_open_chains(self) -> bool:
        """Whether anybody is still to be reached."""
        return any(self.chains_of.values())

    def open_chains(self) -> list[Chain]:
        """Return every open chain, in the order in which they were opened."""
        return [chain for chain in self.chains.values() if chain.is_open]

    def live_voice_of(self, person: str, contact: str) -> str | None:
        """Return the live call to *contact*, or to another number of *person*."""
        if contact in self.live_call:
            return self.live_call[contact]
        live = (self.attempts[attempt_id] for attempt_id in sorted(self._live_of.get(person, ())))
        return next((one.attempt_id for one in live if one.channel is Channel.VOICE), None)

    def live_attempts_of(self, person: str) -> list[Attempt]:
        """Return what may still ring, speak or be delivered to *person*."""
        return [self.attempts[attempt_id] for attempt_id in sorted(self._live_of.get(person, ()))]

    def live_attempts(self) -> list[Attempt]:
        """Return everything that may still ring, speak or be delivered."""
        return [self.attempts[key] for mine in self._live_of.values() for key in sorted(mine)]

    def chains_of_callout(self, callout_id: str) -> list[Chain]:
        """Return the chains of a callout, in the order in which they were opened."""
        return [self.chains[chain_id] for chain_id in self.chains_in.get(callout_id, ())]

    def arm(self, at: datetime, kind: str, key: str) -> None:
        """Set a timer. A timer that has become pointless does nothing when it fires."""
        heapq.heappush(self._timers, (at, next(self._order), kind, key))

    def due_timers(self, now: datetime) -> Iterable[tuple[str, str]]:
        """Yield (kind, key) of each timer that is due, oldest first."""
        while self._timers and self._timers[0][0] <= now:
            _, _, kind, key = heapq.heappop(self._timers)
            yield kind, key

    def next_wake(self) -> datetime | None:
        """Return when the desk must next be looked at, or None while nothing waits."""
        times = [self._timers[0][0]] if self._timers else []
        if self.ready:
            times += [at] if (at := self.accounts.next_call_at()) else []
        if self.texts:
            times += [at] if (at := self.accounts.next_sms_at()) else []
        return min(times, default=None)

    def put_standing(self, standing: Standing) -> None:
        """Keep how an account stands, which the accounts know already."""
        self.effects.rows["account", standing.name] = standing

    @property
    def unstored(self) -> tuple[object, ...]:
        """What changes when an input moves something of which no row tells (`taking.take`)."""
        return (
            len(self._timers),
            len(self.ready),
            len(self._newly_due),
            len(self.texts),
            len(self._warned_at),
            self.heard_back_at,
        )

    def name_of(self, person: str) -> str:
        """Return the name of *person*."""
        known = self.pack.roster.people.get(person)
        return known.name if known is not None else person
