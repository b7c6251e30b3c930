"""
Wires a practice telephone network from its settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.phones.adapters.habits_file import Town, load_town
from services.phones.domain.account import Account, Tempo
from services.phones.domain.exchange import Exchange
from services.phones.domain.loudspeaker import PracticeStation
from services.phones.domain.person import Person
from services.phones.entrypoints.server import PhoneServer
from services.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """Where the network listens, whom it serves, and who lives there."""

    accounts: tuple[Account, ...]
    seed: str = "practice"
    people_file: Path | None = None
    stations: tuple[PracticeStation, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the page calls a number that the file does not name."""
    tempo: Tempo | None = None
    host: str = "127.0.0.1"
    port: int = 0


def build_server(
    settings: PhoneSettings, clock: Clock, faster: Callable[[], None] | None = None
) -> PhoneServer:
    """
    Return the server, not yet started.

    Raises BadHabitsError and OSError for the file of people. *faster* is what the page's button
    for a faster clock calls.
    """
    town = load_town(settings.people_file) if settings.people_file else Town()
    exchange = Exchange(
        settings.accounts,
        seed=settings.seed,
        start=clock.now(),
        people=_named(town, settings.labels),
        default=town.default,
        tempo=settings.tempo,
    )
    return PhoneServer(
        exchange,
        clock,
        host=settings.host,
        port=settings.port,
        faster=faster,
        stations=settings.stations,
    )


def _named(town: Town, labels: Mapping[str, str]) -> tuple[Person, ...]:
    known = {person.number: person for person in town.people}
    people = dict(known)
    for number, label in labels.items():
        person = known.get(number) or replace(town.default, number=number)
        people[number] = replace(person, label=person.label or label)
    return tuple(people.values())
