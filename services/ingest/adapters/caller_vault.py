"""
Callers' identities, encrypted, in a file of their own. Everything else knows a token.

The key lies beside it in a file only its owner may read, unless the settings give one: then it
can lie on another machine's disk. Whoever copies the database alone has learned nothing.
"""

import base64
import hashlib
import hmac
import os
import sqlite3
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.fernet import Fernet, InvalidToken

from services.ingest.domain.caller_identity import Caller
from services.ingest.domain.errors import NotDurableError

DATABASE = "callers.sqlite3"
KEY_FILE = "callers.key"
_KEY_BYTES = 32
_PRIVATE = 0o600


class SqliteCallerVault:
    """`CallerVault` over SQLite. *secret* is at least 32 random bytes. Used in one thread."""

    def __init__(self, directory: Path, secret: bytes | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        master = secret if secret is not None else _key_in(directory)
        if len(master) < _KEY_BYTES:
            raise ValueError("the key of the callers' vault is shorter than 32 bytes")
        self._token_key = hmac.digest(master, b"token", hashlib.sha256)
        seal_key = hmac.digest(master, b"seal", hashlib.sha256)
        self._fernet = Fernet(base64.urlsafe_b64encode(seal_key))
        path = directory / DATABASE
        path.touch(mode=_PRIVATE)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS callers"
            " (token TEXT PRIMARY KEY, sealed BLOB NOT NULL, heard_at TEXT NOT NULL) STRICT"
        )

    def token(self, caller: Caller) -> str:
        """Return the caller's token: the same for the same number, and telling nothing of it."""
        digest = hmac.digest(self._token_key, caller.mark.encode(), hashlib.sha256)
        return "caller_" + base64.b32encode(digest[:15]).decode().lower()

    async def store(self, caller: Caller, heard_at: datetime) -> None:
        """Keep the identity under its token; durable when this returns."""
        identity = orjson.dumps({"number": caller.number, "name": caller.name})
        try:
            self._database.execute(
                "INSERT INTO callers VALUES (?, ?, ?) ON CONFLICT (token) DO UPDATE"
                " SET sealed = excluded.sealed, heard_at = excluded.heard_at",
                (self.token(caller), self._fernet.encrypt(identity), heard_at.isoformat()),
            )
        except sqlite3.Error as error:
            raise NotDurableError("the callers' vault cannot write") from error

    def seal(self, original: bytes) -> bytes:
        """Return *original* encrypted: whole, and readable only with the vault's key."""
        return self._fernet.encrypt(original)

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed; ValueError when it was not with this vault's key."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ValueError("not sealed with this key") from None

    def reveal(self, token: str) -> Caller | None:
        """Return who *token* stands for. Only for the roles that may know (domain.md D.5)."""
        row = self._database.execute(
            "SELECT sealed FROM callers WHERE token = ?", (token,)
        ).fetchone()
        if row is None:
            return None
        identity = orjson.loads(self.unseal(bytes(row[0])))
        return Caller(identity["number"], identity["name"])

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _key_in(directory: Path) -> bytes:
    path = directory / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(_KEY_BYTES))
        file.flush()
        # A token whose key a power cut took stands for nobody.
        os.fsync(file.fileno())
    return path.read_bytes()
