"""deploy/systemd/: the units by systemd's own verifier. None is started here."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.deploy.started import DEPLOY, UNITS, unit

_ARE_THERE = {"/opt/jiaoying/.venv/bin/jiaoying": "/bin/true"}
_MOST_EXPOSED = 20
"""In tenths: systemd calls up to 2.0 safe enough for what faces a network."""


def systemd_analyze() -> str:
    """Return the program; skip, or fail with REQUIRE_SERVERS=1, where there is none."""
    if program := shutil.which("systemd-analyze"):
        return program
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail("systemd-analyze is not on this machine")
    pytest.skip("systemd-analyze is not on this machine")


def copied(path: Path, into: Path) -> Path:
    """Put a copy of the unit *path* into a folder, with programs that are on this machine."""
    text = path.read_text(encoding="utf-8")
    for program, other in _ARE_THERE.items():
        text = text.replace(program, other)
    text = re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE)
    copy = into / path.name
    copy.write_text(text, encoding="utf-8")
    return copy


@pytest.mark.servers
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    program = systemd_analyze()
    copies = [str(copied(path, tmp_path)) for path in UNITS]

    done = subprocess.run([program, "verify", *copies], capture_output=True, text=True, check=False)

    assert copies
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.servers
def test_systemd_would_find_a_fault(tmp_path: Path) -> None:
    program = systemd_analyze()
    copy = copied(UNITS[0], tmp_path)
    copy.write_text(copy.read_text(encoding="utf-8").replace("Restart=always", "Restart=ever"))

    done = subprocess.run(
        [program, "verify", str(copy)], capture_output=True, text=True, check=False
    )

    assert "restart specifier" in done.stderr


@pytest.mark.servers
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_service_may_do_nothing_but_its_work(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            systemd_analyze(),
            "security",
            "--offline=true",
            f"--threshold={_MOST_EXPOSED}",
            str(copied(path, tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_what_a_unit_asks_of_its_environment_is_in_the_example(path: Path) -> None:
    example = (DEPLOY / "systemd" / "jiaoying.env.example").read_text(encoding="utf-8")
    given = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    [line] = unit(path)["ExecStart"]

    assert set(re.findall(r"\$\{([A-Z_]+)\}", line)) <= given


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_secret_is_handed_on_by_systemd_alone(path: Path) -> None:
    told = unit(path)
    handed = {one.partition(":")[0] for one in told.get("LoadCredential", ())}
    asked = {one.rpartition("%d/")[2] for one in told.get("Environment", ()) if "%d/" in one}

    assert asked == handed


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_service_that_dies_is_started_again_for_ever(path: Path) -> None:
    told = unit(path)

    assert (told["Restart"], told["StartLimitIntervalSec"]) == (["always"], ["0"])
