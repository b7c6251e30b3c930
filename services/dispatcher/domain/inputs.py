"""What the dispatcher is told: past-tense facts, each judged at the edge and free of secrets."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.decision import AnyDecision
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.calls.remedy import Remedies
from services.district.domain.policy import MAIN


@dataclass(frozen=True, slots=True)
class DecisionRead:
    """The correlator decided something; *offset* is its place in `decisions.v1`."""

    decision: AnyDecision
    offset: int


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    """The carrier accepted the request of *attempt_id* under *provider_id*."""

    attempt_id: str
    provider_id: str


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """
    The carrier did not execute the request. *retry* tells whether the same may be tried again;
    without *remedies* a number that it may not be is given up.
    """

    attempt_id: str
    code: str
    retry: bool
    remedies: Remedies = ()


@dataclass(frozen=True, slots=True)
class RequestLost:
    """The answer to the request never came: the carrier may or may not have executed it."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class AttemptSeen:
    """
    A status of *attempt_id* from a call-back, a fetch or a list; *sequence* is the carrier's own
    count where it gives one. *code* is the carrier's error code, *remedies* what is done about it.
    """

    attempt_id: str
    provider_id: str
    progress: Progress
    outcome: Outcome | None = None
    sequence: int | None = None
    code: str | None = None
    answered_by_machine: bool = False
    remedies: Remedies = ()


@dataclass(frozen=True, slots=True)
class NotFound:
    """The carrier was asked for *attempt_id* by number and time, and has nothing like it."""

    attempt_id: str


class Heard(StrEnum):
    """What a person did in a call, judged at the edge: the code itself never comes further."""

    ANSWERED = "answered"
    """The call was answered and asks what to say."""
    CONFIRM = "confirm"
    """Key 1."""
    DEPUTY = "deputy"
    """Key 2: cannot act, call my deputy."""
    REPEAT = "repeat"
    """Key 3."""
    OTHER_KEY = "other_key"
    NOTHING = "nothing"
    """The time for keys ran out."""
    CODE_RIGHT = "code_right"
    CODE_WRONG = "code_wrong"


@dataclass(frozen=True, slots=True)
class CallHeard:
    """
    In the call of *attempt_id*, at its *step*, somebody did *heard*.

    *step* counts the scripts played in this call from 0: the same step told twice is one fact.
    """

    attempt_id: str
    step: int
    heard: Heard
    provider_id: str | None = None
    """The carrier's id of the call, which may be heard before the carrier's answer to our request."""


class SmsAnswer(StrEnum):
    """What an SMS from a known number says, judged at the edge."""

    CONFIRM = "confirm"
    """"1" or 收到."""
    CODE_RIGHT = "code_right"
    CANNOT = "cannot"
    """"2": cannot act, call my deputy; the measures are not done."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SmsReceived:
    """An SMS came from *contact*; *attempt_id* is the SMS whose code it holds, if it holds one."""

    contact: str
    answer: SmsAnswer
    provider_id: str
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True)
class CalledBack:
    """*contact* rang us; *provider_id* is the carrier's id of that call."""

    contact: str
    provider_id: str
    attempt_id: str
    """The id this incoming call is given, so that its keys speak for it."""
    account: str = MAIN


@dataclass(frozen=True, slots=True)
class WokenUp:
    """A timer is due, or the process has just started (*restarted*)."""

    restarted: bool = False


@dataclass(frozen=True, slots=True)
class Audited:
    """It is time to look whether anything was forgotten."""


Input = (
    DecisionRead
    | RequestAnswered
    | RequestRefused
    | RequestLost
    | AttemptSeen
    | NotFound
    | CallHeard
    | SmsReceived
    | CalledBack
    | WokenUp
    | Audited
)
