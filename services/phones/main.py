"""
Wires a practice telephone network from its settings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.phones.adapters.habits_file import Town, load_town
from services.phones.domain.account import Account, Tempo
from services.phones.domain.exchange import Exchange
from services.phones.entrypoints.server import PhoneServer
from services.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """Where the network listens, whom it serves, and who lives there."""

    accounts: tuple[Account, ...]
    seed: str = "practice"
    people_file: Path | None = None
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
        people=town.people,
        default=town.default,
        tempo=settings.tempo,
    )
    return PhoneServer(exchange, clock, host=settings.host, port=settings.port, faster=faster)
