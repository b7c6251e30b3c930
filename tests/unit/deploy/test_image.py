"""The Dockerfile, as far as it can be judged without building it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
_, BUILD, FINAL = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)
LINES = re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines()


def test_both_stages_stand_on_one_python_of_a_whole_version() -> None:
    found = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    least = project["requires-python"].removeprefix(">=")

    assert len(set(found)) == 1
    assert re.fullmatch(rf"python:{re.escape(least)}\.\d+-slim-\w+", found[0])


def test_what_builds_is_not_in_what_runs() -> None:
    assert "uv" in BUILD
    assert not re.search(r"\b(uv|pip|apt-get|gcc)\b", FINAL)


def test_the_lock_is_followed_with_the_uv_that_the_checkout_uses() -> None:
    pinned = re.search(r'pinned="(uv==[\d.]+)"', (ROOT / "scripts" / "uv").read_text())

    assert pinned is not None
    assert pinned[1] in BUILD
    syncs = [line for line in LINES if "uv sync" in line]
    assert syncs
    assert all("--frozen" in line and "--no-dev" in line for line in syncs)


def test_it_runs_as_nobody_in_particular_and_tells_whether_it_lives() -> None:
    assert re.search(r"^USER 10001$", FINAL, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", FINAL, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["jiaoying"\]$', FINAL, re.MULTILINE)


def test_what_it_copies_is_there_and_sent_along() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {
        source
        for line in BUILD.splitlines()
        if line.startswith("COPY ")
        for source in line.split()[1:-1]
    }

    assert "*" in ignored
    assert copied == sent
    assert all((ROOT / source).exists() for source in copied)
