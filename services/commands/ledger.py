"""`jiaoying ledger …`: proving afterwards what was done, on any machine that has the files."""

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.dispatcher.adapters.anchor_key import PUBLIC, PublicKeyError, read_public_keys
from services.dispatcher.domain.record.anchor import AnchorFault, key_id
from services.dispatcher.domain.record.proving import Finding, Flaw
from services.dispatcher.entrypoints.reliving import Parting
from services.district.domain.pack import Pack
from services.district.faults import PackError
from services.district.load import load_pack
from services.proof import LedgerReport, NoPublicKeyError, prove_at, witnesses
from services.runtime.bus import BusError

ledger_app = typer.Typer(no_args_is_help=True, help="The record of who was called and answered.")

_err = Console(stderr=True)

_FLAWS = {
    Flaw.UNREADABLE: "读不出 unreadable",
    Flaw.NOT_CANONICAL: "写法被动过 not as it was written",
    Flaw.OTHER_DISTRICT: "属于别的区县 of another district",
    Flaw.GAP: "号码接不上：缺了、多了、重复或换了位置 missing, added, doubled or moved",
    Flaw.BROKEN_LINK: "与前一条接不上 does not follow from the one before",
    Flaw.CHANGED: "内容被改动 changed",
    Flaw.TIME_BACK: "时间倒退 goes back in time",
    Flaw.REWRITTEN: "与锚不符，被重写 rewritten: an anchor knows another hash",
    Flaw.BACKDATED: "时间早于不知道它的锚，是事后补的 backdated: older than an anchor without it",
    Flaw.CUT: "结尾被截去 cut off: an anchor knows them",
}
_ANCHOR_FAULTS = {
    AnchorFault.UNREADABLE: "读不出 unreadable",
    AnchorFault.FORGED: "签名不对 forged",
    AnchorFault.UNKNOWN_KEY: "不是这把公钥签的 signed by another key",
    AnchorFault.OTHER_DISTRICT: "属于别的区县 of another district",
    AnchorFault.OUT_OF_ORDER: "先后颠倒 out of order",
}
_PARTINGS = {
    Parting.RECORD_DIFFERS: "重演的结果不同 comes out differently",
    Parting.RECORD_MISSING: "重演有、台账没有 comes out, and is not recorded",
    Parting.RECORD_UNEXPLAINED: "没有输入能引出它 follows from no recorded input",
    Parting.INPUT_UNREADABLE: "输入读不出 the input is unreadable",
    Parting.INPUT_FAILED: "重演出错 fails when taken again",
    Parting.PACK_MISSING: "缺当时的区县包，请用 --pack 再给 give the pack of that time too",
    Parting.ROW_DIFFERS: "存的状态不同 is stored differently",
    Parting.ROW_MISSING: "状态没有存 is not stored",
    Parting.ROW_UNEXPLAINED: "存的状态没有来历 is stored, and nothing led to it",
}

PathArgument = Annotated[
    Path,
    typer.Argument(help="A system's data folder, also while it runs, or its ledger as NDJSON."),
]
AnchorsOption = Annotated[
    Path | None, typer.Option("--anchors", help="The anchors as another place has kept them.")
]
KeyOption = Annotated[
    Path | None, typer.Option("--public-key", help="The public key, from outside this machine.")
]
PacksOption = Annotated[
    list[Path] | None,
    typer.Option("--pack", help="A district pack that was in force; may be given several times."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One line of JSON on standard output.")]


@ledger_app.command("verify")
def ledger_verify(
    path: PathArgument,
    *,
    anchors: AnchorsOption = None,
    public_key: KeyOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Live through it again as well; needs --pack.")
    ] = False,
    pack: PacksOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Verify chain and anchors: what was changed, removed, added, swapped, rewritten or cut is located.

    Exit code 0: it holds; 1: it does not; 2: it could not be looked at.
    """
    packs = _packs(pack or []) if rebuild or pack else None
    _tell(_reports(path, anchors, public_key, packs), as_json=as_json)


@ledger_app.command("rebuild")
def ledger_rebuild(
    path: PathArgument, pack: PacksOption = None, *, as_json: JsonOption = False
) -> None:
    """
    Live through the recorded inputs again, without any carrier: the same records, byte for byte,
    and in a data folder the same state of every chain. Verifies as well; exit codes as for verify.
    """
    _tell(_reports(path, None, None, _packs(pack or [])), as_json=as_json)


@ledger_app.command("key")
def ledger_key(
    data: Annotated[Path, typer.Argument(help="A system's data folder.")],
) -> None:
    """Print the public key that verifies this system's anchors: keep it outside this machine."""
    try:
        keys = read_public_keys(data / PUBLIC)
    except FileNotFoundError:
        _fail(
            f"{data / PUBLIC}: 还没有密钥，首次启动时生成 no key yet: it is made at the first start"
        )
    except PublicKeyError as error:
        _fail(str(error))
    sys.stdout.write((data / PUBLIC).read_text(encoding="ascii"))
    _err.print(f"公钥编号 key {', '.join(key_id(key) for key in keys)}")


def _reports(
    path: Path, anchors: Path | None, public_key: Path | None, packs: list[Pack] | None
) -> list[LedgerReport]:
    columns = (TextColumn("核对 verifying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        held = witnesses(path, anchors, public_key)
        silent = not _err.is_terminal
        with Progress(*columns, console=_err, transient=True, disable=silent) as progress:
            task = progress.add_task("records", total=None)

            def advance(done: int, whole: int) -> None:
                progress.update(task, completed=done, total=whole)

            reports = list(prove_at(path, held, packs, advance))
    except (NoPublicKeyError, PublicKeyError, OSError, BusError) as error:
        _fail(str(error))
    if not reports:
        _fail(f"{path}: 没有台账 no ledger there")
    return reports


def _tell(reports: list[LedgerReport], *, as_json: bool) -> NoReturn:
    if as_json:
        told = {"ledgers": [report.as_json() for report in reports]}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        for report in reports:
            for line in _lines(report):
                _err.print(line, markup=False, soft_wrap=True, highlight=False)
    raise typer.Exit(0 if all(report.flaw == "ok" for report in reports) else 1)


def _lines(report: LedgerReport) -> list[str]:
    holds = report.flaw == "ok"
    verdict = "台账完好 the ledger holds" if holds else "台账有问题 the ledger does not hold"
    lines = [f"{report.district} {verdict}: {report.proof.records} 条记录 records"]
    lines += [f"  {_place(one)}: {_FLAWS[one.flaw]}" for one in report.proof.findings]
    lines += [
        f"  锚文件第 {one.line} 行 anchors, line {one.line}: {_ANCHOR_FAULTS[one.fault]}"
        for one in report.bad_anchors
    ]
    lines.append(f"  {_anchored(report)}")
    if report.anchors and not report.witnesses.key_is_from_outside:
        lines.append(
            "  公钥取自同一目录：能改台账的人也能换它，请用 --public-key 给出另存的公钥 "
            "the key lay beside the ledger: bring one that was kept elsewhere"
        )
    if report.rebuilding is not None:
        lines += _rebuilt(report)
    return lines


def _place(one: Finding) -> str:
    if one.until is not None and one.until != one.seq:
        return f"第 {one.seq}–{one.until} 条 records {one.seq} to {one.until}"
    return f"第 {one.seq} 条 record {one.seq}"


def _anchored(report: LedgerReport) -> str:
    if not report.anchors:
        return "没有锚：结尾被截去是看不出来的 no anchors: a cut at the end would not be seen"
    last = report.anchors[-1]
    behind = max(0, report.proof.records - report.proof.anchored)
    return (
        f"{len(report.anchors)} 个锚 anchors, 核到第 {report.proof.anchored} 条 up to record "
        f"{report.proof.anchored}, {last.at:%Y-%m-%d %H:%M:%S} UTC; "
        f"其后 {behind} 条尚无锚 {behind} behind it"
    )


def _rebuilt(report: LedgerReport) -> list[str]:
    rebuilding = report.rebuilding
    if rebuilding is None:
        return []
    if report.proof.findings:
        return ["  台账有问题，没有重演到底 not rebuilt behind the flaw"]
    if not rebuilding.differences:
        return [f"  重演 {rebuilding.inputs} 个输入，结果相同 inputs taken again, all the same"]
    return [
        f"  {'' if one.seq is None else f'第 {one.seq} 条 record {one.seq} '}{one.what}: "
        f"{_PARTINGS[one.parting]}"
        for one in rebuilding.differences
    ]


def _packs(folders: list[Path]) -> list[Pack]:
    if not folders:
        _fail("重演需要区县包 rebuilding needs the district pack: --pack")
    try:
        return [load_pack(folder) for folder in folders]
    except PackError as error:
        for fault in error.faults:
            _err.print(f"{fault.file}:{fault.line}: {fault.reason}", markup=False, soft_wrap=True)
        _fail(f"{len(error.faults)} faults; the pack is refused")


def _fail(message: str) -> NoReturn:
    _err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(2)
