"""A process that dies is started again at once; one that ends is not. The processes are real ones."""

import signal
import sys
import textwrap
from pathlib import Path
from subprocess import PIPE, Popen

ROOT = Path(__file__).parents[3]


def guarding(body: str, lives: Path) -> Popen[str]:
    """Start a guard whose child writes its pid to *lives* and then does *body*."""
    code = f"""
import os, signal, sys, time
from pathlib import Path
from services.runtime.guard import guarded
lives = Path({str(lives)!r})
def live():
    with lives.open("a") as file:
        print(os.getpid(), file=file)
    nth = len(lives.read_text().split())
{textwrap.indent(textwrap.dedent(body), "    ")}
sys.exit(guarded(live))
"""
    return Popen([sys.executable, "-c", code], cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True)


def pids(lives: Path) -> list[int]:
    return [int(line) for line in lives.read_text().split()]


def test_a_killed_process_lives_again_until_one_ends_by_itself(tmp_path: Path) -> None:
    body = """
        if nth < 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0
    """
    with guarding(body, tmp_path / "lives") as guard:
        out, _ = guard.communicate(timeout=30)

    assert guard.returncode == 0
    assert len(set(pids(tmp_path / "lives"))) == 3
    assert out.count("process_died") == 2


def test_a_crashed_process_lives_again(tmp_path: Path) -> None:
    body = """
        if nth == 1:
            raise RuntimeError("broken")
        return 0
    """
    with guarding(body, tmp_path / "lives") as guard:
        guard.communicate(timeout=30)

    assert guard.returncode == 0
    assert len(pids(tmp_path / "lives")) == 2


def test_a_mistake_that_a_person_must_mend_is_not_repeated(tmp_path: Path) -> None:
    with guarding("return 2", tmp_path / "lives") as guard:
        guard.communicate(timeout=30)

    assert guard.returncode == 2
    assert len(pids(tmp_path / "lives")) == 1


def test_a_signal_to_end_is_passed_on_and_ends_both(tmp_path: Path) -> None:
    body = """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print("ready", flush=True)
        while True:
            signal.pause()
    """
    with guarding(body, tmp_path / "lives") as guard:
        assert guard.stdout is not None
        assert guard.stdout.readline() == "ready\n"
        guard.send_signal(signal.SIGTERM)
        guard.wait(timeout=30)

    assert guard.returncode == 0
    assert len(pids(tmp_path / "lives")) == 1


def test_a_process_whose_guard_was_killed_is_told_to_end(tmp_path: Path) -> None:
    body = """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print("ready", flush=True)
        while True:
            signal.pause()
    """
    with guarding(body, tmp_path / "lives") as guard:
        assert guard.stdout is not None
        assert guard.stdout.readline() == "ready\n"
        guard.kill()
        # The pipe is closed when the last who holds it is gone: the child.
        assert guard.stdout.read() == ""
