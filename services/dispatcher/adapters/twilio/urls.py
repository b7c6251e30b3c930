"""The URLs at which the carrier asks us what to say and tells us what became of an attempt."""

from datetime import timedelta
from urllib.parse import quote, urlencode

from services.dispatcher.adapters.url_mac import UrlKind, UrlMac

_CALL_LASTS_AT_MOST = timedelta(hours=2)
_STATION_TELLS_WITHIN = timedelta(hours=1)
_STATUS_COMES_WITHIN = timedelta(hours=24)
"""An SMS may wait 10 hours (ValidityPeriod) at the carrier, and a late report longer."""


class WebhookUrls:
    """Signed URLs under one base."""

    def __init__(self, base_url: str, mac: UrlMac) -> None:
        self._base = base_url.rstrip("/")
        self._mac = mac

    def voice(self, attempt_id: str, step: int, kind: UrlKind) -> str:
        """Return where the call of *attempt_id* goes for its words at *step*."""
        query = self._mac.seal(attempt_id, step, kind, _CALL_LASTS_AT_MOST)
        return f"{self._base}/twilio/voice/{quote(attempt_id, safe='')}/{step}?{urlencode(query)}"

    def station(self, attempt_id: str) -> str:
        """Return where a loudspeaker or screen tells how *attempt_id* went."""
        query = self._mac.seal(attempt_id, 0, UrlKind.STATION, _STATION_TELLS_WITHIN)
        return f"{self._base}/stations/{quote(attempt_id, safe='')}?{urlencode(query)}"

    def status(self, attempt_id: str) -> str:
        """Return where the states of *attempt_id* are told."""
        query = self._mac.seal(attempt_id, 0, UrlKind.STATUS, _STATUS_COMES_WITHIN)
        return f"{self._base}/twilio/status/{quote(attempt_id, safe='')}?{urlencode(query)}"
