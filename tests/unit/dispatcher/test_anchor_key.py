"""The key that anchors are signed with."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.dispatcher.adapters.anchor_key import (
    PRIVATE,
    PUBLIC,
    PublicKeyError,
    load_anchor_key,
    read_public_keys,
)
from services.dispatcher.adapters.private_file import SecretsFileError
from services.dispatcher.domain.record.anchor import key_id


def test_it_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, again = load_anchor_key(tmp_path), load_anchor_key(tmp_path)

    assert first.private_bytes_raw() == again.private_bytes_raw()
    assert stat.S_IMODE((tmp_path / PRIVATE).stat().st_mode) == 0o600
    assert [key_id(key) for key in read_public_keys(tmp_path / PUBLIC)] == [
        key_id(first.public_key())
    ]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_anchor_key(tmp_path)
    (tmp_path / PRIVATE).chmod(0o644)

    with pytest.raises(SecretsFileError, match="can be read by others"):
        load_anchor_key(tmp_path)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / PRIVATE).write_bytes(b"short")
    (tmp_path / PRIVATE).chmod(0o600)

    with pytest.raises(SecretsFileError, match="damaged"):
        load_anchor_key(tmp_path)


def test_what_a_lost_key_signed_can_still_be_verified(tmp_path: Path) -> None:
    lost = load_anchor_key(tmp_path)
    (tmp_path / PRIVATE).unlink()
    new = load_anchor_key(tmp_path)

    known = [key_id(key) for key in read_public_keys(tmp_path / PUBLIC)]

    assert known == [key_id(lost.public_key()), key_id(new.public_key())]


@pytest.mark.parametrize("content", [b"", b"hello", b"-----END PUBLIC KEY-----"])
def test_what_is_no_public_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)

    with pytest.raises(PublicKeyError):
        read_public_keys(tmp_path / "key")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    public = generate_private_key(SECP256R1()).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key").write_bytes(pem)

    with pytest.raises(PublicKeyError, match="not an Ed25519 key"):
        read_public_keys(tmp_path / "key")
