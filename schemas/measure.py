"""断禁停撤疏: the five kinds of control measure."""

from enum import StrEnum


class Measure(StrEnum):
    """What an order does."""

    CUT = "CUT"
    BAN = "BAN"
    STOP = "STOP"
    EVACUATE = "EVACUATE"
    DIVERT = "DIVERT"
