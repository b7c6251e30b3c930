"""`jiaoying serve …`: one service in a process of its own, over Kafka and Redis."""

from collections.abc import Awaitable, Callable
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
from services.commands.up import ANCHOR_TOKEN
from services.dispatcher.adapters.twilio.account import REAL_API
from services.dispatcher.main import AnchorSettings
from services.district.domain.pack import Pack
from services.runtime.lifecycle import Lifecycle
from services.runtime.logs import configure_logs
from services.system.apart.place import ProcessSettings
from services.system.door import new_lifecycle

serve_app = typer.Typer(
    no_args_is_help=True,
    help="One service in a process of its own. Where Kafka and Redis are is in JIAOYING_KAFKA_… and "
    "JIAOYING_REDIS_….",
)

PacksOption = Annotated[
    list[Path], typer.Option("--pack", help="A district pack's folder; given once for each.")
]
_LOOPBACK = "127.0.0.1"


@serve_app.command()
def ingest(
    pack: PackOption,
    data: DataOption = Path("data"),
    port: PortOption = 8081,
    host: HostOption = _LOOPBACK,
) -> None:
    """Take in what sources post for one district. The data folder is this process's alone."""
    from services.system.apart.intake import serve_ingest  # noqa: PLC0415 - seconds of imports

    loaded = _packs([pack], host)[0]
    settings = ProcessSettings(data, host, port)
    _live("ingest", lambda lifecycle: serve_ingest(loaded, pack, settings, lifecycle))


@serve_app.command()
def correlator(
    pack: PacksOption,
    data: DataOption = Path("data"),
    port: PortOption = 8093,
    host: HostOption = _LOOPBACK,
) -> None:
    """Decide, for a share of the districts. The data folder is this process's alone."""
    from services.system.apart.deciding import serve_correlator  # noqa: PLC0415 - as above

    districts = [one.rules.district for one in _packs(pack, host)]
    settings = ProcessSettings(data, host, port)
    _live("correlator", lambda lifecycle: serve_correlator(districts, settings, lifecycle))


@serve_app.command()
def dispatcher(  # noqa: PLR0913, PLR0917 - each is an option
    pack: PacksOption,
    secrets: Annotated[
        Path, typer.Option(help="One folder for all workers: what codes and addresses are made of.")
    ],
    data: DataOption = Path("data"),
    port: PortOption = 8091,
    host: HostOption = _LOOPBACK,
    carrier_url: Annotated[str, typer.Option(help="The carrier's API.")] = REAL_API,
    carrier_account: Annotated[str, typer.Option(help="Our account there.")] = "",
    carrier_from: Annotated[str, typer.Option(help="The number that rings people.")] = "",
    public_url: Annotated[
        str, typer.Option(help="The workers' door as the carrier reaches it: any of them will do.")
    ] = "",
    url: Annotated[
        str, typer.Option(help="This worker's door as the other workers reach it.")
    ] = "",
    accounts: Annotated[
        Path | None, typer.Option(help="A file with the credentials of several accounts.")
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            help="The file for the ledgers' anchors, on another disk or host's share; each district "
            "has its own, with its code in the name."
        ),
    ] = None,
    anchor_url: Annotated[
        str, typer.Option(help="A second host that each anchor is posted to.")
    ] = "",
    heartbeat_url: Annotated[
        str, typer.Option(help="Told each minute that a district is called for; rings if not.")
    ] = "",
    station_secrets: Annotated[
        Path | None, typer.Option(help="A file with the secret of each loudspeaker and screen.")
    ] = None,
    older_pack: Annotated[
        list[Path] | None,
        typer.Option(help="A pack that a district had when its ledger was begun."),
    ] = None,
    *,
    webhooks: Annotated[bool, typer.Option(help="The carrier reaches us.")] = True,
    fallback_url: Annotated[
        str, typer.Option(help="On another host: what a call says when we do not answer.")
    ] = "",
    machine_detection: Annotated[
        bool, typer.Option(help="Have the carrier guess whether a machine answered: a hint only.")
    ] = False,
) -> None:
    """Call people, for a share of the districts; stand by for the others."""
    from services.system.apart.calling import (  # noqa: PLC0415 - as above
        CallingSettings,
        serve_dispatcher,
    )

    loaded = _packs(pack, host)
    carriers = (
        one_account(carrier_account, carrier_from, carrier_url, public_url)
        if accounts is None
        else several_accounts(accounts, public_url)
    )
    if any(one.demo for one in loaded) and any(one.api_url == REAL_API for one in carriers):
        fail("the demo pack rings nobody real: give a practice network as --carrier-url")
    if anchors is not None and not anchors.parent.is_dir():
        fail(f"--anchors: {anchors.parent} is not there; is the disk or the share mounted?")
    calling = CallingSettings(
        secrets,
        [
            replace(
                one,
                webhooks=webhooks,
                fallback_url=fallback_url,
                machine_detection=machine_detection,
            )
            for one in carriers
        ],
        {
            name: secret
            for one in loaded
            for name, secret in station_secrets_of(one, station_secrets).items()
        },
        AnchorSettings(anchors, anchor_url or None, environment().get(ANCHOR_TOKEN, "")),
        heartbeat_url,
        url,
        [load_or_refuse(folder) for folder in older_pack or ()],
    )
    settings = ProcessSettings(data, host, port)
    _live("dispatcher", lambda lifecycle: serve_dispatcher(loaded, settings, calling, lifecycle))


@serve_app.command()
def console(
    pack: PackOption,
    data: DataOption = Path("data"),
    port: PortOption = 8080,
    host: HostOption = _LOOPBACK,
) -> None:
    """Show one district's pages. The data folder is this process's alone."""
    from services.system.apart.pages import serve_console  # noqa: PLC0415 - as above

    loaded = _packs([pack], host)[0]
    settings = ProcessSettings(data, host, port)
    _live("console", lambda lifecycle: serve_console(loaded, pack, settings, lifecycle))


def _packs(folders: list[Path], host: str) -> list[Pack]:
    configure_logs()
    loaded = [load_or_refuse(folder) for folder in folders]
    for one in loaded:
        refuse_demo_outside(one, host)
    return loaded


def _live(name: str, start: Callable[[Lifecycle], Awaitable[str]]) -> None:
    async def run() -> int:
        lifecycle = new_lifecycle()
        try:
            base_url = await start(lifecycle)
        except BaseException:
            await lifecycle.unwind()
            raise
        err.print(f"叫应 {name} · {base_url}")
        return await lifecycle.run_until_signal()

    raise typer.Exit(run_loop(run()))
