from services.correlator.domain.timers import Timers


def fired(timers: Timers) -> list[tuple[int, str]]:
    order = []
    while (due_us := timers.next_due_us()) is not None:
        order.append((due_us, timers.pop()[0]))
    return order


def test_timers_fire_in_the_order_of_due_time_then_id() -> None:
    timers = Timers()
    for name, due_us in (("b", 5), ("a", 5), ("c", 1)):
        timers.set((name,), due_us)

    assert fired(timers) == [(1, "c"), (5, "a"), (5, "b")]


def test_a_moved_timer_fires_once_at_its_new_time() -> None:
    timers = Timers()
    timers.set(("a",), 1)
    timers.set(("a",), 9)
    timers.set(("b",), 5)

    assert fired(timers) == [(5, "b"), (9, "a")]


def test_a_timer_moved_back_to_an_earlier_time_it_once_had_fires_once() -> None:
    timers = Timers()
    for due_us in (1, 9, 1):
        timers.set(("a",), due_us)

    assert fired(timers) == [(1, "a")]


def test_a_cancelled_timer_does_not_fire() -> None:
    timers = Timers()
    timers.set(("a",), 1)
    timers.cancel(("a",))

    assert fired(timers) == []
