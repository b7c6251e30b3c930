"""Reasons as sentences that can be read aloud, with what they cite."""

from collections.abc import Iterable
from datetime import timedelta

from schemas.reason import RaiseRule, Reason, ReasonCode
from services.console.domain.names import COLOURS, RAISES, Names, in_units
from services.console.domain.views.responses import ReasonView

_FIXED = {
    ReasonCode.TIPS: "群众举报互相印证",
    ReasonCode.SILENCE: "监测设备失联",
    ReasonCode.ACT: "人工决定",
    ReasonCode.CLEARED: "已低于阈值并保持",
    ReasonCode.HELD: "不自动降级，等人决定",
    ReasonCode.WARNING_STALE: "预警已过有效期，未见更新",
    ReasonCode.WARNING_ENDED: "预警已解除",
    ReasonCode.AUTO_AFTER: "到时无人确认，按预案自动生效",
    ReasonCode.IMPLAUSIBLE: "数值不可信",
    ReasonCode.CLOCK_ERROR: "设备时钟有误",
}
_OPS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
_HOUR = timedelta(hours=1)


def reason_view(names: Names, reason: Reason) -> ReasonView:
    """Return *reason* in words."""
    rule = None
    if reason.rule_id is not None:
        rule = f"{reason.rule_id} 第{reason.rule_version or 1}版"
    return ReasonView(
        text=_text(names, reason),
        rule=rule,
        raise_rule=reason.raise_rule.value if reason.raise_rule else None,
        event_ids=reason.event_ids,
    )


def reason_views(names: Names, reasons: Iterable[Reason]) -> tuple[ReasonView, ...]:
    """Return *reasons* in words, the worst first, the same sentence once."""
    ordered = sorted(reasons, key=lambda reason: -(reason.level or 0))
    views = [reason_view(names, reason) for reason in ordered]
    return tuple({view.text: view for view in views}.values())


def measured(names: Names, reasons: Iterable[Reason]) -> str:
    """Return the worst value that *reasons* cite, with its unit; empty when they cite none."""
    cited = [
        reason for reason in reasons if reason.metric is not None and reason.observed is not None
    ]
    worst = max(cited, key=lambda reason: reason.level or 0, default=None)
    if worst is None or worst.metric is None or worst.observed is None:
        return ""
    return f"{_span(worst.window)}{names.metric(worst.metric, worst.observed)}"


def _text(names: Names, reason: Reason) -> str:
    place = names.place(reason.place)
    if reason.code is ReasonCode.RULE and reason.metric and reason.observed is not None:
        value = names.metric(reason.metric, reason.observed)
        limit = ""
        if reason.threshold is not None:
            limit = f"（阈值 {_OPS.get(reason.op or '', '')} {in_units(reason.threshold)}）"
        return f"{place} {_span(reason.window)}{value}{limit}"
    if reason.code is ReasonCode.WARNING and reason.level:
        return f"{names.hazard(reason.hazard)}{COLOURS[reason.level]}预警"
    if reason.code is ReasonCode.RAISE and reason.raise_rule:
        name = f"{reason.raise_rule.value} {RAISES[reason.raise_rule]}"
        return f"{name}，提 {reason.levels or 0} 级"
    if reason.raise_rule is RaiseRule.UP10:
        return "UP10 人工提级"
    return _FIXED.get(reason.code, f"{place} 规则成立")


def _span(window: timedelta | None) -> str:
    if window is None or not window:
        return ""
    if window < _HOUR:
        return f"{int(window.total_seconds() // 60)}分钟"
    return f"{in_units(int(window.total_seconds() / 3.6))}小时"
