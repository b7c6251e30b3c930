"""`jiaoying serve …`: one service in a process of its own, over Kafka and Redis."""

from collections.abc import Awaitable, Callable
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
    carrier_url: ApiOption = REAL_API,
    carrier_account: AccountOption = "",
    carrier_from: FromOption = "",
    public_url: Annotated[
        str, typer.Option(help="The workers' door as the carrier reaches it: any of them will do.")
    ] = "",
    url: Annotated[
        str, typer.Option(help="This worker's door as the other workers reach it.")
    ] = "",
    accounts: AccountsOption = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            help="The file for the ledgers' anchors, on another disk or host's share; each district "
            "has its own, with its code in the name."
        ),
    ] = None,
    anchor_url: AnchorUrlOption = "",
    heartbeat_url: Annotated[
        str, typer.Option(help="Told each minute that a district is called for; rings if not.")
    ] = "",
    station_secrets: StationSecretsOption = None,
    older_pack: Annotated[
        list[Path] | None,
        typer.Option(help="A pack that a district had when its ledger was begun."),
    ] = None,
    *,
    webhooks: WebhooksOption = True,
    fallback_url: FallbackOption = "",
    machine_detection: MachineOption = False,
) -> None:
    """Call people, for a share of the districts; stand by for the others."""
    from services.system.apart.calling import (  # noqa: PLC0415 - as above
        CallingSettings,
        serve_dispatcher,
    )

    loaded = _packs(pack, host)
    calling = CallingSettings(
        secrets,
        carriers_or_refuse(
            loaded,
            api_url=carrier_url,
            account=carrier_account,
            from_number=carrier_from,
            accounts=accounts,
            public_url=public_url,
            webhooks=webhooks,
            fallback_url=fallback_url,
            machine_detection=machine_detection,
        ),
        {
            name: secret
            for one in loaded
            for name, secret in station_secrets_of(one, station_secrets).items()
        },
        anchors_or_refuse(anchors, anchor_url),
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
