"""
Between which limits a reading moves nothing at its instrument, however many rules look at it.

Most readings are of this kind, and there are tens of thousands a second. So the limits of all dials
are put together once, and then a reading is compared with them and not with each dial.
"""

from collections.abc import Sequence

from services.correlator.domain.dial import Dial
from services.correlator.domain.window import Series

_NO_LIMIT = 1 << 62


class Calm:
    """
    While a reading lies between *above* and *below*, both outside, and the series' sum under
    *sum_below*, every dial stays as it is. At first, and after `end`, no reading does.
    """

    __slots__ = ("above", "below", "sum_below")

    def __init__(self) -> None:
        self.end()

    def end(self) -> None:
        """Something moves, or may: let every dial be looked at."""
        self.above = self.below = self.sum_below = 0

    def begin(self, dials: Sequence[Dial], series: Series) -> None:
        """
        Nothing has moved at *dials*: find out how far that goes, where it can be known beforehand.

        A dial must not stand, and what it shows must be a plain sum or the newest reading. Of a sum
        it is known what fell before its span; that only grows while no reading is negative, comes
        late or is corrected, and then the sum has farther to go than is said here.
        """
        self.end()
        above, below, sum_below = -_NO_LIMIT, _NO_LIMIT, _NO_LIMIT
        for dial in dials:
            if dial.live:
                return
            if dial.running is not None:
                if series.has_negative:
                    return
                above = max(above, -1)
                sum_below = min(sum_below, dial.floor + dial.running.before)
            elif dial.sample_sign > 0:
                below = min(below, dial.floor)
            elif dial.sample_sign < 0:
                above = max(above, -dial.floor)
            else:
                return
        self.above, self.below, self.sum_below = above, below, sum_below
