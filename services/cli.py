"""The command line. Each command's last line on standard output is for machines where it says so."""

import hashlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.topics import Topic
from services.correlator.entrypoints.replay import replay_file
from services.demo.feed import FeedError
from services.demo.once import UnfinishedError, run_once
from services.demo.stage import PACK, Stage
from services.demo.watch import run_watched
from services.dispatcher.adapters.accounts_file import AccountsFileError, load_accounts
from services.dispatcher.adapters.station_secrets import (
    StationSecretsError,
    load_station_secrets,
)
from services.dispatcher.adapters.twilio.account import REAL_API
from services.dispatcher.main import AnchorSettings
from services.district.check import examine_pack
from services.district.domain.pack import Pack
from services.district.faults import PackError
from services.district.load import load_pack
from services.district.passwords import hash_password
from services.ledger_commands import ledger_app
from services.recorded import read_topic
from services.runtime.bus import BusInUseError
from services.runtime.clock import RealClock
from services.runtime.guard import guarded
from services.runtime.logs import configure_logs
from services.runtime.memory import settle_memory
from services.system.settings import AccountsError, CarrierSettings, SystemSettings
from services.system.together import open_system

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="叫应 Jiaoying: from a reading to a confirmed human.",
)
T = TypeVar("T")

app.add_typer(ledger_app, name="ledger")

TOKEN = "JIAOYING_CARRIER_TOKEN"  # noqa: S105 - the name of a variable, not a secret
ANCHOR_TOKEN = "JIAOYING_ANCHOR_TOKEN"  # noqa: S105 - as above

_err = Console(stderr=True)

PackOption = Annotated[Path, typer.Option("--pack", help="The district pack's folder.")]
DataOption = Annotated[Path, typer.Option("--data", help="Where the system keeps its state.")]
PortOption = Annotated[
    int, typer.Option("--port", help="The port of its door; 0 takes a free one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One line of JSON on standard output.")]


@app.command()
def up(  # noqa: PLR0913, PLR0917 - each is an option
    pack: PackOption,
    data: DataOption = Path("data"),
    port: PortOption = 8080,
    host: Annotated[str, typer.Option(help="The address it listens on.")] = "127.0.0.1",
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
    loaded = _load(pack)
    _refuse_demo_outside(loaded, host)
    carriers = (
        _one_account(carrier_account, carrier_from, carrier_url, public_url)
        if accounts is None
        else _several_accounts(accounts, public_url)
    )
    if loaded.demo and any(one.api_url == REAL_API for one in carriers):
        _fail("the demo pack rings nobody real: give a practice network as --carrier-url")
    if anchors is not None and not anchors.parent.is_dir():
        _fail(f"--anchors: {anchors.parent} is not there; is the disk or the share mounted?")
    kept = AnchorSettings(anchors, anchor_url or None, os.environ.get(ANCHOR_TOKEN, ""))
    carriers = tuple(
        replace(
            one, webhooks=webhooks, fallback_url=fallback_url, machine_detection=machine_detection
        )
        for one in carriers
    )
    stations = _station_secrets(loaded, station_secrets)
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
        system = await open_system(loaded, settings, RealClock())
        settle_memory()
        _err.print(f"叫应 {loaded.rules.name} · {system.base_url}")
        return await system.lifecycle.run_until_signal()

    def live() -> int:
        return _run(run())

    raise typer.Exit(guarded(live) if guard else live())


def _one_account(
    sid: str, from_number: str, url: str, public_url: str
) -> tuple[CarrierSettings, ...]:
    token = os.environ.get(TOKEN, "")
    if not (sid and from_number and token):
        _fail(
            "no carrier: give --carrier-account and --carrier-from, and its token in the "
            f"environment variable {TOKEN}; or --accounts"
        )
    return (CarrierSettings(sid, token, from_number, url, public_url or None),)


def _several_accounts(file: Path, public_url: str) -> tuple[CarrierSettings, ...]:
    try:
        found = load_accounts(file, os.environ, TOKEN)
    except (AccountsFileError, OSError) as error:
        _fail(str(error))
    return tuple(
        CarrierSettings(
            one.sid,
            one.token,
            one.from_number,
            one.url,
            public_url or None,
            one.name,
            one.alternate_token,
        )
        for one in found
    )


def _station_secrets(pack: Pack, file: Path | None) -> Mapping[str, bytes]:
    try:
        secrets = load_station_secrets(file) if file is not None else {}
    except (StationSecretsError, OSError) as error:
        _fail(str(error))
    missing = [one.station_id for one in pack.stations if one.station_id not in secrets]
    if missing:
        # People are rung all the same: a loudspeaker that stays silent must not keep phones from it.
        _err.print(
            f"no secret for the stations {', '.join(missing)}: they stay silent; "
            "give --station-secrets",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
    return secrets


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Headless, and ends by itself.")] = False,
    pack: PackOption = PACK,
    port: PortOption = 8080,
) -> None:
    """Show a night in the demo district; with --once, print its numbers as one line of JSON."""
    configure_logs(logging.ERROR if once else logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="jiaoying-demo-") as folder:
        if once:
            _demo_once(pack, Path(folder))
        else:
            raise typer.Exit(_run(run_watched(pack, Path(folder), port, _show_addresses)))


def _demo_once(pack: Path, data: Path) -> None:
    columns = (TextColumn("一夜 one night"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("night", total=None)

        def posted(done: int, whole: int) -> None:
            progress.update(task, completed=done, total=whole)

        result, rings = _run(run_once(pack, data, posted))
    sys.stdout.write(json.dumps(result.as_json(rings), ensure_ascii=False) + "\n")


def _show_addresses(stage: Stage) -> None:
    _err.print(
        f"[bold]叫应演示 The demo is running[/bold]\n"
        f"  打开 open                  {stage.system.base_url}/demo\n"
        f"  一张图 board               {stage.system.base_url}/board\n"
        f"  练习电话 practice phones   {stage.phones.base_url}/phones\n"
        f"  接口文档 API               {stage.system.base_url}/docs\n"
        f"  用户 users                 {', '.join(stage.system.pack.users)} · demo-…\n"
        f"  Ctrl+C 结束 to end",
        soft_wrap=True,
    )


@app.command()
def password() -> None:
    """Ask for a password and print the line for a user in users.yaml; nothing is kept."""
    given = typer.prompt("口令 password", hide_input=True, confirmation_prompt=True, err=True)
    sys.stdout.write(f'password: "{hash_password(given)}"\n')


@app.command()
def check(
    pack: Annotated[Path, typer.Argument(help="The pack's folder.")], *, as_json: JsonOption = False
) -> None:
    """Check a district pack: every fault with its file, its line and the reason; and warnings."""
    found = examine_pack(pack)
    faults, warnings = list(found), found.warnings
    if as_json:
        told = {"faults": faults, "warnings": warnings}
        _print_json({name: [asdict(one) for one in ones] for name, ones in told.items()})
    else:
        for warning in warnings:
            _err.print(f"{warning} (提醒 warning)", markup=False, soft_wrap=True)
        for fault in faults:
            _err.print(str(fault), markup=False, soft_wrap=True)
        said = f"{len(faults)} 处错误 faults" if faults else "没有问题 no faults"
        said += f", {len(warnings)} 处提醒 warnings" if warnings else ""
        _err.print(f"{pack}: {said}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if faults else 0)


@app.command()
def export(
    data: Annotated[Path, typer.Argument(help="A system's data folder; it may be running.")],
    topic: Annotated[Topic, typer.Argument(help="Which topic.")] = Topic.EVENTS,
    district: Annotated[
        str, typer.Option(help="Which district; needed when there are several.")
    ] = "",
) -> None:
    """Write a topic to standard output, one record a line."""
    logs = {name: records for name, records in read_topic(data, topic) if district in {"", name}}
    if len(logs) != 1:
        _fail(f"{data}: {len(logs)} districts have records there: {', '.join(sorted(logs))}")
    for record in next(iter(logs.values())):
        sys.stdout.buffer.write(record + b"\n")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A recorded log of events, one a line.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Where the decisions go, one a line.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Decide a recorded night again. The same log gives the same bytes, and nobody is rung."""
    configure_logs(logging.ERROR)
    with _err.status("重放 replaying"):
        decisions = replay_file(file)
    if out is not None:
        out.write_bytes(decisions)
    digest = hashlib.sha256(decisions).hexdigest()
    count = decisions.count(b"\n")
    if as_json:
        _print_json({"decisions": count, "sha256": digest})
    else:
        _err.print(f"{count} 条决定 decisions, sha256 {digest}")


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run *work*; what a person can mend is said in one line, anything else is ours to mend."""
    try:
        return uvloop.run(work)
    except PackError as error:
        _refuse(error)
    except (AccountsError, BusInUseError, OSError, FeedError, UnfinishedError) as error:
        _fail(str(error))


def _load(folder: Path) -> Pack:
    try:
        return load_pack(folder)
    except PackError as error:
        _refuse(error)


def _refuse(error: PackError) -> NoReturn:
    for fault in error.faults:
        _err.print(f"{fault.file}:{fault.line}: {fault.reason}", markup=False, soft_wrap=True)
    _fail(f"{len(error.faults)} faults; the pack is refused")


def _refuse_demo_outside(pack: Pack, host: str) -> None:
    is_loopback = host == "localhost" or ip_address(host).is_loopback
    if pack.demo and not is_loopback:
        _fail("the demo pack works on loopback only: its keys and users are public")


def _fail(message: str) -> NoReturn:
    _err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def main() -> None:
    """Run the command line."""
    sys.setswitchinterval(0.0005)  # the commit's thread and the loop take turns more often
    app()
