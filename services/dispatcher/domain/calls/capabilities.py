"""What a carrier can do for us, as far as the dispatcher has to act differently."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """
    *call_backs*: the carrier reaches us, asks what to say and brings keys and states.

    Without them what is said goes along with the request, so that no further ask can join that
    call; nobody's keys come back, so that the call asks for an SMS; states are asked for.
    """

    call_backs: bool = True


EVERYTHING = Capabilities()
