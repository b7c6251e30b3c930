"""The practice network of a district pack: its accounts, its people, its loudspeakers and screens."""

from collections.abc import Mapping
from pathlib import Path

from services.district.domain.pack import Pack
from services.phones.domain.account import Account
from services.phones.domain.loudspeaker import PracticeStation
from services.phones.main import PhoneSettings

PEOPLE = "phones.yaml"
FROM = "+861000000000"


def practice_accounts(pack: Pack, token: str) -> tuple[Account, ...]:
    """Return an account for each of *pack*'s, with what it permits, all of them under *token*."""
    return tuple(
        Account(f"AC{nth:032}", token, starts_per_s=one.starts_per_s, lines=one.lines)
        for nth, one in enumerate(pack.policies.budget.accounts, 1)
    )


def practice_network(
    pack: Pack,
    folder: Path,
    accounts: tuple[Account, ...],
    station_secrets: Mapping[str, bytes],
    port: int = 0,
) -> PhoneSettings:
    """Return the network in which everybody of *pack*, read from *folder*, can be rung."""
    return PhoneSettings(
        accounts,
        people_file=folder / PEOPLE,
        stations=tuple(
            PracticeStation(
                one.station_id, one.name, one.kind.value, station_secrets[one.station_id]
            )
            for one in pack.stations
            if one.station_id in station_secrets
        ),
        labels=_labels(pack),
        port=port,
    )


def _labels(pack: Pack) -> dict[str, str]:
    """Return by number the first post that its owner holds or stands in for."""
    posts: dict[str, str] = {}
    for shift in (one for shifts in pack.roster.shifts.values() for one in shifts):
        name = pack.roster.posts[shift.post].name
        if shift.holder is not None:
            posts.setdefault(shift.holder, name)
        for deputy in shift.deputies:
            posts.setdefault(deputy, f"{name} 副岗")
    return {
        pack.numbers[contact.contact_id]: posts[person.person_id]
        for person in pack.roster.people.values()
        if person.person_id in posts
        for contact in person.contacts
    }
