import asyncio
import inspect
import os
import signal
from collections.abc import Awaitable, Callable

from structlog.testing import capture_logs

from services.runtime.health import Readiness
from services.runtime.lifecycle import Lifecycle, end_task


def test_readiness_names_what_is_in_the_way() -> None:
    readiness = Readiness()
    full = False
    readiness.add("store", lambda: not full)
    readiness.add("pack", lambda: True)
    assert readiness.is_ready

    full = True
    readiness.fail("calls")

    assert (readiness.is_ready, readiness.failing()) == (False, ["calls", "store"])


async def test_clean_ups_run_in_reverse_and_tasks_among_them() -> None:
    lifecycle = Lifecycle(Readiness())
    seen: list[str] = []

    def note(name: str) -> Callable[[], Awaitable[None]]:
        async def clean_up() -> None:
            seen.append(name)

        return clean_up

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("task")

    lifecycle.on_stop("bus", note("bus"))
    lifecycle.spawn("task", wait_for_ever())
    lifecycle.on_stop("server", note("server"))
    await asyncio.sleep(0)
    lifecycle.stop()

    assert await lifecycle.run_until_signal() == 0
    assert seen == ["server", "task", "bus"]


async def test_a_signal_stops_the_process_cleanly() -> None:
    lifecycle = Lifecycle(Readiness())
    running = asyncio.ensure_future(lifecycle.run_until_signal([signal.SIGUSR1]))
    await asyncio.sleep(0)

    os.kill(os.getpid(), signal.SIGUSR1)

    assert await running == 0


async def test_a_crashed_task_ends_the_process_and_says_so() -> None:
    readiness = Readiness()
    lifecycle = Lifecycle(readiness)

    async def crash() -> None:
        raise ValueError("broken")

    with capture_logs() as logs:
        lifecycle.spawn("calls", crash())
        code = await lifecycle.run_until_signal()

    assert (code, readiness.failing()) == (1, ["calls"])
    assert [(line["event"], line["task"]) for line in logs] == [("task_crashed", "calls")]


async def test_a_task_that_returned_leaves_nothing_behind() -> None:
    lifecycle = Lifecycle(Readiness())

    async def finish() -> None:
        return

    lifecycle.spawn("once", finish())
    for _ in range(3):
        await asyncio.sleep(0)

    assert lifecycle._clean_ups == {}
    assert lifecycle.exit_code == 0


async def test_work_that_never_began_is_closed_like_any_other() -> None:
    lifecycle = Lifecycle(Readiness())
    work = asyncio.sleep(0)

    lifecycle.spawn("task", work)
    await lifecycle.unwind()

    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


async def test_a_clean_up_that_fails_spares_nobody_theirs() -> None:
    lifecycle = Lifecycle(Readiness())
    seen: list[str] = []

    async def good() -> None:
        seen.append("good")

    async def bad() -> None:
        raise OSError

    lifecycle.on_stop("good", good)
    lifecycle.on_stop("bad", bad)
    with capture_logs() as logs:
        await lifecycle.unwind()

    assert (seen, lifecycle.exit_code) == (["good"], 1)
    assert [line["event"] for line in logs] == ["clean_up_failed"]


async def test_a_task_that_loses_a_cancellation_is_cancelled_again() -> None:
    """As `asyncio.wait_for` does before Python 3.12, now and then."""
    lost = 0

    async def deaf_once() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                lost += 1
                if lost > 1:
                    raise

    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)

    await end_task(task)

    assert (lost, task.cancelled()) == (2, True)
