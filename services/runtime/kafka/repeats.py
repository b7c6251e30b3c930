"""
What the client library says over and over while brokers are away, said once in a while.

It tries some twenty times a second and says each time what went wrong, for each connection: a
night without brokers would be millions of lines, and the one that matters among them.
"""

import logging

_AGAIN_AFTER_S = 30.0
_SPEAKERS = (
    "aiokafka",
    "aiokafka.cluster",
    "aiokafka.conn",
    "aiokafka.consumer.fetcher",
    "aiokafka.consumer.group_coordinator",
    "aiokafka.producer.sender",
)


class _Repeats(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass the first of those that differ in their arguments only, and one more each half minute."""
        # The text without its arguments: there are some dozens of them.
        text = str(record.msg)
        if record.created - self._said_at.get(text, 0.0) < _AGAIN_AFTER_S:
            return False
        self._said_at[text] = record.created
        return True


def pass_over_repeats() -> None:
    """Let the library's repeats be passed over from now on; calling it again changes nothing."""
    for name in _SPEAKERS:
        speaker = logging.getLogger(name)
        if not any(isinstance(one, _Repeats) for one in speaker.filters):
            speaker.addFilter(_Repeats())
