"""`jiaoying up`: every service of one district in one process."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from services.commands.carriers import one_account, several_accounts, station_secrets_of
from services.commands.saying import (
    DataOption,
    HostOption,
    PackOption,
    PortOption,
    err,
    fail,
    load_or_refuse,
    refuse_demo_outside,
    run_loop,
)
from services.commands.secret_files import environment
from services.dispatcher.adapters.twilio.account import REAL_API
from services.dispatcher.main import AnchorSettings
from services.runtime.clock import RealClock
from services.runtime.guard import guarded
from services.runtime.logs import configure_logs
from services.runtime.memory import settle_memory, tidy_memory
from services.system.settings import SystemSettings
from services.system.together import open_system

ANCHOR_TOKEN = "JIAOYING_ANCHOR_TOKEN"  # noqa: S105 - the name of a variable, not a secret


def up(  # noqa: PLR0913, PLR0917 - each is an option
    pack: PackOption,
    data: DataOption = Path("data"),
    port: PortOption = 8080,
    host: HostOption = "127.0.0.1",
    carrier_url: Annotated[str, typer.Option(help="The carrier's API.")] = REAL_API,
    carrier_account: Annotated[str, typer.Option(help="Our account there.")] = "",
    carrier_from: Annotated[str, typer.Option(help="The number that rings people.")] = "",
    public_url: Annotated[str, typer.Option(help="Our door as the carrier reaches it.")] = "",
    accounts: Annotated[
        Path | None, typer.Option(help="A file with the credentials of several accounts.")
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(help="The file for the ledger's anchors: on another disk or host's share."),
    ] = None,
    anchor_url: Annotated[
        str, typer.Option(help="A second host that each anchor is posted to.")
    ] = "",
    heartbeat_url: Annotated[
        str, typer.Option(help="Told each minute that the system lives; rings somebody if not.")
    ] = "",
    station_secrets: Annotated[
        Path | None, typer.Option(help="A file with the secret of each loudspeaker and screen.")
    ] = None,
    *,
    guard: Annotated[bool, typer.Option("--guard", help="Start it again when it dies.")] = False,
    webhooks: Annotated[
        bool,
        typer.Option(
            help="The carrier reaches us; without, it is asked, and people answer by SMS."
        ),
    ] = True,
    fallback_url: Annotated[
        str, typer.Option(help="On another host: what a call says when we do not answer.")
    ] = "",
    machine_detection: Annotated[
        bool, typer.Option(help="Have the carrier guess whether a machine answered: a hint only.")
    ] = False,
) -> None:
    """Run the embedded system; ready when /readyz answers 200, stopped by SIGTERM."""
    configure_logs()
    loaded = load_or_refuse(pack)
    refuse_demo_outside(loaded, host)
    carriers = (
        one_account(carrier_account, carrier_from, carrier_url, public_url)
        if accounts is None
        else several_accounts(accounts, public_url)
    )
    if loaded.demo and any(one.api_url == REAL_API for one in carriers):
        fail("the demo pack rings nobody real: give a practice network as --carrier-url")
    if anchors is not None and not anchors.parent.is_dir():
        fail(f"--anchors: {anchors.parent} is not there; is the disk or the share mounted?")
    kept = AnchorSettings(anchors, anchor_url or None, environment().get(ANCHOR_TOKEN, ""))
    carriers = tuple(
        replace(
            one, webhooks=webhooks, fallback_url=fallback_url, machine_detection=machine_detection
        )
        for one in carriers
    )
    stations = station_secrets_of(loaded, station_secrets)
    settings = SystemSettings(
        pack,
        data,
        carriers,
        host,
        port,
        anchors=kept,
        heartbeat_url=heartbeat_url,
        station_secrets=stations,
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
