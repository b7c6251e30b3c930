"""The credentials of several accounts: read from a file of its owner's, told to nobody."""

from pathlib import Path

import pytest

from services.dispatcher.adapters.accounts_file import AccountsFileError, load_accounts

GOOD = """
accounts:
  - {name: main, sid: AC1, token: secret-1, from: "+8610011111111"}
  - {name: spare-2, sid: AC2, from: "+8610022222222", url: "https://api.example"}
"""
TOKENS = {"T_SPARE_2": "secret-2"}


def a_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "accounts.yaml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_accounts_come_in_their_order_with_tokens_from_the_file_or_the_environment(
    tmp_path: Path,
) -> None:
    main, spare = load_accounts(a_file(tmp_path, GOOD), TOKENS, "T")

    assert (main.name, main.sid, main.token) == ("main", "AC1", "secret-1")
    assert (spare.name, spare.token, spare.url) == ("spare-2", "secret-2", "https://api.example")
    assert "secret" not in repr(main)
    assert "+86" not in repr(main)


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        pytest.param(GOOD, 0o640, "chmod 600", id="readable by others"),
        pytest.param("accounts: []", 0o600, "accounts", id="no account"),
        pytest.param("accounts: [{name: a", 0o600, "not YAML", id="not YAML"),
        pytest.param('accounts: [{name: a, sid: AC1, from: "+861"}]', 0o600, "T_A", id="no token"),
        pytest.param(
            "accounts: [{name: a, sid: AC1, token: secret-3}]", 0o600, "from", id="no number"
        ),
        pytest.param(GOOD.replace("spare-2", "main"), 0o600, "twice", id="a name twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason_and_no_secret(
    tmp_path: Path, text: str, mode: int, said: str
) -> None:
    with pytest.raises(AccountsFileError, match=said) as refused:
        load_accounts(a_file(tmp_path, text, mode), {**TOKENS, "T_MAIN": "secret-4"}, "T")

    assert "secret-" not in str(refused.value)
    assert "+86" not in str(refused.value)
