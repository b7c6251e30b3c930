"""The check of a pack before it is used: what `jiaoying check` prints."""

from pathlib import Path

from services.district.domain.pack import Pack
from services.district.faults import Fault, PackError
from services.district.load import load_pack
from services.district.replay_script import FILE, Script, load_script


def check_pack(folder: Path) -> list[Fault]:
    """Return everything that is wrong with the pack in *folder*; an empty list when it is sound."""
    try:
        pack = load_pack(folder)
    except PackError as error:
        return error.faults
    return check_script(folder, pack) if (folder / FILE).exists() else []


def check_script(folder: Path, pack: Pack) -> list[Fault]:
    """Return what is wrong with the `replay.yaml` of *folder*, which is a pack's own."""
    try:
        script = load_script(folder)
    except PackError as error:
        return error.faults
    return sorted({Fault(FILE, line, reason) for line, reason in _unknown(script, pack)})


def _unknown(script: Script, pack: Pack) -> list[tuple[int, str]]:
    keys = {source.name for source in pack.sources}
    sensors = {sensor.sensor_id for sensor in pack.rules.sensors}
    return [
        *(
            (s.line, f"unknown sensor {s.sensor!r}")
            for s in script.feeds
            if s.sensor not in sensors
        ),
        *(
            (step.line, f"unknown key {step.key!r}")
            for step in script.steps
            if step.key not in keys
        ),
        *(
            (act.line, f"unknown user {act.user!r}")
            for act in script.acts
            if act.user not in pack.users
        ),
    ]
