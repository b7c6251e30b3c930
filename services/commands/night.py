"""`jiaoying demo`: a night in the demo district."""

import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.commands.saying import PackOption, PortOption, err, run_loop
from services.demo.once import run_once
from services.demo.stage import PACK, Stage
from services.demo.watch import run_watched
from services.runtime.logs import configure_logs


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
            raise typer.Exit(run_loop(run_watched(pack, Path(folder), port, _show_addresses)))


def _demo_once(pack: Path, data: Path) -> None:
    columns = (TextColumn("一夜 one night"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("night", total=None)

        def posted(done: int, whole: int) -> None:
            progress.update(task, completed=done, total=whole)

        result, rings = run_loop(run_once(pack, data, posted))
    sys.stdout.write(json.dumps(result.as_json(rings), ensure_ascii=False) + "\n")


def _show_addresses(stage: Stage) -> None:
    err.print(
        f"[bold]叫应演示 The demo is running[/bold]\n"
        f"  打开 open                  {stage.system.base_url}/demo\n"
        f"  一张图 board               {stage.system.base_url}/board\n"
        f"  练习电话 practice phones   {stage.phones.base_url}/phones\n"
        f"  接口文档 API               {stage.system.base_url}/docs\n"
        f"  用户 users                 {', '.join(stage.system.pack.users)} · demo-…\n"
        f"  Ctrl+C 结束 to end",
        soft_wrap=True,
    )
