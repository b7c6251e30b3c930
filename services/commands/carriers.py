"""
The accounts at carriers, the stations' secrets and the places for anchors that a command was given,
or refuses to be without; and the options for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from services.commands.saying import err, fail
from services.commands.secret_files import environment
from services.dispatcher.adapters.accounts_file import AccountsFileError, load_accounts
from services.dispatcher.adapters.station_secrets import (
    StationSecretsError,
    load_station_secrets,
)
from services.dispatcher.adapters.twilio.account import REAL_API
from services.dispatcher.main import AnchorSettings
from services.district.domain.pack import Pack
from services.system.settings import CarrierSettings

TOKEN = "JIAOYING_CARRIER_TOKEN"  # noqa: S105 - the name of a variable, not a secret
ANCHOR_TOKEN = "JIAOYING_ANCHOR_TOKEN"  # noqa: S105 - as above

ApiOption = Annotated[str, typer.Option("--carrier-url", help="The carrier's API.")]
AccountOption = Annotated[str, typer.Option("--carrier-account", help="Our account there.")]
FromOption = Annotated[str, typer.Option("--carrier-from", help="The number that rings people.")]
AccountsOption = Annotated[
    Path | None, typer.Option("--accounts", help="A file with the credentials of several accounts.")
]
AnchorUrlOption = Annotated[
    str, typer.Option("--anchor-url", help="A second host that each anchor is posted to.")
]
StationSecretsOption = Annotated[
    Path | None,
    typer.Option(
        "--station-secrets", help="A file with the secret of each loudspeaker and screen."
    ),
]
WebhooksOption = Annotated[
    bool,
    typer.Option(
        "--webhooks/--no-webhooks",
        help="The carrier reaches us; without, it is asked, and people answer by SMS.",
    ),
]
FallbackOption = Annotated[
    str,
    typer.Option("--fallback-url", help="On another host: what a call says when we do not answer."),
]
MachineOption = Annotated[
    bool,
    typer.Option(
        "--machine-detection",
        help="Have the carrier guess whether a machine answered: a hint only.",
    ),
]


def token_or_refuse() -> str:
    """Return the carrier's token, or end the command."""
    token = environment().get(TOKEN, "")
    if not token:
        fail(f"no token: give it in the environment variable {TOKEN}, or its file in {TOKEN}_FILE")
    return token


def carriers_or_refuse(  # noqa: PLR0913 - each is an option
    packs: Sequence[Pack],
    *,
    api_url: str,
    account: str,
    from_number: str,
    accounts: Path | None,
    public_url: str,
    webhooks: bool,
    fallback_url: str,
    machine_detection: bool,
) -> tuple[CarrierSettings, ...]:
    """Return the accounts that the options and the environment describe, or end the command."""
    found = (
        _one_account(account, from_number, api_url, public_url)
        if accounts is None
        else _several_accounts(accounts, public_url)
    )
    if any(pack.demo for pack in packs) and any(one.api_url == REAL_API for one in found):
        fail("the demo pack rings nobody real: give a practice network as --carrier-url")
    return tuple(
        replace(
            one, webhooks=webhooks, fallback_url=fallback_url, machine_detection=machine_detection
        )
        for one in found
    )


def anchors_or_refuse(file: Path | None, url: str) -> AnchorSettings:
    """Return where anchors go, or end the command where the file's folder is not there."""
    if file is not None and not file.parent.is_dir():
        fail(f"--anchors: {file.parent} is not there; is the disk or the share mounted?")
    return AnchorSettings(file, url or None, environment().get(ANCHOR_TOKEN, ""))


def _one_account(
    sid: str, from_number: str, url: str, public_url: str
) -> tuple[CarrierSettings, ...]:
    token = environment().get(TOKEN, "")
    if not (sid and from_number and token):
        fail(
            "no carrier: give --carrier-account and --carrier-from, and its token in the "
            f"environment variable {TOKEN}, or its file in {TOKEN}_FILE; or --accounts"
        )
    return (CarrierSettings(sid, token, from_number, url, public_url or None),)


def _several_accounts(file: Path, public_url: str) -> tuple[CarrierSettings, ...]:
    try:
        found = load_accounts(file, environment(), TOKEN)
    except (AccountsFileError, OSError) as error:
        fail(str(error))
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


def station_secrets_of(pack: Pack, file: Path | None) -> Mapping[str, bytes]:
    """Return the secrets of *file*; a station without one is told, and stays silent."""
    try:
        secrets = load_station_secrets(file) if file is not None else {}
    except (StationSecretsError, OSError) as error:
        fail(str(error))
    missing = [one.station_id for one in pack.stations if one.station_id not in secrets]
    if missing:
        # People are rung all the same: a loudspeaker that stays silent must not keep phones from it.
        err.print(
            f"no secret for the stations {', '.join(missing)}: they stay silent; "
            "give --station-secrets",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
    return secrets
