"""A desk that was stored and loaded anew, against one that was never away."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings

from schemas.dispatch import Fact
from services.dispatcher.adapters.desk_copy import DeskCopy
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.inputs import Input, WokenUp
from services.dispatcher.domain.record.recorded_input import INPUT_FACTS
from services.dispatcher.domain.record.taking import take
from services.dispatcher.domain.script import Script
from services.district.domain.pack import Pack
from services.district.domain.policy import CarrierBudget
from tests.properties.test_dispatcher import DISTRICT, LINES, AnyCarrier
from tests.unit.dispatcher.recorded_night import RecordedNight

_BUDGET = CarrierBudget.of_one(1, LINES, 1, callee=DISTRICT.policies.budget.callee)
POOR = replace(DISTRICT, policies=replace(DISTRICT.policies, budget=_BUDGET))
"""So little is permitted that calls and SMS nearly always wait."""


class TwoDesks(RecordedNight):
    """A night at two desks: what is told to the one is told to the other, which may be reloaded."""

    def __init__(self, pack: Pack) -> None:
        self._disk = DeskCopy()
        self.other = Desk(pack)
        self.other.read_from(self._disk)
        super().__init__(pack)

    def tell(self, what: Input) -> Script | None:
        """Tell both, and compare what comes of it."""
        said, effects = take(self.other, what, self.now, self._loaded)
        self._disk.note(effects, self.other.serial)
        self.other.put_away()
        seen = len(self.facts), len(self.commands), len(self.received)
        script = super().tell(what)
        assert said == script
        mine = [fact for _, fact in self.facts[seen[0] :]]
        assert _without_input(effects.facts) == _without_input(mine)
        assert effects.commands == [command for _, command in self.commands[seen[1] :]]
        assert effects.received == self.received[seen[2] :]
        assert self.other.serial == self.desk.serial
        assert self.other.has_open_chains == self.desk.has_open_chains
        return script

    def reload(self) -> None:
        """The other desk is loaded anew from what was stored."""
        before, self.other = self.other, Desk(self.desk.pack)
        self._disk.load(self.other, self.now)
        # What a new process deliberately does not know: which warnings it gave, and that the carrier
        # has called back.
        self.other.heard_back_at = before.heard_back_at
        self.other._warned_at = before._warned_at
        self.tell(WokenUp())


def _without_input(facts: list[Draft]) -> list[Draft]:
    # An input that came to nothing is on record only where it moved something in memory. A plan is
    # an estimate: who waits for his number's limit queues again after a reload, and is counted.
    apart = {*INPUT_FACTS, Fact.CALLOUT_PLANNED}
    return [draft for draft in facts if draft.fact not in apart]


class Reloaded(AnyCarrier):
    """The same nights, with a desk beside that is loaded anew at any point of them."""

    def __init__(self) -> None:
        super().__init__()
        self.two = TwoDesks(POOR)
        self.night = self.two

    def teardown(self) -> None:
        """What is over is forgotten after a day, by the one as by the other, and on disk."""
        super().teardown()
        for _ in range(200):
            self.night.now += timedelta(hours=25)
            self.night.tell(WokenUp())
        desk, other = self.two.desk, self.two.other
        # An SMS that carried an ask of an open callout may still be answered: it is kept, and with
        # it whatever else it carried.
        carried = {key for one in desk.attempts.values() for key in desk.callouts_of(one.chains)}
        standing = {key for key, callout in desk.callouts.items() if callout.is_open}
        assert set(desk.callouts) == set(other.callouts) == standing | carried
        chains = {key for callout_id in desk.callouts for key in desk.book.chains(callout_id)}
        assert set(desk.chains) == set(other.chains) == chains
        assert set(desk.attempts) == set(other.attempts)
        assert not desk.noted
        assert not other.noted


TestReloaded = Reloaded.TestCase
TestReloaded.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
