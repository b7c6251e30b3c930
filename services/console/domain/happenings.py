"""
What has just happened, one line each: from decisions, from what people and authorities said, and
from the ledger.
"""

from schemas.act import (
    AckVouched,
    ActBody,
    ChannelReported,
    ConsultationRecorded,
    LevelConfirmed,
    LevelLowered,
    LevelRaised,
    QuarantineReleased,
    TaskReported,
)
from schemas.decision import (
    ActAnswered,
    AnyDecision,
    OrderChanged,
    OrderProposed,
    RaiseApplied,
    ReadingQuarantined,
    ResponseChanged,
    SourceSilent,
)
from schemas.dispatch import Fact, LedgerRecord
from schemas.event import Act, AnyEvent, Tip
from schemas.event import Warning as WarningEvent
from schemas.order import OrderState
from services.console.domain.ledger_view import fact_text
from services.console.domain.names import COLOURS, Names
from services.console.domain.sentences import measured
from services.console.domain.views.board import Happening
from services.console.domain.views.look import Look

TOLD = {
    Fact.CALLOUT_OPENED: ("叫应", Look.RINGING),
    Fact.CALLOUT_ENDED: ("叫应", Look.CANCELLED),
    Fact.CALLOUT_HELD: ("暂缓", Look.UNKNOWN),
    Fact.CALLOUT_RELEASED: ("放行", None),
    Fact.ACKNOWLEDGED: ("确认", Look.ACKNOWLEDGED),
    Fact.NOT_WOKEN_LISTED: ("未叫醒", Look.NOT_WOKEN),
    Fact.CHAIN_ESCALATED: ("升级", Look.ESCALATED),
    Fact.ROSTER_FAULT: ("值班表", Look.UNKNOWN),
    Fact.CALLED_BACK: ("回拨", Look.ANSWERED),
    Fact.CALLOUT_PLANNED: ("首轮测算", Look.CREATED),
    Fact.CARRIER_TROUBLE: ("运营商", Look.UNKNOWN),
    Fact.ACCOUNT_DOWN: ("线路账号停用", Look.UNKNOWN),
    Fact.ACCOUNT_UP: ("线路账号恢复", Look.ANSWERED),
    Fact.CHAIN_NEGLECTED: ("自查", Look.UNKNOWN),
    Fact.CARRIER_SILENT: ("运营商无回报", Look.UNKNOWN),
    Fact.CALL_HELD_BACK: ("呼叫暂缓", Look.ESCALATED),
    Fact.CONFIRMED_IN_PART: ("部分确认", Look.ANSWERED),
    Fact.MEASURES_REPORTED: ("措施", None),
    Fact.VOUCHED_LATE: ("事后代录", None),
    Fact.ACT_WITHOUT_EFFECT: ("没有生效", Look.UNKNOWN),
    Fact.TASK_OPENED: ("派任务", Look.ESCALATED),
    Fact.TASK_ENDED: ("任务", None),
    Fact.CHANNEL_REPORTED: ("通信", Look.CUT_OFF),
    Fact.POST_HANDED_OVER: ("交班", None),
}
"""What of the ledger a duty officer wants to read as it happens; the rest is on its own page."""

_ORDER_STATES = {
    OrderState.PROPOSED: "待确认",
    OrderState.IN_FORCE: "生效",
    OrderState.REFUSED: "不采纳",
    OrderState.LIFTED: "解除",
    OrderState.COMPLETED: "办结",
}


def of_fact(names: Names, record: LedgerRecord) -> Happening | None:
    """Return the line for a ledger record, or None when it is not worth one."""
    if record.fact is Fact.ATTEMPT_INTENDED and record.detail.get("channel") == "loudspeaker":
        where = names.station(record.contact)
        return Happening(record.at, record.seq, "喇叭", Look.ESCALATED, f"{where} 播报")
    if record.fact not in TOLD:
        return None
    label, look = TOLD[record.fact]
    return Happening(record.at, record.seq, label, look, fact_text(names, record))


def of_event(names: Names, event: AnyEvent) -> Happening | None:
    """Return the line for a warning or a tip; acts are told when they are answered."""
    if isinstance(event, WarningEvent):
        info = event.infos[0] if event.infos else None
        level = info.warning_level if info else None
        colour = COLOURS[level] if level else ""
        text = (info.headline or info.event) if info else event.identifier
        return Happening(
            event.accepted_at, None, f"{colour[:1]}警" if colour else "预警", None, text
        )
    if isinstance(event, Tip):
        where = names.place(event.place) if event.place else "地点待定"
        text = f"{event.tip_class.value}类举报 {where}：{event.text}"
        return Happening(event.accepted_at, None, "举报", None, text)
    return None


def of_decision(names: Names, decision: AnyDecision, act: Act | None) -> Happening | None:
    """Return the line for a decision; *act* is the one that an ActAnswered names."""
    text, label, look = "", "", None
    if isinstance(decision, ResponseChanged):
        label, text = "响应", _response(names, decision)
    elif isinstance(decision, OrderProposed | OrderChanged):
        label, text = "命令", _order(names, decision)
    elif isinstance(decision, RaiseApplied):
        label = "提级"
        text = f"{names.place(decision.place)} {names.hazard(decision.hazard)} {decision.raise_rule.value}"
    elif isinstance(decision, SourceSilent):
        label, look = "设备", Look.UNKNOWN if decision.silent else None
        text = f"{decision.sensor_id} {'失联' if decision.silent else '恢复'}"
    elif isinstance(decision, ReadingQuarantined):
        label, look = "存疑", Look.UNKNOWN
        text = f"{decision.sensor_id} {names.metric(decision.metric, decision.value)}，未采用"
    elif isinstance(decision, ActAnswered) and act is not None:
        said = _act(names, act.body, done=decision.done)
        if said:
            done = "" if decision.done else "（未办成）"
            label, text = "决定", f"{names.user(act.user)} {said}{done}"
    return Happening(decision.decided_at, None, label, look, text) if text else None


def _response(names: Names, decision: ResponseChanged) -> str:
    where = f"{names.place(decision.place)} {names.hazard(decision.hazard)}"
    if decision.response_level is None:
        return f"{where} 响应结束"
    if decision.response_level is decision.previous_level:
        return ""  # another reason for the same level: on the response's own page
    said = measured(names, decision.reasons)
    return f"{where} {names.level(decision.response_level)}响应{'：' + said if said else ''}"


def _order(names: Names, decision: OrderProposed | OrderChanged) -> str:
    order = decision.order
    by = order.issued_by
    who = ""
    if by is not None and order.state is not OrderState.PROPOSED:
        who = f"：{names.user(by.user)}" if by.user else "：按预案自动"
    what = f"{names.measure(order.measure)} {names.place(order.place)}"
    return f"O{order.number} {what} {_ORDER_STATES[order.state]}{who}"


def _act(names: Names, body: ActBody, *, done: bool) -> str:
    if isinstance(body, AckVouched | TaskReported | ChannelReported):
        # What was done is told by the ledger, with what came of it.
        return (
            ""
            if done
            else {"ack_vouched": "代录确认", "task_reported": "报任务结果"}.get(
                body.type, "报通信情况"
            )
        )
    if isinstance(body, LevelConfirmed | LevelRaised | LevelLowered):
        verb = {"level_confirmed": "确认级别", "level_raised": "提级", "level_lowered": "降级"}[
            body.type
        ]
        return f"{verb} {names.place(body.place)} {names.hazard(body.hazard)} {names.level(body.level)}"
    if isinstance(body, ConsultationRecorded):
        return f"会商 {names.place(body.place)}：{body.conclusion}"
    if isinstance(body, QuarantineReleased):
        return f"采用读数 {body.sensor_id}"
    return ""  # orders are told by their own decisions
