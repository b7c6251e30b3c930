"""What became of an act, in words and as a status."""

from dataclasses import dataclass

import structlog

from schemas.act import ActBody
from schemas.cap import Status
from schemas.decision import ActRefusal
from services.console.ports import Acts, NotAnsweredError, NotDurableError
from services.district.domain.pack import User

REFUSALS = {
    ActRefusal.NO_MANDATE: "您没有这项授权。 You have no mandate for this.",
    ActRefusal.UNKNOWN_ORDER: "没有这道命令。 There is no such order.",
    ActRefusal.UNKNOWN_PLACE: "本区没有这个地点。 This district has no such place.",
    ActRefusal.UNKNOWN_READING: "这条读数已不在待核实之列。 This reading waits for nobody.",
    ActRefusal.WRONG_STATE: "它已不是刚才的状态，请看最新情况再定。 It is no longer in that state.",
    ActRefusal.NOT_HIGHER: "不高于现在的级别。 That is not higher than the level now.",
    ActRefusal.NOT_ONE_STEP: "一次只能降一级，且不能低于危险和预警级别。"
    " One step at a time, and not below hazard and warning.",
    ActRefusal.CONSULTATION_MISSING: "Ⅱ级、Ⅰ级要先会商才能降。 II and I need a consultation first.",
    ActRefusal.EVACUATION_OPEN: "还有撤离在执行，不能降级。 An evacuation is still open.",
}
_NOT_ANSWERED = (
    "已记录，尚未得到答复；请勿重复提交。 Kept, and not answered yet; do not send it again."
)
_NOT_DURABLE = (
    "没有存下来，什么也没有做，请再试。 It could not be kept; nothing was done. Try again."
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """201 done, 202 not answered yet, 403 without mandate, 409 refused, 503 not kept."""

    status_code: int
    text: str = ""
    act_id: str = ""
    order_id: str | None = None
    reason: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it has been done."""
        return self.status_code == _DONE


_DONE, _LATER, _FORBIDDEN, _CONFLICT, _UNAVAILABLE = 201, 202, 403, 409, 503


async def perform(
    acts: Acts, user: User, body: ActBody, status: Status, key: str | None = None
) -> Outcome:
    """Do the act and return what became of it."""
    try:
        answer = await acts.do(user, body, status, key)
    except NotAnsweredError as error:
        log.warning("act_not_answered", user=user.user_id, act=body.type, act_id=error.act_id)
        return Outcome(_LATER, _NOT_ANSWERED, error.act_id)
    except NotDurableError:
        log.warning("act_not_kept", user=user.user_id, act=body.type)
        return Outcome(_UNAVAILABLE, _NOT_DURABLE, reason="not_durable")
    if answer.done or answer.refusal is None:
        log.info("act_done", user=user.user_id, act=body.type, act_id=answer.act_id)
        return Outcome(_DONE, act_id=answer.act_id, order_id=answer.order_id)
    refusal = answer.refusal
    log.warning("act_refused", user=user.user_id, act=body.type, reason=refusal.value)
    code = _FORBIDDEN if refusal is ActRefusal.NO_MANDATE else _CONFLICT
    return Outcome(code, REFUSALS[refusal], answer.act_id, answer.order_id, refusal.value)
