"""The HTML of one loudspeaker or screen: what it says aloud, where. Everything is escaped."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from services.phones.domain.loudspeaker import Loudspeaker

_ZONE = ZoneInfo("Asia/Shanghai")
_KINDS = {"loudspeaker": ("喇叭", "正在播报"), "screen": ("屏", "正在显示")}


def station_card(speaker: Loudspeaker, now: datetime) -> str:
    """Return the whole card."""
    name = escape(speaker.station.name)
    kind, _ = _KINDS[speaker.station.kind]
    return (
        f'<article class="ph station" id="ph-{card_id(speaker)}" data-doing="{doing(speaker, now)}">'
        f'<h2>{name}<span class="num">{kind}</span></h2>'
        f'<div class="scr" tabindex="0" role="group" aria-label="{name} {kind}" aria-live="polite">'
        f"{station_screen(speaker, now)}</div></article>"
    )


def card_id(speaker: Loudspeaker) -> str:
    """Return what the page knows it by."""
    return f"station-{escape(speaker.station.station_id)}"


def doing(speaker: Loudspeaker, now: datetime) -> str:
    """Return `talking` while it says something, else `idle`."""
    return "talking" if speaker.saying(now) is not None else "idle"


def station_screen(speaker: Loudspeaker, now: datetime) -> str:
    """Return what is being said now, then what was said, the newest first."""
    saying = speaker.saying(now)
    _, word = _KINDS[speaker.station.kind]
    parts = [
        f'<span class="st answered">{word}<span class="en" lang="en">speaking</span></span>'
        f'<p class="heard">“{escape(saying.text)}”</p>'
        if saying is not None
        else '<span class="st created">安静<span class="en" lang="en">silent</span></span>'
    ]
    parts += [
        f"<p>{one.begins_at.astimezone(_ZONE):%H:%M:%S} 播完：{escape(one.text)}</p>"
        for one in speaker.latest
        if one.played
    ]
    return "".join(parts)
