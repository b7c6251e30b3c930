"""
The HTML of one phone. Everything that comes from outside goes through `escape`.
"""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from services.phones.domain.phone_view import Doing, PhoneView, masked
from services.phones.domain.record import Happening, What

_ZONE = ZoneInfo("Asia/Shanghai")
_STATES = {
    Doing.IDLE: ("created", "空闲", "idle"),
    Doing.RINGING: ("ringing", "响铃", "ringing"),
    Doing.TALKING: ("answered", "接听中", "talking"),
}
_WORDS = {
    What.RANG: "响铃",
    What.ANSWERED: "接起",
    What.HUNG_UP: "挂断",
    What.RANG_BACK: "回拨",
    What.TEXT_RECEIVED: "收到短信",
    What.TEXT_SENT: "回了短信",
}
_ENDS = {
    "completed": "通话结束",
    "busy": "占线",
    "failed": "不通",
    "no-answer": "无人接",
    "canceled": "对方取消",
}
_KEYS = "123456789*0#"
HABITS = {
    "": "平时那样 As usual",
    "manual": "我来接 By hand",
    "coder": "按码确认 Confirms",
    "one_only": "只按 1 Key 1 only",
    "wrong_code": "输错码 Wrong code",
    "hangs_up": "早挂断 Hangs up early",
    "never": "让它响 Lets it ring",
    "voicemail": "语音信箱 Voicemail",
    "busy": "占线 Busy",
    "off": "关机 Off",
    "rings_back": "未接后回拨 Rings back",
}
"""What one may have a phone do with its next calls, by `Habit`."""


def card(view: PhoneView) -> str:
    """Return the whole card; the page later replaces only its screen, never what one presses."""
    name = escape(view.label or view.masked)
    keys = "".join(
        f'<button type="button" data-act="press" data-key="{key}" aria-label="{name} 按 {key}">'
        f"{key}</button>"
        for key in _KEYS
    )
    return (
        f'<article class="ph" id="ph-{view.phone_id}" data-id="{view.phone_id}"'
        f' data-doing="{view.doing.value}"><h2>{name}<span class="num">{escape(view.masked)}</span></h2>'
        f'<div class="scr" tabindex="0" role="group" aria-label="{name} 屏幕" aria-live="polite">{screen(view)}</div><div class="pad">{keys}</div>'
        '<div class="ctl">'
        '<button type="button" class="btn yes" data-act="answer">接听 <small>Answer</small></button>'
        '<button type="button" class="btn no" data-act="hangup">挂断 <small>Hang up</small></button>'
        '</div><form class="sms" data-act="sms">'
        f'<label class="vh" for="sms-{view.phone_id}">{name} 回短信</label>'
        f'<input id="sms-{view.phone_id}" name="body" maxlength="160" autocomplete="off"'
        ' placeholder="回短信 Reply">'
        '<button class="btn">发送</button></form>'
        f'<div class="who"><label class="vh" for="who-{view.phone_id}">{name} 下一通电话</label>'
        f'<select id="who-{view.phone_id}" data-act="habit">{_options(view.chosen)}</select>'
        '<button type="button" class="btn" data-act="ringback">回拨 <small>Ring back</small></button>'
        "</div></article>"
    )


def _options(chosen: str) -> str:
    return "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{word}</option>'
        for value, word in HABITS.items()
    )


def screen(view: PhoneView) -> str:
    """Return what the phone's screen shows now, the newest first: it is small and scrolls."""
    css, word, english = _STATES[view.doing]
    since = f" {_clock(view.since)} 起" if view.since else ""
    parts = [
        f'<span class="st {css}">{word}{since}<span class="en" lang="en">{english}</span></span>'
    ]
    if view.caller:
        parts.append(f'<p class="dim">来电 {escape(masked(view.caller))}</p>')
    if view.doing is Doing.TALKING:
        parts.append(f'<p class="heard">“{escape(view.saying or view.heard)}”</p>')
    if view.pressed:
        parts.append(f"<p>按了 <b>{escape(' '.join(view.pressed))}</b></p>")
    parts.extend(f"<p>{_line(one)}</p>" for one in reversed(view.lines))
    return "".join(parts)


def _line(one: Happening) -> str:
    if one.what is What.ENDED:
        return f"{_clock(one.at)} {_ENDS.get(one.detail, '结束')}"
    text = ""
    if one.what in (What.TEXT_RECEIVED, What.TEXT_SENT):
        text = f"：<b>{escape(one.detail)}</b>"
    return f"{_clock(one.at)} {_WORDS[one.what]}{text}"


def _clock(instant: datetime | None) -> str:
    return f"{instant.astimezone(_ZONE):%H:%M:%S}" if instant else ""
