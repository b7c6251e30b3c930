"""The machine's clock, when somebody sets it."""

from datetime import UTC, datetime, timedelta

from services.runtime.clock import RealClock

MIDNIGHT = datetime(2026, 7, 9, tzinfo=UTC)


class Machine:
    """What it shows, and the seconds that have really passed."""

    def __init__(self) -> None:
        self.shown = MIDNIGHT
        self.counted = 100.0
        self.clock = RealClock(lambda: self.shown, lambda: self.counted)

    def passes(self, seconds: float) -> None:
        self.shown += timedelta(seconds=seconds)
        self.counted += seconds


def test_it_is_the_machines_time() -> None:
    machine = Machine()
    machine.passes(90)

    assert machine.clock.now() == MIDNIGHT + timedelta(seconds=90)


def test_set_back_it_goes_on_at_the_same_pace() -> None:
    machine = Machine()
    machine.passes(10)
    before = machine.clock.now()

    machine.shown -= timedelta(hours=1)
    machine.passes(30)

    assert machine.clock.now() - before == timedelta(seconds=30)


def test_once_it_shows_as_much_again_it_is_followed() -> None:
    machine = Machine()
    machine.shown -= timedelta(hours=1)
    machine.passes(30)
    machine.shown = MIDNIGHT + timedelta(hours=2)

    assert machine.clock.now() == MIDNIGHT + timedelta(hours=2)
    machine.passes(1)
    assert machine.clock.now() == MIDNIGHT + timedelta(hours=2, seconds=1)
