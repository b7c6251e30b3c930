"""The ledger's records in words."""

from collections.abc import Mapping

from pydantic import JsonValue

from schemas.dispatch import Fact, LedgerRecord
from services.console.domain.names import (
    ASKS,
    CHANNELS,
    DECISIONS,
    ENDS,
    FAULTS,
    NO_EFFECT,
    OUTCOMES,
    RESORTS,
    RUNGS,
    STRENGTHS,
    TASK_ENDS,
    Names,
)
from services.console.domain.views.ledger import LedgerRow

LABELS = {
    Fact.DECISION_READ: "读到决定",
    Fact.INPUT_TAKEN: "收到",
    Fact.CALLOUT_OPENED: "叫应开始",
    Fact.CALLOUT_JOINED: "并入叫应",
    Fact.CALLOUT_HELD: "叫应暂缓",
    Fact.CALLOUT_RELEASED: "叫应放行",
    Fact.CALLOUT_ENDED: "叫应结束",
    Fact.CHAIN_OPENED: "问到岗位",
    Fact.CHAIN_ESCALATED: "升级",
    Fact.CHAIN_ENDED: "问答结束",
    Fact.ROSTER_FAULT: "值班表缺口",
    Fact.ATTEMPT_INTENDED: "准备呼叫",
    Fact.ATTEMPT_JOINED: "并入来电",
    Fact.ATTEMPT_ACCEPTED: "运营商受理",
    Fact.ATTEMPT_UNKNOWN: "结果不明",
    Fact.ATTEMPT_CHANGED: "呼叫进展",
    Fact.ATTEMPT_ENDED: "呼叫结束",
    Fact.ATTEMPT_WITHDRAWN: "呼叫撤回",
    Fact.KEY_PRESSED: "按键",
    Fact.CARRIER_TROUBLE: "运营商故障",
    Fact.ACCOUNT_DOWN: "线路账号停用",
    Fact.ACCOUNT_UP: "线路账号恢复",
    Fact.CALLOUT_PLANNED: "首轮呼叫测算",
    Fact.CALL_HELD_BACK: "呼叫暂缓",
    Fact.SMS_RECEIVED: "收到短信",
    Fact.CALLED_BACK: "回拨",
    Fact.ACKNOWLEDGED: "确认",
    Fact.NOT_WOKEN_LISTED: "列入未叫醒",
    Fact.CONFIRMED_IN_PART: "部分确认",
    Fact.MEASURES_REPORTED: "措施反馈",
    Fact.VOUCHED_LATE: "事后登记",
    Fact.ACT_WITHOUT_EFFECT: "操作未起作用",
    Fact.TASK_OPENED: "派人",
    Fact.TASK_ENDED: "派人的结果",
    Fact.CHANNEL_REPORTED: "通信报告",
    Fact.POST_HANDED_OVER: "交接班",
    Fact.CHAIN_NEGLECTED: "自查发现停滞",
    Fact.CARRIER_SILENT: "运营商无回报",
}
_PROGRESS = {"accepted": "已受理", "ringing": "响铃", "answered": "接听", "ended": "结束"}
_HEARD = {
    "answered": "接起",
    "confirm": "按 1 确认",
    "deputy": "按 2 转副手",
    "repeat": "按 3 重听",
    "other_key": "按了别的键",
    "nothing": "没有按键",
    "code_right": "确认码正确",
    "code_wrong": "确认码不对",
}
_ANSWERED = {"confirm": "回复收到", "code_right": "回复确认码", "other": "回复了别的话"}

INPUTS = {
    "DecisionRead": "决定",
    "RequestAnswered": "运营商受理了请求",
    "RequestRefused": "运营商拒绝了请求",
    "RequestLost": "运营商没有回答",
    "AttemptSeen": "运营商的回报",
    "NotFound": "运营商查无此呼叫",
    "CallHeard": "通话中",
    "SmsReceived": "短信",
    "CalledBack": "有人回拨",
    "WokenUp": "到点",
    "Audited": "自查",
}
"""What came, by the kind of input that the dispatcher records."""


def fact_text(names: Names, record: LedgerRecord) -> str:
    """Return what *record* says, with names in place of ids."""
    detail = {key: str(value) for key, value in record.detail.items() if value is not None}
    post, person = names.post(record.post), names.person(record.person)
    who = post or person or names.person_of(record.contact)
    if "strength" in detail:
        return _confirmation(names, detail, who, person)
    if (told := _in_the_field(names, record, detail, who)) is not None:
        return told
    if record.fact is Fact.CALLOUT_OPENED:
        place, why = names.place(detail.get("place", "")), detail.get("why", "")
        return why if why.startswith(place) else f"{place} {why}".strip()
    if record.fact is Fact.ROSTER_FAULT:
        return f"{who} {FAULTS.get(detail.get('reason', ''), detail.get('reason', ''))}"
    if record.fact is Fact.CALLOUT_PLANNED and "last_first_s" in detail:
        return f"{detail.get('calls', '')} 人，{float(detail['last_first_s']):.0f} 秒内全部拨出"
    said = [
        _input(record.fact, detail),
        ASKS.get(detail.get("ask", ""), ""),
        ENDS.get(detail.get("end", ""), ""),
        RUNGS.get(detail.get("to", detail.get("rung", "")), ""),
        names.station(record.contact) if detail.get("channel") == "loudspeaker" else "",
        CHANNELS.get(detail.get("channel", ""), ""),
        OUTCOMES.get(detail.get("outcome", ""), ""),
        _PROGRESS.get(detail.get("progress", ""), ""),
        _HEARD.get(detail.get("heard", ""), ""),
        detail.get("code", "") and f"代码 {detail['code']}",
        _ANSWERED.get(detail.get("answer", ""), ""),
        _decision(record.fact, detail),
    ]
    return " ".join(part for part in (who, *said) if part)


def _input(fact: Fact, detail: Mapping[str, str]) -> str:
    if fact is not Fact.INPUT_TAKEN:
        return ""
    kind = detail.get("input", "")
    return "系统启动" if detail.get("restarted") == "True" else INPUTS.get(kind, kind)


def _decision(fact: Fact, detail: Mapping[str, str]) -> str:
    kind = detail.get("kind", "")
    return DECISIONS.get(kind, kind) if fact is Fact.DECISION_READ else ""


def _confirmation(names: Names, detail: dict[str, str], who: str, person: str) -> str:
    how = STRENGTHS.get(detail["strength"], detail["strength"])
    if "user" in detail:
        how += f"，{CHANNELS.get(detail.get('channel', ''), '')}，{names.user(detail['user'])}记"
    if person and detail.get("rung") not in {"holder", None}:
        how += f"，{person}代"
    of = f" {detail['confirmed']}/{detail['need']}" if "need" in detail else ""
    note = f"：{detail['note']}" if detail.get("note") else ""
    return f"{who}{of}（{how}）{note}"


def _in_the_field(
    names: Names, record: LedgerRecord, detail: dict[str, str], who: str
) -> str | None:
    """Return the words for what happens past the phone, None for the rest."""
    by = f"，{names.user(detail['user'])}记" if detail.get("user") else ""
    note = f"：{detail['note']}" if detail.get("note") else ""
    said: str | None = None
    match record.fact:
        case Fact.TASK_OPENED:
            runner = names.person(record.person) or FAULTS["no_runner"]
            said = f"{who} {RESORTS.get(detail.get('task', ''), '')}：{runner}"
        case Fact.TASK_ENDED:
            end = TASK_ENDS.get(detail.get("end", ""), "")
            said = f"{who} {RESORTS.get(detail.get('task', ''), '')} {end}{by}{note}"
        case Fact.CHANNEL_REPORTED:
            how = "恢复" if record.detail.get("works") else "中断"
            what = "、".join(
                CHANNELS.get(one, one) for one in _texts(record.detail.get("channels"))
            )
            why = f"：{detail['why']}" if detail.get("why") else ""
            said = f"{names.place(detail.get('place', ''))} {what}{how}{by}{why}"
        case Fact.MEASURES_REPORTED:
            said = f"{who} {'措施已落实' if record.detail.get('done') else '尚未落实，需要支援'}"
        case Fact.POST_HANDED_OVER:
            given, taken = (
                "、".join(names.person(one) for one in _texts(record.detail.get(key)))
                for key in ("from", "to")
            )
            said = f"{who} {given or '无人'} → {taken or '无人'}"
        case Fact.VOUCHED_LATE:
            said = f"{who} {CHANNELS.get(detail.get('channel', ''), '')}{by}{note}"
        case Fact.ACT_WITHOUT_EFFECT:
            said = (
                f"{names.user(detail.get('user'))}：{NO_EFFECT.get(detail.get('reason', ''), '')}"
            )
    return said


def _texts(value: JsonValue | None) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def ledger_row(names: Names, record: LedgerRecord) -> LedgerRow:
    """Return *record* for the ledger's page."""
    return LedgerRow(
        seq=record.seq,
        at=record.at,
        status=record.status,
        fact=record.fact.value,
        label=LABELS[record.fact],
        text=fact_text(names, record),
        callout_id=record.callout_id,
        chain_id=record.chain_id,
        attempt_id=record.attempt_id,
        post_name=names.post(record.post),
        person_name=names.person(record.person),
        hash=record.hash,
    )
