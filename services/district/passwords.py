"""Passwords of users: argon2id hashes in `users.yaml`, never the passwords themselves."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's least for argon2id: 19 MiB, two passes. About 25 ms, which a log-in may take and a
# guesser may not.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NOBODY = _HASHER.hash("nobody has this password")
"""Verified against when there is no such user, so that the answer takes as long."""


def hash_password(password: str) -> str:
    """Return the line for `users.yaml`."""
    return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Whether *password* is the one that *password_hash* was made of."""
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def demo_password(user_id: str) -> str:
    """Return the password that everybody knows: only a demo pack may use it."""
    return f"demo-{user_id}"
