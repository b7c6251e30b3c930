"""The accounts at carriers and the stations' secrets that a command was given, or refuses to be without."""

from collections.abc import Mapping
from pathlib import Path

from services.commands.saying import err, fail
from services.commands.secret_files import environment
from services.dispatcher.adapters.accounts_file import AccountsFileError, load_accounts
from services.dispatcher.adapters.station_secrets import (
    StationSecretsError,
    load_station_secrets,
)
from services.district.domain.pack import Pack
from services.system.settings import CarrierSettings

TOKEN = "JIAOYING_CARRIER_TOKEN"  # noqa: S105 - the name of a variable, not a secret


def token_or_refuse() -> str:
    """Return the carrier's token, or end the command."""
    token = environment().get(TOKEN, "")
    if not token:
        fail(f"no token: give it in the environment variable {TOKEN}, or its file in {TOKEN}_FILE")
    return token


def one_account(
    sid: str, from_number: str, url: str, public_url: str
) -> tuple[CarrierSettings, ...]:
    """Return the one account that the options and the environment describe, or end the command."""
    token = environment().get(TOKEN, "")
    if not (sid and from_number and token):
        fail(
            "no carrier: give --carrier-account and --carrier-from, and its token in the "
            f"environment variable {TOKEN}, or its file in {TOKEN}_FILE; or --accounts"
        )
    return (CarrierSettings(sid, token, from_number, url, public_url or None),)


def several_accounts(file: Path, public_url: str) -> tuple[CarrierSettings, ...]:
    """Return the accounts of *file*, or end the command."""
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
