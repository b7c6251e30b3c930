"""The file of stations' secrets: read by its owner alone, and never repeated in an error."""

from pathlib import Path

import pytest

from services.dispatcher.adapters.station_secrets import StationSecretsError, load_station_secrets

SECRET = "sixteen characters or more"


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "stations.secrets"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_each_station_has_its_secret(tmp_path: Path) -> None:
    file = written(tmp_path, f"LS-1: {SECRET}\nLS-2: {SECRET}!\n")

    assert load_station_secrets(file) == {"LS-1": SECRET.encode(), "LS-2": f"{SECRET}!".encode()}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        (f"LS-1: {SECRET}", 0o644),
        ("LS-1: short", 0o600),
        ("LS-1: 1234567890123456789", 0o600),
        (f"- {SECRET}", 0o600),
        (f"{SECRET}: [", 0o600),
    ],
    ids=["others may read", "too short", "a number", "a list", "not yaml"],
)
def test_a_file_that_is_no_secret_is_refused_without_repeating_it(
    tmp_path: Path, text: str, mode: int
) -> None:
    file = written(tmp_path, text, mode)

    with pytest.raises(StationSecretsError) as refused:
        load_station_secrets(file)

    assert SECRET not in str(refused.value)
