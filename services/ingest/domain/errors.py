"""
The errors of ingest.

    IngestError
      RefusedError       the input cannot be read; sending it again is vain
      NotAdmittedError   the sender may not, or not now; nothing of the input was looked at
      NotDurableError    it could not be written; nothing was kept, send it again
"""

from enum import StrEnum

from schemas.deadletter import RefusalReason


class IngestError(Exception):
    """The root of what ingest raises."""


class RefusedError(IngestError):
    """The input cannot be read. *detail* is for people and holds nothing of the input's values."""

    def __init__(self, reason: RefusalReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class Admission(StrEnum):
    """Why a request was turned away before it was read."""

    WRONG_KEY = "wrong_key"
    NOT_YOUR_KIND = "not_your_kind"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"


class NotAdmittedError(IngestError):
    """The request was turned away; *retry_after_s* says when it may come again, if ever."""

    def __init__(self, admission: Admission, retry_after_s: float | None = None) -> None:
        super().__init__(str(admission))
        self.admission = admission
        self.retry_after_s = retry_after_s


class NotDurableError(IngestError):
    """Nothing was kept; the sender should try again."""
