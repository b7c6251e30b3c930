"""What the carrier and a callee may be asked, and that a restart does not forget it."""

from datetime import timedelta

from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.desk import Desk
from tests.districts import pack, policies, post
from tests.unit.dispatcher.night import Night


def test_the_starts_of_the_process_before_count_after_a_restart() -> None:
    posts = [post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}") for n in range(5)]
    night = Night(pack(*posts, policies_=policies(starts_per_s=3)))
    night.respond(Level.II)
    assert len(night.calls()) == 3

    again = Desk(night.desk.pack)
    for attempt in night.desk.attempts.values():
        again.adopt_attempt(attempt)
    again.restore_starts(night.now + timedelta(milliseconds=300))

    assert again.accounts.for_call(night.now + timedelta(milliseconds=300)) is None
    assert again.accounts.for_call(night.now + timedelta(seconds=1.1)) is not None
