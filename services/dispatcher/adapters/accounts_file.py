"""
The credentials of our accounts at the carriers: a file that only its owner can read.

    accounts:
      - {name: main, sid: AC…, token: …, from: "+86…"}
      - {name: spare, sid: AC…, from: "+86…", url: "https://api.other.example"}

A token that does not stand there comes from the environment, under the account's name. A district
pack names accounts and what they may do; it never holds a credential.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.dispatcher.adapters.twilio.account import REAL_API

_OTHERS = 0o077
_NOT_IN_A_NAME = re.compile(r"[^A-Z0-9]")


class AccountsFileError(Exception):
    """The file cannot be used; the text says why, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are in one account; *url* is the carrier's API."""

    name: str
    sid: str
    token: str = field(repr=False)
    from_number: str = field(repr=False)
    url: str = REAL_API
    alternate_token: str = field(default="", repr=False)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str
    sid: str
    token: str = ""
    from_number: str = Field(alias="from")
    url: str = REAL_API
    alternate_token: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    accounts: tuple[_Entry, ...] = Field(min_length=1)


def token_variable(prefix: str, name: str) -> str:
    """Return the environment variable that may hold the token of the account *name*."""
    return f"{prefix}_{_NOT_IN_A_NAME.sub('_', name.upper())}"


def load_accounts(
    path: Path, environment: Mapping[str, str], prefix: str
) -> tuple[Credentials, ...]:
    """
    Return the credentials in the file at *path*.

    Raises AccountsFileError when others could have read it, or something is missing or twice there.
    """
    if path.stat().st_mode & _OTHERS:
        raise AccountsFileError(f"{path.name} can be read by others: chmod 600")
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError:
        raise AccountsFileError(f"{path.name} is not YAML") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise AccountsFileError(f"{path.name}: {where}: {first['msg']}") from None
    found = {entry.name: _credentials(entry, environment, prefix) for entry in file.accounts}
    if len(found) < len(file.accounts):
        raise AccountsFileError(f"{path.name}: an account stands there twice")
    return tuple(found.values())


def _credentials(entry: _Entry, environment: Mapping[str, str], prefix: str) -> Credentials:
    variable = token_variable(prefix, entry.name)
    token = entry.token or environment.get(variable, "")
    if not token:
        raise AccountsFileError(f"the account {entry.name!r} has no token, nor has {variable}")
    return Credentials(
        entry.name, entry.sid, token, entry.from_number, entry.url, entry.alternate_token
    )
