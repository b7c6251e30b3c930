"""The enumerations of CAP 1.2 that we keep, under CAP's own names."""

from enum import StrEnum


class Status(StrEnum):
    """CAP status. Only Actual and Exercise move anything; the two never meet."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MsgType(StrEnum):
    """CAP msgType. Ack and Error are recorded and have no effect."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Severity(StrEnum):
    """CAP severity. Unknown never ranks as the lowest: it is ranked by whoever reads it."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"
