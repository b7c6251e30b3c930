"""
Who is logged in, kept in the system's own store: a restart at 02:10 logs nobody out.

A token is known by its SHA-256 alone. Sessions age by the machine's clock, also where the
district's runs fast for a demo.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.runtime.bus import Bus, Transaction
from services.runtime.clock import Clock

_SPACE = "console/sessions"
LONGEST = timedelta(hours=25)
"""A duty of 24 hours and its hand-over. Nobody is logged out for not touching a key at night."""
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Session:
    user_id: str
    opened_at: datetime


class StoredSessions:
    """`Sessions` over the store of *bus*. `load` first."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    async def load(self) -> None:
        """Take up the sessions of the process before, and drop those that are over."""

        def work(tx: Transaction) -> None:
            for digest, value in tx.scan(_SPACE):
                told = json.loads(value)
                session = _Session(told["user_id"], datetime.fromisoformat(told["opened_at"]))
                if self._is_over(session):
                    tx.delete(_SPACE, digest)
                else:
                    self._sessions[digest] = session

        await self._bus.transact(work)

    async def open(self, user_id: str) -> str:
        """Return the token of a new session of *user_id*; BusUnavailableError."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session = _Session(user_id, self._clock.now())
        told = {"user_id": user_id, "opened_at": session.opened_at.isoformat()}
        over = [digest for digest, one in self._sessions.items() if self._is_over(one)]

        def work(tx: Transaction) -> None:
            tx.put(_SPACE, _digest(token), json.dumps(told).encode())
            for digest in over:
                tx.delete(_SPACE, digest)

        await self._bus.transact(work)
        self._sessions[_digest(token)] = session
        for digest in over:
            self._sessions.pop(digest, None)
        return token

    def holder(self, token: str) -> str | None:
        """Return whose session it is, or None when there is none or it is over."""
        session = self._sessions.get(_digest(token))
        return None if session is None or self._is_over(session) else session.user_id

    async def close(self, token: str) -> None:
        """End the session, if there is one; BusUnavailableError."""
        digest = _digest(token)
        if self._sessions.pop(digest, None) is not None:
            await self._bus.transact(lambda tx: tx.delete(_SPACE, digest))

    def _is_over(self, session: _Session) -> bool:
        return self._clock.now() - session.opened_at > LONGEST


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
