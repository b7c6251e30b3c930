"""How the store's file is opened, what is in it, and what its failures mean."""

import sqlite3
from pathlib import Path

from services.runtime.bus import BusError, BusUnavailableError

VERSION = 1
PAGE_BYTES = 4096

_TABLES = f"""
BEGIN;
CREATE TABLE log (
  topic TEXT NOT NULL,
  district TEXT NOT NULL,
  offset INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,  -- milliseconds since 1970, for retention only
  data BLOB NOT NULL,
  PRIMARY KEY (topic, district, offset)
) WITHOUT ROWID;
CREATE TABLE positions (
  consumers TEXT NOT NULL,
  topic TEXT NOT NULL,
  district TEXT NOT NULL,
  offset INTEGER NOT NULL,
  PRIMARY KEY (consumers, topic, district)
) WITHOUT ROWID;
CREATE TABLE kv (
  space TEXT NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (space, key)
) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
COMMIT;
"""

# Codes under which a file could not grow. A quota or a limit of the file system comes as a failed
# write, and the shared-memory file of the log may be the first that finds the disk full.
_CANNOT_GROW = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}


class StoreFullError(BusUnavailableError):
    """There is no space left. Nothing was kept; it is worth trying again after space was freed."""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """
    Return a connection that commits durably, to a file with our tables.

    BusUnavailableError when the file cannot be opened, BusError when another version made it.
    """
    try:
        return _open_for_writing(path)
    except sqlite3.Error as error:
        raise unavailable(error) from error


def _open_for_writing(path: Path) -> sqlite3.Connection:
    database = _connect(str(path))
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA cache_size = -16000")  # 16 MB: a large group must not spill early
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        database.executescript(_TABLES)
    elif version != VERSION:
        database.close()
        raise BusError(f"{path} has version {version} of the store, this program has {VERSION}")
    return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection to an existing file that can change nothing in it."""
    database = _connect(path.absolute().as_uri(), uri=True)
    database.execute("PRAGMA query_only = TRUE")
    return database


def _connect(address: str, *, uri: bool = False) -> sqlite3.Connection:
    # The loop's thread fills a transaction and another commits it, never both at once.
    database = sqlite3.connect(address, isolation_level=None, check_same_thread=False, uri=uri)
    database.execute("PRAGMA busy_timeout = 2000")
    database.execute("PRAGMA temp_store = MEMORY")  # savepoints must not need the disk
    database.execute("PRAGMA wal_autocheckpoint = 0")  # `checkpoint.py` chooses the moment
    return database


def is_store_failure(error: Exception) -> bool:
    """Whether the file failed (disk full, I/O, damage) rather than the statement being wrong."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


def unavailable(error: sqlite3.Error) -> BusUnavailableError:
    """Return what *error*, a failure of the store, is to a caller of the bus."""
    if getattr(error, "sqlite_errorcode", None) in _CANNOT_GROW:
        return StoreFullError("no space left for the store")
    return BusUnavailableError(f"the store failed: {getattr(error, 'sqlite_errorname', error)}")
