"""What the garbage collector need not look at."""

import gc

_YOUNG = 10_000  # net new objects before the young are searched; the default is 700


def settle_memory() -> None:
    """
    Take what was loaded up to now out of every later search for garbage; called once, after start.

    The modules and the pack are hundreds of thousands of objects that live as long as the
    process. A full search walks through all of them and holds up the loop by 90 to 270 ms, which
    is longer than anybody may wait for a call. What comes later is still searched, more rarely.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)
