"""What an act may say: texts of a length that can be read aloud, times that can be kept."""

from datetime import datetime

from schemas.act import AckVouched, ActBody, OrderIssued

LONGEST = 300
"""A minute and more of speech: what is longer is not listened to at night."""
_TEXTS = ("text", "why", "conclusion", "consultation", "note")


def fault_of(body: ActBody, now: datetime) -> str | None:
    """Return the field of *body* that cannot stand, or None."""
    for name in _TEXTS:
        value = getattr(body, name, None)
        if isinstance(value, str) and (
            len(value) > LONGEST or not value.replace("\n", "").isprintable()
        ):
            return name
    if isinstance(body, AckVouched) and body.heard_at > now:
        return "heard_at"
    if isinstance(body, OrderIssued):
        starts_at = body.starts_at or now
        if body.ends_at is not None and body.ends_at <= max(starts_at, now):
            return "ends_at"
        if not body.executors:
            return "executors"
    return None
