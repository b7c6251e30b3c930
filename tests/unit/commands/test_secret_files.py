"""Tokens by file."""

from pathlib import Path

import pytest
import typer

from services.commands.secret_files import environment


def test_a_token_is_read_from_the_file_that_a_variable_names(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    given = {
        "JIAOYING_CARRIER_TOKEN_FILE": str(tmp_path / "token"),
        "JIAOYING_CARRIER_TOKEN_SPARE_FILE": str(tmp_path / "token"),
        "JIAOYING_ANCHOR_TOKEN": "plain",
        "JIAOYING_REDIS_PASSWORD_FILE": "/not/looked/at",
    }

    found = environment(given)

    assert found["JIAOYING_CARRIER_TOKEN"] == found["JIAOYING_CARRIER_TOKEN_SPARE"] == "s3cret"
    assert found["JIAOYING_ANCHOR_TOKEN"] == "plain"
    assert "JIAOYING_REDIS_PASSWORD" not in found


def test_a_file_that_is_not_there_ends_the_command_by_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit):
        environment({"JIAOYING_CARRIER_TOKEN_FILE": "/nowhere/token"})

    assert "JIAOYING_CARRIER_TOKEN_FILE: /nowhere/token" in capsys.readouterr().err


def test_a_token_given_twice_ends_the_command_and_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text("s3cret")
    given = {
        "JIAOYING_CARRIER_TOKEN": "0ther",
        "JIAOYING_CARRIER_TOKEN_FILE": str(tmp_path / "token"),
    }

    with pytest.raises(typer.Exit):
        environment(given)

    said = capsys.readouterr().err
    assert "one of the two" in said
    assert "s3cret" not in said
    assert "0ther" not in said
