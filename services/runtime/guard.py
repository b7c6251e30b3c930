"""
A process that is started again at once when it dies, from one that has loaded everything already.

Loading the code takes seconds in which nobody is rung; forking takes milliseconds. What guards opens
nothing, listens nowhere and runs no thread, so that there is next to nothing that could end it; an
operating system's supervisor, which starts it in the first place, remains behind it.
"""

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

import structlog

from services.runtime.clock import pause, stopwatch

MISUSED = 2
"""The exit code that says that a person has to mend something first: no life will be any better."""
_SHORT_LIFE = timedelta(seconds=10)
_FIRST_REST = timedelta(milliseconds=100)
_LONGEST_REST = timedelta(seconds=5)
_ENDING = (signal.SIGTERM, signal.SIGINT)
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)

_log = structlog.get_logger()


class _Guard:
    def __init__(self) -> None:
        self.child = 0
        self.is_stopping = False

    def pass_on(self, number: int, _frame: object) -> None:
        self.is_stopping = True
        if self.child:
            os.kill(self.child, number)


def guarded(live: Callable[[], int]) -> int:
    """
    Run *live* in a child, and again whenever that is killed or crashes; return its exit code.

    It is over when the child ends with 0 or `MISUSED`, or after a signal to end, which is passed on.
    A life that was very short is followed by a pause, which grows up to five seconds.
    """
    guard, rest = _Guard(), timedelta(0)
    before = {number: signal.getsignal(number) for number in _ENDING}
    gc.collect()
    gc.freeze()  # what is loaded stays shared with every child
    try:
        for number in before:
            signal.signal(number, guard.pass_on)
        while True:
            lived = stopwatch()
            _fork(guard, live)
            _, status = os.waitpid(guard.child, 0)
            guard.child = 0
            code = os.waitstatus_to_exitcode(status)
            if guard.is_stopping or code in {0, MISUSED}:
                return code if code >= 0 else 128 - code
            rest = _next_rest(rest, timedelta(seconds=lived()))
            _log.error("process_died", code=code, lived_s=round(lived(), 1))
            pause(rest)
            if guard.is_stopping:
                return 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _next_rest(rest: timedelta, lived: timedelta) -> timedelta:
    if lived >= _SHORT_LIFE:
        return timedelta(0)
    return min(max(2 * rest, _FIRST_REST), _LONGEST_REST)


def _fork(guard: _Guard, live: Callable[[], int]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # A signal in between would be passed on to nobody.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    child = os.fork()
    if child == 0:
        _be_child(live, parent)
    guard.child = child
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def _be_child(live: Callable[[], int], parent: int) -> NoReturn:
    code = 1
    try:
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        _end_with(parent)
        code = live()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - logged, and the exit code says it
        _log.exception("process_crashed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end_with(parent: int) -> None:
    """Be told to end when *parent* dies: two of us must not work on one store."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
