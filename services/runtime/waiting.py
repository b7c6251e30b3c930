"""Waiting for whichever comes first: an instant of the clock, or word that something has changed."""

import asyncio
from datetime import datetime

from services.runtime.clock import Clock


async def instant_or_event(clock: Clock, instant: datetime | None, changed: asyncio.Event) -> bool:
    """Return True once *instant* has come, or False once *changed* is set; None waits for that."""
    if instant is None:
        await changed.wait()
        return False
    if instant <= clock.now():
        return True
    sleeping = asyncio.ensure_future(clock.sleep_until(instant))
    waiting = asyncio.ensure_future(changed.wait())
    try:
        await asyncio.wait((sleeping, waiting), return_when=asyncio.FIRST_COMPLETED)
        return sleeping.done()
    finally:
        sleeping.cancel()
        waiting.cancel()
