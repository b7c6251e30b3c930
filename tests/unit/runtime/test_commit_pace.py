from services.runtime.commit_pace import CAREFUL_S, QUICK_S, STALLED_S, CommitPace


class Watch:
    """A stopwatch that stands until the test moves it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_disk_is_quick_until_it_was_slow() -> None:
    pace = CommitPace()

    for _ in range(100):
        pace.blocked(QUICK_S / 2)

    assert pace.is_quick


def test_one_stalled_commit_is_enough_to_be_careful_for_a_while() -> None:
    watch = Watch()
    pace = CommitPace(lambda: watch)

    pace.blocked(STALLED_S * 2)
    after_the_stall = pace.is_quick
    watch.seconds = CAREFUL_S
    after_the_while = pace.is_quick

    assert (after_the_stall, after_the_while) == (False, True)


def test_a_disk_that_is_always_a_little_slow_is_left_to_the_thread() -> None:
    pace = CommitPace(Watch)

    for _ in range(4):
        pace.blocked(QUICK_S * 2)

    assert not pace.is_quick


def test_a_stall_in_the_thread_keeps_the_next_commit_out_of_the_loop() -> None:
    pace = CommitPace(Watch)

    pace.waited(STALLED_S / 2)
    before = pace.is_quick
    pace.waited(STALLED_S * 2)

    assert (before, pace.is_quick) == (True, False)
