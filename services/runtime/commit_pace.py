"""
Whether a commit may run in the loop's own thread: how quick the disk has been lately.

To hand a commit to another thread and back costs more than a quick disk needs for it. A slow disk
must not hold up the loop, so one slow commit is enough to be careful for a while.
"""

from collections.abc import Callable

from services.runtime.clock import stopwatch

QUICK_S = 0.002  # the usual commit in the loop: more costs callers more than the two hand-overs
STALLED_S = 0.02  # a single commit: nothing else in the process ran meanwhile
CAREFUL_S = 2.0  # how long all commits then go to the thread
_WEIGHT = 0.2  # of the newest commit in the moving mean


class CommitPace:
    """Told how long each commit took, in seconds; *watch* starts a stopwatch."""

    def __init__(self, watch: Callable[[], Callable[[], float]] = stopwatch) -> None:
        self._watch = watch
        self._usual_s = 0.0
        self._since_slow: Callable[[], float] | None = None

    @property
    def is_quick(self) -> bool:
        """Whether the next commit may run in the loop's own thread."""
        return self._since_slow is None or self._since_slow() >= CAREFUL_S

    def blocked(self, seconds: float) -> None:
        """Take in a commit that ran in the loop's thread."""
        self._usual_s += (seconds - self._usual_s) * _WEIGHT
        if self._usual_s > QUICK_S or seconds > STALLED_S:
            self._be_careful()

    def waited(self, seconds: float) -> None:
        """
        Take in a commit that ran in the other thread.

        It had to wait for the interpreter, too, so it says only whether the disk stalls; one that
        stalls is not tried from the loop.
        """
        if seconds > STALLED_S:
            self._be_careful()

    def _be_careful(self) -> None:
        self._since_slow = self._watch()
        self._usual_s = 0.0
