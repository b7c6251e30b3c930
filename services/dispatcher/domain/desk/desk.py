"""
The dispatcher's working state for one district: what is open, what is live, what is due when.

The values in it are frozen; the desk itself is mutable and owned by one pipeline. Every change is
noted in `effects`, which the pipeline makes durable as one piece before anything is done outside.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import JsonValue

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.ids import hash_id
from services.dispatcher.domain.asks.callout import Callout
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.calls.accounts import Standing
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.calls.budget import CalleeBudget
from services.dispatcher.domain.calls.capabilities import EVERYTHING, Capabilities
from services.dispatcher.domain.commands import Command
from services.dispatcher.domain.desk.desk_rows import DeskRows
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.desk.timers import Timed
from services.dispatcher.domain.ladder.outage import Outage
from services.dispatcher.domain.words import Words
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree
from services.district.domain.post_index import PostIndex

_HOUR = timedelta(hours=1)


class Desk(DeskRows):
    """See the module's docstring. Everything public here is for the other modules of the domain."""

    def __init__(self, pack: Pack, capabilities: Capabilities = EVERYTHING) -> None:
        super().__init__(pack.policies.budget)
        self.pack = pack
        self.capabilities = capabilities
        self.tree = PlaceTree(pack.rules)
        self._most_callouts = {key.name: key.callouts_per_hour for key in pack.sources}
        self.posts = PostIndex(pack, self.tree)
        self.words = Words(pack, self.tree)
        self.noted: dict[str, datetime] = {}
        """Decisions read and messages received, by id, oldest first: when (`tidying.py`)."""
        self.noted_for_good: set[str] = set()
        self.called: dict[str, datetime] = {}
        """When each contact was rung last, oldest first."""
        self._numbers_beside = {
            contact.contact_id: tuple(one.contact_id for one in person.contacts)
            for person in pack.roster.people.values()
            for contact in person.contacts
        }
        self.callees = CalleeBudget(pack.policies.budget.callee)
        self._outages: dict[str, Outage] = {}
        self.heard_back_at: datetime | None = None
        """When the carrier last told something of a call by itself; None: never yet."""
        self._warned_at: dict[str, datetime] = {}
        self.serial = 0
        """Counts every attempt and inform of this district; ids are hashes of it."""

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

    def note_once(self, key: str, now: datetime) -> bool:
        """Return whether *key* is new; a log may be read, and a message told, twice."""
        if key in self.noted:
            return False
        self.noted[key] = now
        self.effects.rows["noted", key] = now
        return True

    def stop_texting(self, contact: str) -> None:
        """Send *contact* no SMS any more, until the roster has been mended: another pack."""
        self.note_for_good(self._no_sms(contact))

    def may_text(self, contact: str) -> bool:
        """Whether an SMS to *contact* has any sense."""
        return self._no_sms(contact) not in self.noted_for_good

    def _no_sms(self, contact: str) -> str:
        return f"no_sms/{self.pack.rules.version}/{contact}"

    def note_call_back(self, now: datetime) -> None:
        """Remember that the carrier has told us something by itself."""
        self.heard_back_at = now

    def note_for_good(self, key: str) -> bool:
        """Return whether *key* is new, and never forget it: it names one version of the pack."""
        if key in self.noted_for_good:
            return False
        self.noted_for_good.add(key)
        self.effects.rows["noted_for_good", key] = ()
        return True

    def may_warn(self, code: str, now: datetime, every: timedelta) -> bool:
        """Whether the trouble *code* was not told within *every*; a new process tells it anew."""
        told_at = self._warned_at.get(code)
        if told_at is not None and now - told_at < every:
            return False
        self._warned_at[code] = now
        return True

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

    def may_cause(self, source: str, now: datetime) -> bool:
        """Whether *source* may cause another callout in this hour (invariant 16)."""
        recent = self.opened_by[source]
        while recent and now - recent[0] >= _HOUR:
            recent.popleft()
        most = self._most_callouts.get(source)
        return most is None or len(recent) < most

    def command(self, command: Command) -> None:
        """Note something to do outside once all this is on disk."""
        self.effects.commands.append(command)

    def remember_call(self, contact: str, now: datetime) -> None:
        """Count a call to *contact* against its limits."""
        self.effects.rows["history", contact] = self.callees.use(contact, now)
        self.called.pop(contact, None)
        self.called[contact] = now

    def attempts_around(self, contact: str) -> list[Attempt]:
        """Return the attempts to *contact* and to the other numbers of whose it is, oldest first."""
        numbers = self._numbers_beside.get(contact, (contact,))
        found = (attempt for number in numbers for attempt in self.attempts_to(number))
        return sorted(found, key=lambda attempt: (attempt.intended_at, attempt.attempt_id))

    def arm(self, at: datetime, kind: str, key: str) -> None:
        """Set a timer. A timer that has become pointless does nothing when it fires."""
        self.timers.hasten(at, kind, key)

    def due_timers(self, now: datetime) -> Iterable[Timed]:
        """Yield (kind, key) of each timer that is due, oldest first."""
        return self.timers.due(now)

    def next_wake(self) -> datetime | None:
        """Return when the desk must next be looked at, or None while nothing waits."""
        times = [self.timers.next_at()]
        if self.queue.calls:
            times.append(self.accounts.next_call_at())
        if self.queue.texts:
            times.append(self.accounts.next_sms_at())
        return min((at for at in times if at is not None), default=None)

    @property
    def unstored(self) -> tuple[object, ...]:
        """What changes when an input moves something of which no row tells (`taking.take`)."""
        return (
            self.timers.armed,
            *self.queue.moved,
            self.put_off,
            len(self._warned_at),
            self.heard_back_at,
        )

    def put_standing(self, standing: Standing) -> None:
        """Keep how an account stands, which the accounts know already."""
        self.effects.rows["account", standing.name] = standing

    def name_of(self, person: str) -> str:
        """Return the name of *person*."""
        known = self.pack.roster.people.get(person)
        return known.name if known is not None else person
