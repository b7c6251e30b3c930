"""What whoever starts a system says about it: where it lies, its door, its accounts at carriers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from services.dispatcher.adapters.twilio.account import REAL_API, TwilioAccount
from services.dispatcher.main import AnchorSettings
from services.dispatcher.ports import Telephony
from services.district.domain.pack import Pack
from services.district.domain.policy import MAIN
from services.runtime.bus import Bus


@dataclass(frozen=True, slots=True)
class CarrierSettings:
    """
    An account at a carrier, under the pack's *name* for it; *public_url* is ours as the carrier
    reaches it (None: direct).

    *webhooks* False: it does not reach us at all. *fallback_url* says something when we do not
    answer, and lies on another host; *machine_detection* is only ever a hint.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    from_number: str = field(repr=False)
    api_url: str = REAL_API
    public_url: str | None = None
    name: str = MAIN
    alternate_token: str = field(default="", repr=False)
    webhooks: bool = True
    fallback_url: str = ""
    machine_detection: bool = False


class AccountsError(Exception):
    """The pack names accounts that nobody has given credentials for."""


@dataclass(frozen=True, slots=True)
class SystemSettings:
    """
    Where a system's pack was read from, where its state lies, where its door is.

    *ticks* False: whoever steps the clock ticks. *heartbeat_url* is told each minute that we live.
    """

    folder: Path
    data: Path
    accounts: Sequence[CarrierSettings]
    host: str = "127.0.0.1"
    port: int = 0
    ticks: bool = True
    anchors: AnchorSettings = field(default_factory=AnchorSettings)
    heartbeat_url: str = ""
    station_secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Around:
    """What a test, a drill or a bench puts around the parts, to see or to hinder what they do."""

    bus: Callable[[Bus], Bus] = lambda bus: bus
    telephony: Callable[[Telephony], Telephony] = lambda telephony: telephony
    app: Callable[[FastAPI], None] = lambda _app: None
    links: tuple[tuple[str, str], ...] = ()
    """Further entries of the pages' navigation: (address, name)."""


def accounts_of(
    pack: Pack, given: Sequence[CarrierSettings], base_url: str
) -> dict[str, TwilioAccount]:
    """
    Return the accounts of *pack* in its order; *base_url* is where a carrier reaches us unless its
    settings say otherwise. Raises AccountsError.
    """
    known = {one.name: one for one in given}
    names = [account.name for account in pack.policies.budget.accounts]
    if missing := [name for name in names if name not in known]:
        raise AccountsError(f"no credentials for the accounts {', '.join(missing)} of the pack")
    return {
        name: TwilioAccount(
            account_sid=known[name].account_sid,
            auth_token=known[name].auth_token,
            from_number=known[name].from_number,
            webhooks_base_url=known[name].public_url or base_url,
            api_base_url=known[name].api_url,
            alternate_token=known[name].alternate_token,
            fallback_url=known[name].fallback_url,
            machine_detection=known[name].machine_detection,
            webhooks=known[name].webhooks,
        )
        for name in names
    }
