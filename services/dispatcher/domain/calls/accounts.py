"""
Which of the carrier's accounts the next call or SMS goes to: the first, in the pack's order, that
permits it and is not down.

An account is down for a while after a refusal that says so, longer each time, and its work goes to
the others at once. Then one call tries whether it works again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.dispatcher.domain.calls.budget import StartBudget
from services.dispatcher.domain.calls.remedy import Remedies, Remedy
from services.district.domain.policy import CarrierAccount, CarrierBudget

AVOIDED_FOR = timedelta(minutes=10)
"""How long an account that could not reach a number is passed over for it, where another is up."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How an account stands. *outages* counts those in a row, *refused* the refusals in a row that
    speak of the account without saying that it is down.
    """

    name: str
    down_until: datetime | None = None
    down_since: datetime | None = None
    outages: int = 0
    refused: int = 0


class _Account:
    """One account's budget at this moment; mutable, and owned by the desk."""

    def __init__(self, account: CarrierAccount) -> None:
        self.account = account
        self.standing = Standing(account.name)
        self.voice = StartBudget(account.starts_per_s)
        self.sms = StartBudget(account.sms_per_s)
        self.live: set[str] = set()
        """The calls that occupy its lines; one whose fate is unknown does."""
        self.tried_by: str | None = None
        """The attempt that finds out whether it works again."""

    @property
    def has_line(self) -> bool:
        return len(self.live) < self.account.lines

    @property
    def waits_for_answer(self) -> bool:
        """Whether one attempt is finding out if it works again: the others wait for what it says."""
        return self.standing.outages > 0 and self.tried_by is not None

    def is_up(self, now: datetime) -> bool:
        until = self.standing.down_until
        return not self.waits_for_answer and (until is None or until <= now)

    def free_at(self, starts: StartBudget) -> datetime | None:
        """When the next start is allowed as far as time decides; None: at once."""
        times = (starts.next_at(), self.standing.down_until)
        return max((at for at in times if at is not None), default=None)


class Accounts:
    """All accounts of a district."""

    def __init__(self, budget: CarrierBudget) -> None:
        self._outage = budget.outage
        self._accounts = {one.name: _Account(one) for one in budget.accounts}
        self._avoided: dict[tuple[str, str], datetime] = {}

    def __iter__(self) -> Iterator[Standing]:
        return (one.standing for one in self._accounts.values())

    def standing_of(self, name: str) -> Standing | None:
        """Return how the account *name* stands, or None where the pack no longer has it."""
        one = self._accounts.get(name)
        return one.standing if one is not None else None

    def for_call(self, now: datetime, contact: str | None = None) -> str | None:
        """Return the account that may start a call at *now*; to *contact*, if one is named."""
        permitted = [
            name
            for name, one in self._accounts.items()
            if one.has_line and one.is_up(now) and one.voice.allows(now)
        ]
        return self._preferred(permitted, contact, now)

    def for_sms(self, now: datetime, contact: str | None = None) -> str | None:
        """Return the account that may send an SMS at *now*; to *contact*, if one is named."""
        permitted = [
            name for name, one in self._accounts.items() if one.is_up(now) and one.sms.allows(now)
        ]
        return self._preferred(permitted, contact, now)

    def _preferred(self, permitted: list[str], contact: str | None, now: datetime) -> str | None:
        good = (name for name in permitted if not self._is_avoided(name, contact, now))
        return next(good, permitted[0] if permitted else None)

    def next_call_at(self) -> datetime | None:
        """Return when a call may start that may not now, if time alone decides that."""
        ready = [one for one in self._accounts.values() if one.has_line]
        return _earliest(one.free_at(one.voice) for one in ready if not one.waits_for_answer)

    def next_sms_at(self) -> datetime | None:
        """Return when an SMS may start that may not now, if time alone decides that."""
        ready = self._accounts.values()
        return _earliest(one.free_at(one.sms) for one in ready if not one.waits_for_answer)

    def use(
        self, name: str, attempt_id: str, now: datetime, *, voice: bool, count: int = 1
    ) -> None:
        """Record a start that counts for *count*."""
        one = self._accounts.get(name)
        if one is None:
            return  # of an account that the pack no longer has
        (one.voice if voice else one.sms).use(now, count)
        if one.standing.outages:
            one.tried_by = attempt_id

    def occupy(self, name: str, attempt_id: str, *, is_live: bool) -> None:
        """Record that the call *attempt_id* occupies a line, or does no more."""
        one = self._accounts.get(name)
        if one is not None:
            (one.live.add if is_live else one.live.discard)(attempt_id)

    def adopt(self, standing: Standing) -> None:
        """Take up how an account stood before the process was started."""
        if standing.name in self._accounts:
            self._accounts[standing.name].standing = standing

    def answered(self, name: str) -> Standing | None:
        """The account took a request: return how it stands, if that is new."""
        one = self._accounts.get(name)
        if one is None or not (one.standing.outages or one.standing.refused):
            return None
        one.tried_by = None
        one.standing = Standing(name)
        return one.standing

    def not_known(self, name: str, attempt_id: str) -> None:
        """Nobody knows what became of *attempt_id*: another one may find out how the account stands."""
        one = self._accounts.get(name)
        if one is not None and one.tried_by == attempt_id:
            one.tried_by = None

    def refused(
        self, name: str, attempt_id: str, asked_at: datetime, remedies: Remedies, now: datetime
    ) -> Standing | None:
        """
        The account refused *attempt_id*: return how it stands, if that is new.

        What was asked before it went down says nothing more than that it did.
        """
        one = self._accounts.get(name)
        if one is None:
            return None
        was_trial = one.tried_by == attempt_id
        if was_trial:
            one.tried_by = None
        says_down = Remedy.STOP_PROVIDER in remedies or Remedy.LOWER_STARTS in remedies
        of_account = Remedy.OTHER_PROVIDER in remedies and Remedy.RETRY_LATER in remedies
        if not (says_down or of_account):
            return None  # of this number, or of nothing that another account would do better
        standing = one.standing
        if standing.down_since is not None and asked_at <= standing.down_since:
            return None
        counted = replace(standing, refused=standing.refused + 1)
        if says_down or was_trial or counted.refused >= self._outage.after_refusals:
            pause = min(self._outage.first * 2**standing.outages, self._outage.longest)
            counted = Standing(name, now + pause, now, standing.outages + 1)
        one.standing = counted
        return counted

    def avoid(self, name: str, contact: str, now: datetime) -> None:
        """Pass *name* over for *contact* for a while, where another account is up."""
        self._avoided[name, contact] = now + AVOIDED_FOR

    def has_other(self, name: str, contact: str, now: datetime) -> bool:
        """Whether an account besides *name* is up and is not avoided for *contact*."""
        return any(
            other != name and one.is_up(now) and not self._is_avoided(other, contact, now)
            for other, one in self._accounts.items()
        )

    def is_down(self, name: str, now: datetime) -> bool:
        """Whether *name* takes no request at *now*."""
        one = self._accounts.get(name)
        return one is not None and not one.is_up(now)

    def lines_used(self, name: str) -> int:
        """Return how many lines of *name* are occupied."""
        return len(self._accounts[name].live)

    def calls_of(self, name: str) -> frozenset[str]:
        """Return the attempts that occupy a line of *name*."""
        return frozenset(self._accounts[name].live)

    def _is_avoided(self, name: str, contact: str | None, now: datetime) -> bool:
        until = self._avoided.get((name, contact or ""))
        return until is not None and until > now


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in times if at is not None), default=None)
