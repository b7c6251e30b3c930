"""
What all parts of the exchange share: the instant, the agenda, the record, what is to be done outside.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from services.phones.domain.account import Account, Tempo
from services.phones.domain.agenda import Act, Agenda
from services.phones.domain.draw import Span, draw_span, opaque_id
from services.phones.domain.effects import Effect
from services.phones.domain.faults import Faults
from services.phones.domain.person import Person
from services.phones.domain.record import Record


class State:
    """One network's state; every part writes it, and only while the exchange handles one input."""

    def __init__(
        self,
        seed: str,
        accounts: Mapping[str, Account],
        person_of: Callable[[str], Person],
        tempo: Tempo,
        start: datetime,
    ) -> None:
        self.seed = seed
        self.accounts = accounts
        self.person_of = person_of
        self.tempo = tempo
        self.now = start
        self.agenda = Agenda()
        self.record = Record()
        self.faults = Faults(seed)
        self.effects: list[Effect] = []
        self._ordinals: dict[str, int] = {}

    def new_id(self, prefix: str) -> str:
        """Return an identifier that the same run gives again."""
        ordinal = self._ordinals.get(prefix, 0)
        self._ordinals[prefix] = ordinal + 1
        return opaque_id(prefix, self.seed, ordinal)

    def after(self, owner: str, label: str, delay: timedelta, act: Act) -> None:
        """Have *act* called *delay* from now."""
        self.agenda.put(owner, label, self.now + delay, act)

    def drawn(self, span: Span, *labels: str | int) -> timedelta:
        """Return a length within *span* that depends on the seed and *labels*."""
        return draw_span(span, self.seed, *labels)

    def run_to(self, now: datetime) -> None:
        """
        Fire what is due, each timer at its own instant, then stand at *now*.

        A *now* before the last one changes nothing: time here never runs back.
        """
        while (due := self.agenda.pop(now)) is not None:
            self.now = max(self.now, due[0])
            due[1]()
        self.now = max(self.now, now)
