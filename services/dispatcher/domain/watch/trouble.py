"""What is wrong with the system itself, told to who is on duty: each thing once in a while."""

from datetime import datetime, timedelta

from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.informing import queue_inform
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.templates import TextKey

WARN_EVERY = timedelta(minutes=5)
"""A storm of the same trouble is said once in this time."""


def tell_trouble(desk: Desk, key: TextKey, now: datetime, **values: str) -> None:
    """Send the duty officers of the district the text *key*."""
    for post in desk.posts.answering_for(desk.tree.district, (Role.DUTY_OFFICER,)):
        for holder in desk.pack.roster.shift_at(post.post_id, now).holders:
            words = desk.words.to(holder)
            text = words.fixed(TextKey.SMS_TROUBLE, text=words.part(key, **values))
            queue_inform(desk, None, holder, text, Level.I, now)
