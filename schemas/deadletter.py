"""The records of `dead-letters.v1`: what could not be read, with the reason, whole."""

from enum import StrEnum
from typing import Literal

from schemas.record import Instant, Record


class RefusalReason(StrEnum):
    """Why something that came in was refused: the closed list that answers, metrics and logs use."""

    NOT_JSON = "not_json"
    NOT_XML = "not_xml"
    NOT_CAP_1_1_OR_1_2 = "not_cap_1_1_or_1_2"
    CAP_INCOMPLETE = "cap_incomplete"
    FORBIDDEN_XML = "forbidden_xml"
    WRONG_ENCODING = "wrong_encoding"
    UNKNOWN_SHAPE = "unknown_shape"
    UNREADABLE_WARNING = "unreadable_warning"
    MISSING_FIELD = "missing_field"
    BAD_FIELD = "bad_field"
    BAD_TIME = "bad_time"
    BAD_VALUE = "bad_value"
    UNKNOWN_SENSOR = "unknown_sensor"
    NOT_YOUR_SENSOR = "not_your_sensor"
    NOT_YOUR_AREA = "not_your_area"
    UNKNOWN_METRIC = "unknown_metric"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_DATUM = "unknown_datum"
    UNKNOWN_TIP = "unknown_tip"
    UNKNOWN_PLACE = "unknown_place"
    UNREADABLE_RECORD = "unreadable_record"
    HANDLER_FAILED = "handler_failed"


class DeadLetter(Record):
    """
    One refused input. *original* is the whole of it, base64 when it is not text; *detail* says
    in words what was wrong and holds nothing secret.
    """

    kind: Literal["DeadLetter"] = "DeadLetter"
    letter_id: str
    refused_at: Instant
    stage: str
    source: str | None = None
    reason: RefusalReason
    detail: str = ""
    media_type: str = ""
    original: str
    encoding: Literal["utf-8", "base64"] = "utf-8"
