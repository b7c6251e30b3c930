"""What the correlator is told of what came of its decisions."""

from datetime import datetime

from schemas.cap import Status
from schemas.event import Feedback, FeedbackKind
from schemas.ids import hash_id
from schemas.wire import encode


def share_acknowledged(
    share: tuple[str, str, str], district: str, at: datetime, status: Status
) -> bytes:
    """
    Return the event that a *share* (callout, order, post) was acknowledged.

    Its id hangs on the share alone: told twice it is one event.
    """
    callout_id, order_id, post = share
    return encode(
        Feedback(
            district=district,
            event_id=hash_id("feedback", callout_id, order_id, post),
            accepted_at=at,
            status=status,
            feedback=FeedbackKind.SHARE_ACKNOWLEDGED,
            callout_id=callout_id,
            order_id=order_id,
            post=post,
        )
    )
