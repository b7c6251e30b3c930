"""Loudspeakers and screens: where they stand, and where what they are to say is posted."""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from services.district.document import Document
from services.district.domain.pack import Station
from services.district.faults import Faults
from services.district.pack_files import StationsFile


def build_stations(
    document: Document,
    file: StationsFile,
    places: Collection[str] | None,
    faults: Faults,
    *,
    demo: bool,
) -> tuple[Station, ...]:
    """Return the stations; *places* are what they may stand at, if known."""
    seen: set[str] = set()
    stations = []
    for at, entry in enumerate(file.stations):
        path = ("stations", at)
        if entry.id in seen:
            document.fault(faults, (*path, "id"), f"the station {entry.id!r} stands here twice")
        seen.add(entry.id)
        if places is not None and entry.place not in places:
            reason = f"unknown place or point {entry.place!r}"
            document.fault(faults, (*path, "place"), reason)
        if demo and not _is_loopback(entry.url):
            reason = "a station of a demo pack is on this machine: its address is 127.0.0.1"
            document.fault(faults, (*path, "url"), reason)
        stations.append(Station(entry.id, entry.kind, entry.name, entry.place, entry.url))
    return tuple(stations)


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
