"""
How long the first round of calls takes with these lines, said before anybody is rung.

A call occupies a line for as long as it is expected to last; starts keep to each account's rate and
go to the first account that permits one. Whoever was queued before comes first. The dispatcher
records the plan, and the order form shows it before an order is sent.
"""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from services.district.domain.policy import CarrierAccount, ExpectedCall

_NOTHING = timedelta(0)
_GOLDEN = 0.6180339887498949
_LENGTHS = 100
_MOST_COUNTED = 5000
"""Beyond so many calls their mean pace says as much as counting each of them, and at once."""
_LAST_LATIN = "\u024f"
_LATIN_WEIGHT = 0.3  # about 15 letters a second beside 4.5 characters
_MARK_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Capacity:
    """
    An account, and after how long each of its lines that is in use now is expected to be free; which
    makes no difference where more are free than calls are planned.
    """

    account: CarrierAccount
    busy: tuple[timedelta, ...] = ()


@dataclass(frozen=True, slots=True)
class CallLengths:
    """How long calls occupy a line: so many lengths, each as likely as the others."""

    each: tuple[timedelta, ...]

    @property
    def mean(self) -> timedelta:
        """The mean length."""
        return sum(self.each, _NOTHING) / len(self.each)

    @property
    def long(self) -> timedelta:
        """A length that one call in five exceeds: about that long the longest of the last few takes."""
        return sorted(self.each)[len(self.each) * 4 // 5]

    def of(self, nth: int) -> timedelta:
        """
        Return a length for the call *nth*.

        Were all of one length, lines that were taken together would be free together, which does
        not happen. Steps of the golden ratio mix them evenly, however few calls there are.
        """
        return self.each[int(nth * _GOLDEN % 1 * len(self.each))]


@dataclass(frozen=True, slots=True)
class FirstRoundPlan:
    """
    The first calls of a callout, from now: when the first and the last of them start, and when all
    are over. *lasts* is how long one is expected to last on average.
    """

    calls: int
    ahead: int
    lasts: timedelta
    first_in: timedelta
    last_in: timedelta
    over_in: timedelta


def plan(
    positions: Sequence[int], capacities: Sequence[Capacity], lengths: CallLengths
) -> FirstRoundPlan:
    """
    Return the plan for the calls that have *positions* in the queue, counted from 0 and in order.

    What stands before and between them is called first, or in between.
    """
    if not positions:
        return FirstRoundPlan(0, 0, lengths.mean, _NOTHING, _NOTHING, _NOTHING)
    first, last = positions[0], positions[-1]
    if last < _MOST_COUNTED:
        starts = starts_of(last + 1, capacities, lengths)
        first_in, last_in = starts[first], starts[last]
    else:
        pace = pace_of(capacities, lengths)
        first_in, last_in = first * pace, last * pace
    return FirstRoundPlan(
        calls=len(positions),
        ahead=last + 1 - len(positions),
        lasts=lengths.mean,
        first_in=first_in,
        last_in=last_in,
        over_in=last_in + lengths.long,
    )


def pace_of(capacities: Sequence[Capacity], lengths: CallLengths) -> timedelta:
    """Return the time between starts in the long run: each account's rate or its lines decide."""
    mean_s = lengths.mean.total_seconds()
    per_s = sum(min(one.account.starts_per_s, one.account.lines / mean_s) for one in capacities)
    return timedelta(seconds=1 / per_s)


def starts_of(
    calls: int, capacities: Sequence[Capacity], lengths: CallLengths
) -> tuple[timedelta, ...]:
    """Return after how long each of *calls* starts, in the order of the queue."""
    accounts = [_Account(capacity, calls) for capacity in capacities]
    found: list[timedelta] = []
    now = _NOTHING
    for nth in range(calls):
        taken = min(accounts, key=lambda one: max(now, one.free_in()))  # the first of several
        now = max(now, taken.free_in())
        taken.start(now, lengths.of(nth))
        found.append(now)
    return tuple(found)


class _Account:
    def __init__(self, capacity: Capacity, calls: int) -> None:
        count = max(1, int(capacity.account.starts_per_s))
        self._window = timedelta(seconds=count / capacity.account.starts_per_s)
        self._starts: deque[timedelta] = deque(maxlen=count)
        lines = min(capacity.account.lines, calls)  # each call comes to one more of them at most
        free = max(0, min(capacity.account.lines - len(capacity.busy), lines))
        self._lines = [_NOTHING] * free
        if free < lines:
            self._lines += sorted(capacity.busy)[: lines - free]

    def free_in(self) -> timedelta:
        if len(self._starts) < (self._starts.maxlen or 0):
            return self._lines[0]
        return max(self._lines[0], self._starts[0] + self._window)

    def start(self, at: timedelta, lasts: timedelta) -> None:
        self._starts.append(at)
        heapq.heapreplace(self._lines, at + lasts)


def call_lengths(
    expected: ExpectedCall, words: str, ring_timeout: timedelta, *, coded: bool
) -> CallLengths:
    """
    Return how long first calls with *words* are expected to last.

    Who answers hears the words, and who confirms takes a little longer, longest where a code is
    asked for; who does not answer lets it ring to the end.
    """
    heard = reading_time(words, expected.characters_per_s)
    return _lengths(expected, heard, expected.code if coded else expected.key, ring_timeout)


@lru_cache(maxsize=256)  # villages differ in their names, and few in how long those take
def _lengths(
    expected: ExpectedCall, heard: timedelta, confirms: timedelta, ring_timeout: timedelta
) -> CallLengths:
    answered, confirmed = expected.answered_pct / 100, expected.confirmed_pct / 100
    each = []
    for nth in range(_LENGTHS):
        share = (nth + 0.5) / _LENGTHS
        rings = expected.rings_from + (expected.rings_to - expected.rings_from) * (
            nth * _GOLDEN % 1
        )
        if share < confirmed:
            each.append(rings + heard + confirms)
        else:
            each.append(rings + heard if share < answered else ring_timeout)
    return CallLengths(tuple(each))


def reading_time(words: str, characters_per_s: float) -> timedelta:
    """Return how long *words* take at *characters_per_s* Chinese characters or digits a second."""
    return timedelta(seconds=sum(map(_weight, words)) / characters_per_s)


def _weight(sign: str) -> float:
    if sign.isspace():
        return 0.0
    if sign.isdigit():
        return 1.0
    if sign.isalpha():
        return _LATIN_WEIGHT if sign <= _LAST_LATIN else 1.0
    return _MARK_WEIGHT
