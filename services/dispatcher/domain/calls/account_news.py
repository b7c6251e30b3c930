"""
What an account's answers say about the account: it works, it is down for a while, or only this one
request has to go elsewhere. Nobody's try is used up by that.
"""

from datetime import datetime

from schemas.dispatch import Fact
from services.dispatcher.domain.calls.attempt import Attempt
from services.dispatcher.domain.calls.remedy import Remedies, Remedy
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.watch.trouble import tell_trouble
from services.district.domain.templates import TextKey

_ACCOUNTS_FAULT = frozenset({Remedy.STOP_PROVIDER, Remedy.LOWER_STARTS})


def account_took(desk: Desk, attempt: Attempt) -> None:
    """The account took *attempt*: whatever was said against it before is over."""
    before = desk.accounts.standing_of(attempt.account)
    standing = desk.accounts.answered(attempt.account)
    if standing is None:
        return
    desk.put_standing(standing)
    if before is not None and before.outages:
        desk.fact(Fact.ACCOUNT_UP, attempt=attempt, detail={"account": attempt.account})


def account_refused(
    desk: Desk, attempt: Attempt, code: str | None, remedies: Remedies, now: datetime
) -> bool:
    """
    Note what a refusal says about the account of *attempt*.

    True: it was the account and not the number, so that the same is due again at once, from another
    account or from this one when it is up.
    """
    before = desk.accounts.standing_of(attempt.account)
    standing = desk.accounts.refused(
        attempt.account, attempt.attempt_id, attempt.intended_at, remedies, now
    )
    if standing is not None and before is not None:
        desk.put_standing(standing)
        if standing.down_until is not None and standing.outages > before.outages:
            desk.fact(
                Fact.ACCOUNT_DOWN,
                attempt=attempt,
                detail={
                    "account": standing.name,
                    "code": code,
                    "until": standing.down_until.isoformat(),
                    "outages": standing.outages,
                },
            )
            tell_trouble(desk, TextKey.TROUBLE_ACCOUNT, now, names=standing.name, code=code or "")
    if Remedy.OTHER_PROVIDER in remedies:
        desk.accounts.avoid(attempt.account, attempt.contact, now)
        if desk.accounts.has_other(attempt.account, attempt.contact, now):
            return True
    return not _ACCOUNTS_FAULT.isdisjoint(remedies)
