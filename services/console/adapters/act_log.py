"""What a person did, appended to `events.v1`; the answer comes from the correlator alone."""

import asyncio
import json

from schemas.act import ActBody
from schemas.cap import Status
from schemas.decision import ActAnswered
from schemas.event import Act
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.console.pipeline import ConsolePipeline
from services.console.ports import NotAnsweredError, NotDurableError
from services.district.domain.pack import User
from services.runtime.bus import Bus, BusUnavailableError, Outgoing
from services.runtime.clock import Clock
from services.runtime.ids import IdFactory
from services.runtime.traces import Span, Step, Told, Traces

ANSWER_WITHIN_S = 2.0
"""Design.md section 2: 202 when no answer came within 2 s, of the caller's time."""


class BusActs:
    """`Acts` over the bus."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        ids: IdFactory,
        district: str,
        pipeline: ConsolePipeline,
        traces: Traces | None = None,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._district = district
        self._pipeline = pipeline
        self._traces = traces

    async def do(
        self, user: User, body: ActBody, status: Status, key: str | None = None
    ) -> ActAnswered:
        """See `ports.Acts`."""
        said = json.dumps(body.model_dump(mode="json"), sort_keys=True)
        act_id = hash_id("act", user.user_id, key or self._ids.new("key"), status.value, said)
        waiting = self._pipeline.expect(act_id)
        try:
            if not waiting.done():
                await self._append(act_id, user, body, status)
            return await asyncio.wait_for(asyncio.shield(waiting), ANSWER_WITHIN_S)
        except TimeoutError:
            raise NotAnsweredError(act_id) from None
        finally:
            self._pipeline.forget(act_id)

    async def _append(self, act_id: str, user: User, body: ActBody, status: Status) -> None:
        act = Act(
            district=self._district,
            event_id=act_id,
            accepted_at=self._clock.now(),
            status=status,
            user=user.user_id,
            role=user.role,
            mandate=user.mandate,
            body=body,
        )
        record = Outgoing(Topic.EVENTS, self._district, encode(act))
        try:
            # Whoever hangs up has done it all the same, or has not: never half of it.
            await asyncio.shield(self._bus.publish([record]))
        except BusUnavailableError as error:
            raise NotDurableError("the act could not be kept") from error
        if self._traces is not None:
            told = {"event_id": act_id, "kind": "Act", "act": body.type, "status": status.value}
            accepted, ended = Told(Step.ACCEPT, act_id), self._clock.now()
            self._traces.see(Span(accepted, act_id, act.accepted_at, ended, attributes=told))
