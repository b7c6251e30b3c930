"""The check of a pack before it is used: what `jiaoying check` prints."""

from collections.abc import Iterator
from pathlib import Path

from services.district.domain.pack import Pack
from services.district.faults import Fault, Faults
from services.district.load import Named, read_pack
from services.district.replay_script import FILE, Script, read_script


def check_pack(folder: Path) -> list[Fault]:
    """Return everything that is wrong with the pack in *folder*; an empty list when it is sound."""
    return list(examine_pack(folder))


def examine_pack(folder: Path) -> Faults:
    """
    Return everything that is wrong with the pack in *folder*, and warnings beside it.

    A mistake in one file hides none in another: who mends a pack reads one list.
    """
    faults = Faults()
    _, named = read_pack(folder, faults)
    if (folder / FILE).exists():
        _check_script(folder, named, faults)
    return faults


def check_script(folder: Path, pack: Pack) -> list[Fault]:
    """Return what is wrong with the `replay.yaml` of *folder*, which is a pack's own."""
    faults = Faults()
    named = Named(
        sensors=frozenset(sensor.sensor_id for sensor in pack.rules.sensors),
        sources=frozenset(source.name for source in pack.sources),
        users=frozenset(pack.users),
    )
    _check_script(folder, named, faults)
    return list(faults)


def _check_script(folder: Path, named: Named, faults: Faults) -> None:
    script = read_script(folder, faults)
    for line, reason in () if script is None else _unknown(script, named):
        faults.add(FILE, line, reason)


def _unknown(script: Script, named: Named) -> Iterator[tuple[int, str]]:
    for feed in script.feeds:
        if named.sensors is not None and feed.sensor not in named.sensors:
            yield feed.line, f"unknown sensor {feed.sensor!r}"
    for step in script.steps:
        if named.sources is not None and step.key not in named.sources:
            yield step.line, f"unknown key {step.key!r}"
    for act in script.acts:
        if named.users is not None and act.user not in named.users:
            yield act.line, f"unknown user {act.user!r}"
