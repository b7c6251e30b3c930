import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.private_file import SecretsFileError
from services.dispatcher.adapters.secrets_file import EdgeSecrets, load_secrets
from services.dispatcher.adapters.url_mac import UrlKind, UrlMac
from services.district.domain.spoken import CHINESE
from services.runtime.clock import SteppingClock

START = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)
CODES = Codes(b"secret of the codes")


def code_of(attempt_id: str) -> str:
    return CODES.write_into("{code}", attempt_id)


def test_the_code_that_was_sent_is_right_and_no_other_is() -> None:
    right = code_of("a_1")
    judged = {f"{number:04}" for number in range(10_000) if CODES.judge("a_1", f"{number:04}")}

    assert judged == {right}


@pytest.mark.parametrize("digits", ["", "1", "12345", "１２３４", "abcd"])
def test_what_is_no_code_is_wrong(digits: str) -> None:
    assert not CODES.judge("a_1", digits)


def test_each_attempt_has_its_own_code_and_each_secret_too() -> None:
    codes = {code_of(f"a_{number}") for number in range(200)}

    assert len(codes) > 190
    assert Codes(b"another").write_into("{code}", "a_1") != code_of("a_1")


def test_a_code_is_spoken_digit_by_digit() -> None:
    spoken = CODES.speak_into("请输入{code}。", "a_1", CHINESE)

    assert spoken == f"请输入{CHINESE.code(code_of('a_1'))}。"


def sealed(clock: SteppingClock) -> tuple[UrlMac, dict[str, str]]:
    mac = UrlMac(b"secret of the urls", clock)
    return mac, mac.seal("a_1", 3, UrlKind.MENU, timedelta(hours=2))


def test_a_url_of_ours_is_known_until_it_expires() -> None:
    clock = SteppingClock(START)
    mac, query = sealed(clock)

    assert mac.is_valid("a_1", "3", query["kind"], query["exp"], query["mac"])
    clock.move_to(START + timedelta(hours=2))
    assert not mac.is_valid("a_1", "3", query["kind"], query["exp"], query["mac"])


@pytest.mark.parametrize(
    "changed",
    [
        {"attempt_id": "a_2"},
        {"step": "4"},
        {"step": "03"},
        {"kind": "code"},
        {"expiry": "99999999999"},
        {"mac": ""},
        {"mac": "签名"},
    ],
    ids=str,
)
def test_a_mac_speaks_for_one_attempt_one_step_one_kind_and_one_expiry(
    changed: dict[str, str],
) -> None:
    mac, query = sealed(SteppingClock(START))
    parts = {
        "attempt_id": "a_1",
        "step": "3",
        "kind": query["kind"],
        "expiry": query["exp"],
        "mac": query["mac"],
    }

    assert not mac.is_valid(**{**parts, **changed})


def test_parts_cannot_be_shifted_into_each_other() -> None:
    mac = UrlMac(b"secret", SteppingClock(START))

    assert mac._mac("a_1", "23") != mac._mac("a_12", "3")


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "edge.secret"

    first, again = load_secrets(path), load_secrets(path)

    assert first == again
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["edge.secret"]
    assert first.codes != first.urls


def test_a_secret_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "edge.secret"
    load_secrets(path)
    path.chmod(0o640)

    with pytest.raises(SecretsFileError, match="can be read by others"):
        load_secrets(path)


def test_a_secret_that_is_too_short_is_none() -> None:
    with pytest.raises(SecretsFileError):
        EdgeSecrets.derived_from(b"short")


def test_secrets_do_not_show_themselves() -> None:
    secrets = EdgeSecrets.derived_from(b"r" * 32)

    assert repr(secrets) == "EdgeSecrets()"
