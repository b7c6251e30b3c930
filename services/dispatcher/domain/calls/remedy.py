"""What can be done when a carrier will not, or could not, do as it was asked: our words, not its codes."""

from collections.abc import Sequence
from enum import StrEnum


class Remedy(StrEnum):
    """
    One thing to do. An adapter gives several, in the order in which they are tried.

    What stands behind RETRY_ONCE is done only when the one retry has failed too.
    """

    RETRY_LATER = "retry_later"
    """It was certainly not executed: the same again after a pause, and it counts as no try."""
    RETRY_ONCE = "retry_once"
    """One more try of the same."""
    RECONCILE = "reconcile"
    """It may have been executed: the carrier is asked before anything is tried again."""
    OTHER_CHANNEL = "other_channel"
    """This person is rung where the SMS cannot reach him."""
    OTHER_NUMBER = "other_number"
    """Nobody will be reached at this number: the next one, or the next person."""
    OTHER_PROVIDER = "other_provider"
    """This sender or account cannot; another one may."""
    STOP_PROVIDER = "stop_provider"
    """This account does nothing any more until somebody has seen to it."""
    LOWER_STARTS = "lower_starts"
    """It was asked for too much at once."""
    MEND_ROSTER = "mend_roster"
    """The number on the roster is wrong, or cannot take what is sent to it."""
    NEVER_SMS_AGAIN = "never_sms_again"
    """No further SMS to this number until the roster has been changed."""
    REVIEW_TEMPLATE = "review_template"
    """The words themselves were refused."""
    WARN_ADMIN = "warn_admin"
    """Something of ours is set wrongly, and only the administrator can put it right."""
    TREAT_AS_NO_ANSWER = "treat_as_no_answer"
    """The phone is off or out of reach just now: as if it had rung and nobody came."""
    POLL_STATUS = "poll_status"
    """The carrier could not reach us: what became of the attempt is asked for."""


Remedies = tuple[Remedy, ...]


def before_retry(remedies: Sequence[Remedy]) -> Remedies:
    """Return what is done the first time: everything up to the retry, with it."""
    if Remedy.RETRY_ONCE not in remedies:
        return tuple(remedies)
    return tuple(remedies[: remedies.index(Remedy.RETRY_ONCE) + 1])


def after_retry(remedies: Sequence[Remedy]) -> Remedies:
    """Return what is done once the one retry is used up: everything else."""
    return tuple(remedy for remedy in remedies if remedy is not Remedy.RETRY_ONCE)
