"""`jiaoying check` and `password`: for who writes a district pack."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from services.commands.saying import JsonOption, err, print_json
from services.district.check import examine_pack
from services.district.passwords import hash_password


def check(
    pack: Annotated[Path, typer.Argument(help="The pack's folder.")], *, as_json: JsonOption = False
) -> None:
    """Check a district pack: every fault with its file, its line and the reason; and warnings."""
    found = examine_pack(pack)
    faults, warnings = list(found), found.warnings
    if as_json:
        told = {"faults": faults, "warnings": warnings}
        print_json({name: [asdict(one) for one in ones] for name, ones in told.items()})
    else:
        for warning in warnings:
            err.print(f"{warning} (提醒 warning)", markup=False, soft_wrap=True)
        for fault in faults:
            err.print(str(fault), markup=False, soft_wrap=True)
        said = f"{len(faults)} 处错误 faults" if faults else "没有问题 no faults"
        said += f", {len(warnings)} 处提醒 warnings" if warnings else ""
        err.print(f"{pack}: {said}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if faults else 0)


def password() -> None:
    """Ask for a password and print the line for a user in users.yaml; nothing is kept."""
    given = typer.prompt("口令 password", hide_input=True, confirmation_prompt=True, err=True)
    sys.stdout.write(f'password: "{hash_password(given)}"\n')
