from services.runtime.health import Readiness


def test_a_failing_check_is_in_the_way_until_it_holds_again() -> None:
    readiness = Readiness()
    has_space = False
    readiness.add("disk", lambda: has_space)

    assert (readiness.is_ready, readiness.failing()) == (False, ["disk"])

    has_space = True
    assert readiness.is_ready


def test_a_process_that_is_only_impaired_goes_on_being_given_work() -> None:
    readiness = Readiness()
    readiness.add_means("brokers", lambda: False)
    readiness.add_means("archive", lambda: True)

    assert readiness.is_ready
    assert readiness.impaired() == ["brokers"]
