"""`jiaoying index …`: the index in Redis of what the ledger in Kafka says."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.commands.saying import (
    JsonOption,
    PackOption,
    err,
    fail,
    load_or_refuse,
    print_json,
    run_loop,
)
from services.district.domain.pack import Pack
from services.runtime.bus import BusError

index_app = typer.Typer(no_args_is_help=True, help="The index that dispatchers work with.")

OlderPacksOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--older-pack", help="A pack that was in force before; may be given several times."
    ),
]


@index_app.command("rebuild")
def index_rebuild(
    pack: PackOption, older_pack: OlderPacksOption = None, *, as_json: JsonOption = False
) -> None:
    """
    Live through a district's ledger again, and write its index in Redis anew.

    A dispatcher does the same by itself when it takes over a district whose index is lost. Refused
    while one is at work there. Kafka and Redis are found as by the services, in the environment.
    """
    packs = [load_or_refuse(folder) for folder in (pack, *(older_pack or ()))]
    columns = (
        TextColumn("重建 rebuilding"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("records", total=None)

        def advance(done: int, whole: int) -> None:
            progress.update(task, completed=done, total=whole)

        try:
            records = run_loop(_rebuild(packs, advance))
        except (BusError, _CannotRebuildError) as error:
            progress.stop()
            fail(str(error))
    district = packs[0].rules.district
    if as_json:
        print_json({"district": district, "records": records})
    else:
        err.print(f"{district} 已由 {records} 条记录重建 rebuilt from {records} records")


class _CannotRebuildError(Exception):
    """The text says why, and what to do."""


async def _rebuild(packs: list[Pack], advance: Callable[[int, int], None]) -> int:
    # Half a second of imports that no other command need wait for.
    from services.dispatcher.adapters.owned_bus import owned_buses  # noqa: PLC0415
    from services.dispatcher.entrypoints.catching_up import CatchingUpError  # noqa: PLC0415
    from services.dispatcher.index_rebuilding import (  # noqa: PLC0415
        DistrictHeldError,
        rebuild_owned,
    )
    from services.runtime.kafka.settings import KafkaSettings  # noqa: PLC0415
    from services.runtime.redis.connection import connect  # noqa: PLC0415
    from services.runtime.redis.lease import Leases  # noqa: PLC0415
    from services.runtime.redis.settings import RedisSettings  # noqa: PLC0415

    settings = RedisSettings()
    name = f"index-rebuild-{socket.gethostname()}-{os.getpid()}"
    server = connect(settings)
    try:
        leases = Leases(server, settings.prefix, name, "")
        buses = owned_buses(KafkaSettings())
        return (await rebuild_owned(server, leases, packs, buses, advance)).records
    except (CatchingUpError, DistrictHeldError) as error:
        raise _CannotRebuildError(str(error)) from error
    finally:
        await server.aclose()
