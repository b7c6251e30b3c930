"""What the commands share: how they speak, how they refuse, the options that several have."""

import json
import sys
from collections.abc import Coroutine
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop
from rich.console import Console

from services.demo.feed import FeedError
from services.demo.once import UnfinishedError
from services.district.domain.pack import Pack
from services.district.faults import PackError
from services.district.load import load_pack
from services.runtime.bus import BusInUseError, BusUnavailableError
from services.runtime.redis.agreement import DisagreementError
from services.runtime.traces_setting import TracesError
from services.system.settings import AccountsError

T = TypeVar("T")

err = Console(stderr=True)

PackOption = Annotated[Path, typer.Option("--pack", help="The district pack's folder.")]
DataOption = Annotated[Path, typer.Option("--data", help="Where the system keeps its state.")]
HostOption = Annotated[str, typer.Option("--host", help="The address it listens on.")]
PortOption = Annotated[
    int, typer.Option("--port", help="The port of its door; 0 takes a free one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One line of JSON on standard output.")]


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run *work*; what a person can mend is said in one line, anything else is ours to mend."""
    try:
        return uvloop.run(work)
    except PackError as error:
        refuse(error)
    except (
        AccountsError,
        BusInUseError,
        BusUnavailableError,
        DisagreementError,
        OSError,
        FeedError,
        TracesError,
        UnfinishedError,
    ) as error:
        fail(str(error))


def load_or_refuse(folder: Path) -> Pack:
    """Return the pack in *folder*, or end the command with every fault named."""
    try:
        return load_pack(folder)
    except PackError as error:
        refuse(error)


def refuse(error: PackError) -> NoReturn:
    """End the command over a bad pack: each fault with its file, its line and the reason."""
    for fault in error.faults:
        err.print(f"{fault.file}:{fault.line}: {fault.reason}", markup=False, soft_wrap=True)
    fail(f"{len(error.faults)} faults; the pack is refused")


def refuse_demo_outside(pack: Pack, host: str) -> None:
    """End the command where the demo pack would be reached from elsewhere."""
    is_loopback = host == "localhost" or ip_address(host).is_loopback
    if pack.demo and not is_loopback:
        fail("the demo pack works on loopback only: its keys and users are public")


def fail(message: str) -> NoReturn:
    """End the command with *message* and a code other than 0."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def print_json(value: object) -> None:
    """Write *value* to standard output as one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
