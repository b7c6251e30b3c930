"""What authorities and callers said. All of these texts are foreign."""

from datetime import datetime

from schemas.event import Tip
from schemas.event import Warning as WarningEvent
from services.console.domain.names import Names
from services.console.domain.tracks import Tracks
from services.console.domain.views.said import TipView, WarningView


def warning_views(names: Names, tracks: Tracks, now: datetime) -> list[WarningView]:
    """Return the warnings for this district that have not expired at *now*, the newest first."""
    views = [_warning(names, event) for event in reversed(tracks.warnings.values())]
    return [view for view in views if view.targets and (view.expires is None or view.expires > now)]


def tip_view(names: Names, tip: Tip) -> TipView:
    """Return a tip; its caller stays a token."""
    return TipView(
        tip_id=tip.tip_id,
        status=tip.status,
        text=tip.text,
        tip_class=tip.tip_class.value,
        hazard_name=names.hazard(tip.hazard),
        place=tip.place,
        place_name=names.place(tip.place) if tip.place else "",
        occurred_at=tip.occurred_at,
        accepted_at=tip.accepted_at,
        caller=tip.caller,
    )


def _warning(names: Names, event: WarningEvent) -> WarningView:
    info = event.infos[0] if event.infos else None
    return WarningView(
        identifier=event.identifier,
        status=event.status,
        msg_type=event.msg_type.value,
        event=info.event if info else "",
        headline=info.headline if info else event.identifier,
        description=info.description if info else "",
        sender_name=(info.sender_name if info else "") or event.sender,
        level=info.warning_level if info else None,
        hazard_name=names.hazard(info.hazard) if info else "",
        sent=event.sent,
        expires=info.expires if info else None,
        targets=tuple(names.place(target) for target in info.targets) if info else (),
    )
