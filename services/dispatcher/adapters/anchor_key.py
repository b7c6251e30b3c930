"""
The server's own key for anchors: the private half in a file that only its owner can read, the
public half beside it for whoever wants to verify.
"""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from services.dispatcher.adapters.private_file import SecretsFileError, read_private

PRIVATE = "anchor.key"
PUBLIC = "anchor.pub"
_END = b"-----END PUBLIC KEY-----"


class PublicKeyError(Exception):
    """The file holds no Ed25519 public key in PEM."""


def load_anchor_key(data: Path) -> Ed25519PrivateKey:
    """
    Return the key of the data folder, which is made at the first start.

    Raises SecretsFileError when others could have read it. Were it lost, a new one would be made;
    its public half is added to the file, so that what the old one signed can still be verified.
    """
    secret = read_private(data / PRIVATE, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    try:
        key = Ed25519PrivateKey.from_private_bytes(secret)
    except ValueError as error:
        raise SecretsFileError(f"{PRIVATE} is damaged") from error
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path = data / PUBLIC
    known = path.read_bytes() if path.exists() else b""
    if public not in known:
        path.write_bytes(known + public)
    return key


def read_public_keys(path: Path) -> list[Ed25519PublicKey]:
    """Return every key in the PEM file *path*. PublicKeyError when there is none, or another kind."""
    keys = []
    for block in path.read_bytes().split(_END)[:-1]:
        try:
            key = load_pem_public_key(block.strip() + b"\n" + _END + b"\n")
        except (ValueError, UnsupportedAlgorithm) as error:
            raise PublicKeyError(f"{path}: not a public key") from error
        if not isinstance(key, Ed25519PublicKey):
            raise PublicKeyError(f"{path}: not an Ed25519 key")
        keys.append(key)
    if not keys:
        raise PublicKeyError(f"{path}: no public key in it")
    return keys
