"""
The practice network of a benchmark, as a process of its own on the machine's clock. When it is
ended it writes down what the carrier saw.

usage: python -m bench.town PORT PACK OUR_DOOR SEEN

Of the environment: ACCOUNTS, as JSON; SPEED, how many times faster than life the network is.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import uvloop

from bench.carrier_seen import CarrierSeen
from services.phones.domain.account import Account, Tempo
from services.phones.main import PhoneSettings, build_server
from services.runtime.clock import RealClock

ACCOUNTS, SPEED = "ACCOUNTS", "SPEED"


async def run(settings: PhoneSettings, door: str, seen: Path) -> None:
    """Ring until SIGTERM."""
    phones = build_server(settings, RealClock())
    for account in settings.accounts:
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
    settings = PhoneSettings(
        tuple(Account(**given) for given in json.loads(os.environ[ACCOUNTS])),
        seed="county",
        people_file=Path(pack) / "phones.yaml",
        tempo=Tempo().faster(float(os.environ.get(SPEED, "1"))),
        port=int(port),
    )
    uvloop.run(run(settings, door, Path(seen)))


if __name__ == "__main__":
    main()
