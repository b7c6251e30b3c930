"""
A loudspeaker or screen to practise with: it says what it is given, one after the other, and what has
one id once. What is no longer valid when its turn comes is not said.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.phones.domain.speech import spoken_for

CHARS_PER_S = 4.5
_KEPT = 4


@dataclass(frozen=True, slots=True)
class PracticeStation:
    """One station; *secret* is what both sides sign with."""

    station_id: str
    name: str
    kind: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Announcement:
    """What it is to say, from when until when it says it; *played* None until that is over."""

    announcement_id: str
    text: str
    begins_at: datetime
    ends_at: datetime
    is_exercise: bool = False
    played: bool | None = None


class Loudspeaker:
    """One station and what it said last."""

    def __init__(self, station: PracticeStation) -> None:
        self.station = station
        self._known: dict[str, Announcement] = {}

    @property
    def latest(self) -> tuple[Announcement, ...]:
        """What it said last, the newest first."""
        return tuple(reversed([*self._known.values()][-_KEPT:]))

    def saying(self, now: datetime) -> Announcement | None:
        """Return what is being said at *now*."""
        return next(
            (one for one in self.latest if one.played is None and one.begins_at <= now), None
        )

    def take(
        self,
        announcement_id: str,
        text: str,
        valid_until: datetime,
        now: datetime,
        *,
        is_exercise: bool,
    ) -> Announcement | None:
        """Return when it will say *text*, None when it knows the id or it would come too late."""
        if announcement_id in self._known:
            return None
        begins_at = max([now, *(one.ends_at for one in self._known.values())])
        if begins_at >= valid_until:
            return None
        lasts = max(spoken_for(text, CHARS_PER_S), timedelta(seconds=1))
        taken = Announcement(announcement_id, text, begins_at, begins_at + lasts, is_exercise)
        self._known[announcement_id] = taken
        return taken

    def ended(self, announcement: Announcement) -> None:
        """It has been said."""
        said = replace(announcement, played=True)
        self._known[announcement.announcement_id] = said
