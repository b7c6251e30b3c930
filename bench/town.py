"""
The practice network of a benchmark, as a process of its own on the machine's clock. When it is
ended it writes down what the carrier saw.

usage: python -m bench.town PORT PACK OUR_DOOR SEEN   (accounts as JSON in the variable ACCOUNTS)
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import uvloop

from bench.carrier_seen import CarrierSeen
from services.phones.domain.account import Account
from services.phones.main import PhoneSettings, build_server
from services.runtime.clock import RealClock

ACCOUNTS = "ACCOUNTS"


async def run(port: int, pack: Path, door: str, seen: Path, accounts: tuple[Account, ...]) -> None:
    """Ring until SIGTERM."""
    settings = PhoneSettings(accounts, seed="county", people_file=pack / "phones.yaml", port=port)
    phones = build_server(settings, RealClock())
    for account in accounts:
        phones.exchange.point_account(
            account.sid,
            voice_url=f"{door}/twilio/voice/inbound",
            sms_url=f"{door}/twilio/sms",
        )
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await phones.start()
    try:
        await stopped.wait()
    finally:
        await phones.stop()
    CarrierSeen.of(phones.exchange).write(seen)


def main() -> None:
    """Run as the command line says."""
    port, pack, door, seen = sys.argv[1:]
    accounts = tuple(Account(**given) for given in json.loads(os.environ[ACCOUNTS]))
    uvloop.run(run(int(port), Path(pack), door, Path(seen), accounts))


if __name__ == "__main__":
    main()
