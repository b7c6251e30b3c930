"""
A person's phone, as he holds it: it rings, he hears, he presses; and his texts.

Each step lives on until what it waits for has happened, and fails when it has not by then.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from services.demo.network import FROM
from services.phones.domain.call import CallStatus
from services.phones.domain.ear import code_in
from services.phones.domain.leg import Leg
from services.phones.domain.record import What
from tests.acceptance.live import Live

_A_MOMENT = timedelta(seconds=5)
_A_MESSAGE = timedelta(minutes=2)


class Phone:
    """The first number of *person*, in the hand of the test."""

    def __init__(self, live: Live, person: str) -> None:
        self._live = live
        self.person = person
        contacts = live.pack.roster.people[person].contacts
        self._number = live.pack.numbers[contacts[0].contact_id]
        self._exchange = live.phones.network.exchange

    @property
    def calls(self) -> list[datetime]:
        """When it rang."""
        return [one.at for one in self._exchange.record.of(self._number, What.RANG)]

    @property
    def texts(self) -> list[str]:
        """What was written to it."""
        return [one.detail for one in self._exchange.record.of(self._number, What.TEXT_RECEIVED)]

    @property
    def heard(self) -> str:
        """Everything that was ever spoken to it."""
        return self._exchange.record.heard(self._number)

    @property
    def is_ringing(self) -> bool:
        """Whether it rings now."""
        leg = self._leg()
        return leg is not None and leg.call.status is CallStatus.RINGING

    def _leg(self) -> Leg | None:
        return self._exchange.live_leg(self._number)

    async def _until(self, happened: Callable[[], bool], limit: datetime, what: str) -> None:
        assert await self._live.until_that(happened, limit), f"{self.person}: {what}"

    async def _do(self, act: Callable[[datetime], bool], what: str) -> None:
        assert self._live.phones.network.input(act), f"{self.person}: {what}"
        await self._live.rest()

    async def rings(self, *, by: str) -> "Phone":
        """Live on until it rings, which must be *by* then."""
        await self._until(lambda: self.is_ringing, self._live.instant(by), f"does not ring by {by}")
        return self

    async def is_left_unanswered(self) -> "Phone":
        """Let it ring until it stops."""
        limit = self._live.clock.now() + timedelta(minutes=1)
        await self._until(lambda: not self.is_ringing, limit, "rings for ever")
        return self

    async def hears(self, *words: str) -> "Phone":
        """Pick up where it still rings, and listen until all of *words* were said in this call."""
        if self.is_ringing:
            hand = self._exchange.handsets
            await self._do(lambda now: hand.answer(self._number, now), "cannot pick up")
        limit = self._live.clock.now() + _A_MESSAGE
        await self._until(
            lambda: all(word in self._heard() for word in words),
            limit,
            f"never hears {words}, but: {self._heard()}",
        )
        return self

    def _heard(self) -> str:
        calls = [one.sid for one in self._exchange.record.of(self._number, What.ANSWERED)]
        heard = self._exchange.record.of(self._number, What.HEARD)
        leg = self._leg()
        saying = leg.saying if leg is not None else ""
        return "".join(one.detail for one in heard if calls and one.sid == calls[-1]) + saying

    async def presses(self, keys: str) -> "Phone":
        """Press *keys*, one after the other."""
        hand = self._exchange.handsets
        for key in keys:
            await self._do(
                lambda now, key=key: hand.press(self._number, key, now),  # type: ignore[misc]
                f"cannot press {key}",
            )
        return self

    async def types_the_code(self) -> "Phone":
        """Listen for the code, and type it."""
        await self.hears("确认码是")
        limit = self._live.clock.now() + _A_MESSAGE
        await self._until(lambda: bool(code_in(self._heard())), limit, "hears no code")
        return await self.presses(code_in(self._heard()))

    async def confirms(self) -> "Phone":
        """Press 1, type the code, and stay until the line is closed."""
        await self.hears("请按1")
        await self.presses("1")
        await self.types_the_code()
        limit = self._live.clock.now() + _A_MESSAGE
        await self._until(lambda: self._leg() is None, limit, "the line stays open")
        return self

    async def rings_back(self) -> "Phone":
        """Ring the number that the system calls from."""
        account = next(iter(self._exchange.accounts))
        hand = self._exchange.handsets
        await self._do(
            lambda now: hand.ring_in(account, self._number, FROM, now), "cannot ring back"
        )
        return self

    async def hangs_up(self) -> "Phone":
        """Hang up, or decline what rings."""
        hand = self._exchange.handsets
        await self._do(lambda now: hand.hang_up(self._number, now), "has nothing to hang up")
        return self

    async def writes(self, body: str) -> "Phone":
        """Answer the last text."""
        hand = self._exchange.handsets
        await self._do(lambda now: hand.write(self._number, body, now), "has no text to answer")
        return self

    async def reads(self, *words: str) -> "Phone":
        """Live on for a moment, until a text with all of *words* is there."""
        limit = self._live.clock.now() + _A_MOMENT
        await self._until(
            lambda: any(all(word in text for word in words) for text in self.texts),
            limit,
            f"never reads {words}, but: {self.texts}",
        )
        return self
