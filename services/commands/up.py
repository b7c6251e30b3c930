"""`jiaoying up`: every service of one district in one process."""

from pathlib import Path
from typing import Annotated

import typer

from services.commands.carriers import (
    AccountOption,
    AccountsOption,
    AnchorUrlOption,
    ApiOption,
    FallbackOption,
    FromOption,
    MachineOption,
    StationSecretsOption,
    WebhooksOption,
    anchors_or_refuse,
    carriers_or_refuse,
    station_secrets_of,
)
from services.commands.saying import (
    DataOption,
    HostOption,
    PackOption,
    PortOption,
    err,
    load_or_refuse,
    refuse_demo_outside,
    run_loop,
)
from services.dispatcher.adapters.twilio.account import REAL_API
from services.runtime.clock import RealClock
from services.runtime.guard import guarded
from services.runtime.logs import configure_logs
from services.runtime.memory import settle_memory, tidy_memory
from services.system.settings import SystemSettings
from services.system.together import open_system


def up(  # noqa: PLR0913, PLR0917 - each is an option
    pack: PackOption,
    data: DataOption = Path("data"),
    port: PortOption = 8080,
    host: HostOption = "127.0.0.1",
    carrier_url: ApiOption = REAL_API,
    carrier_account: AccountOption = "",
    carrier_from: FromOption = "",
    public_url: Annotated[str, typer.Option(help="Our door as the carrier reaches it.")] = "",
    accounts: AccountsOption = None,
    anchors: Annotated[
        Path | None,
        typer.Option(help="The file for the ledger's anchors: on another disk or host's share."),
    ] = None,
    anchor_url: AnchorUrlOption = "",
    heartbeat_url: Annotated[
        str, typer.Option(help="Told each minute that the system lives; rings somebody if not.")
    ] = "",
    station_secrets: StationSecretsOption = None,
    *,
    guard: Annotated[bool, typer.Option("--guard", help="Start it again when it dies.")] = False,
    webhooks: WebhooksOption = True,
    fallback_url: FallbackOption = "",
    machine_detection: MachineOption = False,
) -> None:
    """Run the embedded system; ready when /readyz answers 200, stopped by SIGTERM."""
    configure_logs()
    loaded = load_or_refuse(pack)
    refuse_demo_outside(loaded, host)
    carriers = carriers_or_refuse(
        [loaded],
        api_url=carrier_url,
        account=carrier_account,
        from_number=carrier_from,
        accounts=accounts,
        public_url=public_url,
        webhooks=webhooks,
        fallback_url=fallback_url,
        machine_detection=machine_detection,
    )
    settings = SystemSettings(
        pack,
        data,
        carriers,
        host,
        port,
        anchors=anchors_or_refuse(anchors, anchor_url),
        heartbeat_url=heartbeat_url,
        station_secrets=station_secrets_of(loaded, station_secrets),
    )

    async def run() -> int:
        clock = RealClock()
        system = await open_system(loaded, settings, clock)
        settle_memory()
        pipeline = system.dispatcher.pipeline
        system.lifecycle.spawn(
            "memory", tidy_memory(lambda: not pipeline.desk.has_open_chains, clock)
        )
        err.print(f"叫应 {loaded.rules.name} · {system.base_url}")
        return await system.lifecycle.run_until_signal()

    def live() -> int:
        return run_loop(run())

    raise typer.Exit(guarded(live) if guard else live())
