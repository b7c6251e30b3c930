"""`jiaoying phones`: a telephone network to practise on, with the pack's people in it."""

from typing import Annotated

import typer

from services.commands.carriers import StationSecretsOption, station_secrets_of, token_or_refuse
from services.commands.saying import PackOption, PortOption, err, load_or_refuse, run_loop
from services.demo.network import practice_accounts, practice_network
from services.phones.main import build_server
from services.runtime.clock import RealClock
from services.runtime.logs import configure_logs
from services.system.door import new_lifecycle


def phones(
    pack: PackOption,
    door: Annotated[str, typer.Option(help="Who is told of whoever rings or writes back.")],
    port: PortOption = 8085,
    station_secrets: StationSecretsOption = None,
) -> None:
    """
    Run a practice network on loopback: it speaks the carrier's API, and rings in the browser.

    Its accounts are the pack's, numbered from AC000…1, each with the token of the environment.
    """
    configure_logs()
    loaded = load_or_refuse(pack)
    accounts = practice_accounts(loaded, token_or_refuse())
    settings = practice_network(
        loaded, pack, accounts, station_secrets_of(loaded, station_secrets), port
    )

    async def run() -> int:
        lifecycle = new_lifecycle()
        network = build_server(settings, RealClock())
        for account in accounts:
            network.exchange.point_account(
                account.sid,
                voice_url=f"{door}/twilio/voice/inbound",
                sms_url=f"{door}/twilio/sms",
            )
        await network.start()
        lifecycle.on_stop("practice network", network.stop)
        err.print(f"练习电话 practice phones · {network.base_url}/phones")
        return await lifecycle.run_until_signal()

    raise typer.Exit(run_loop(run()))
