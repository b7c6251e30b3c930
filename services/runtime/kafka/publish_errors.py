"""
What publishing raises; apart from what publishes, which takes a second to import.

    PublishError
    ├── BrokersAwayError     nobody knows what arrived: publish the same again, in the same order
    └── RecordRefusedError   one of these records will never be taken, whoever sends it
"""

from enum import StrEnum


class Trouble(StrEnum):
    """Why records were not acknowledged; a metric's label."""

    AWAY = "away"  # no broker answers, or too few replicas do, or the topic is not there
    NOT_ALLOWED = "not_allowed"
    UNEXPECTED = "unexpected"
    REFUSED = "refused"


class PublishError(Exception):
    """The root of what publishing raises."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


class BrokersAwayError(PublishError):
    """Not acknowledged, and perhaps there all the same."""

    def __init__(self, trouble: Trouble = Trouble.AWAY) -> None:
        super().__init__(trouble)


class RecordRefusedError(PublishError):
    """The brokers are there, and one of the records is none that they take."""

    def __init__(self) -> None:
        super().__init__(Trouble.REFUSED)
