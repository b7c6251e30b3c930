"""What can happen in a district, as Hypothesis strategies: steps that a `Log` writes down."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from schemas.act import LevelConfirmed, LevelLowered, LevelRaised
from schemas.cap import MsgType, Status
from schemas.event import Quality
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from tests.builders import GNSS, RAIN, RAIN_2, SLOPE, TOWN
from tests.district_log import Log

LEVELS = st.sampled_from(list(Level))


@dataclass(frozen=True)
class Step:
    """*after* minutes pass, then one thing happens; *late* is how old it is by then."""

    after: int
    kind: str
    amount: int = 0
    late: int = 0
    number: int = 0
    level: Level = Level.III
    status: Status = Status.ACTUAL


def _rain(log: Log, step: Step, minute: int) -> None:
    sensor_id = RAIN if step.number % 2 else RAIN_2
    at = minute - step.late
    log.read(at, step.amount, sensor_id, accepted=minute, status=step.status)


def _movement(log: Log, step: Step, minute: int) -> None:
    log.read(
        minute - step.late,
        step.amount,
        GNSS,
        Metric.GNSS_RATE,
        accepted=minute,
        status=step.status,
    )


def _doubtful(log: Log, step: Step, minute: int) -> None:
    log.read(minute, step.amount, quality=(Quality.IMPLAUSIBLE_STEP,), status=step.status)


def _tip(log: Log, step: Step, minute: int) -> None:
    caller = f"K{step.number % 3}"
    if step.status is Status.ACTUAL:
        log.tip(minute - step.late, caller, Hazard.LANDSLIDE, metres_north=0, accepted=minute)


def _warning(log: Log, step: Step, minute: int) -> None:
    identifier = f"{step.status.value}-{len(log.events)}"
    log.publish(minute, step.level, identifier=identifier, expires=minute + 90, status=step.status)


def _cancel(log: Log, step: Step, minute: int) -> None:
    log.publish(
        minute,
        None,
        identifier=f"{step.status.value}-{len(log.events)}",
        msg_type=MsgType.CANCEL,
        status=step.status,
    )


def _raise(log: Log, step: Step, minute: int) -> None:
    body = LevelRaised(place=TOWN, hazard=Hazard.RAINSTORM, level=step.level, why="")
    log.act(minute, body, status=step.status)


def _lower(log: Log, step: Step, minute: int) -> None:
    place, hazard = (TOWN, Hazard.RAINSTORM) if step.number % 2 else (SLOPE, Hazard.LANDSLIDE)
    to = Level(step.level - 1) if step.level > Level.IV else None
    body = LevelLowered(place=place, hazard=hazard, level=to, why="", consultation="C")
    log.act(minute, body, status=step.status)


def _confirm(log: Log, step: Step, minute: int) -> None:
    body = LevelConfirmed(place=TOWN, hazard=Hazard.RAINSTORM, level=step.level)
    log.act(minute, body, status=step.status)


WRITERS: dict[str, Callable[[Log, Step, int], None]] = {
    "rain": _rain,
    "movement": _movement,
    "doubtful": _doubtful,
    "tip": _tip,
    "warning": _warning,
    "cancel": _cancel,
    "raise": _raise,
    "lower": _lower,
    "confirm": _confirm,
}
MEASURED = ("rain", "rain", "rain", "movement")
EVIDENCE = (*MEASURED, "tip")
EVERYTHING = (*MEASURED, *WRITERS)


def steps(
    kinds: tuple[str, ...] = EVERYTHING, *, max_size: int = 40, max_after: int = 25
) -> st.SearchStrategy[list[Step]]:
    """A stretch of a district's life, in the order of acceptance."""
    one = st.builds(
        Step,
        after=st.integers(0, max_after),
        kind=st.sampled_from(kinds),
        amount=st.integers(0, 45),
        late=st.sampled_from([0, 0, 0, 0, 5, 20, 29, 40]),
        number=st.integers(0, 5),
        level=LEVELS,
    )
    return st.lists(one, min_size=1, max_size=max_size)


def write(log: Log, happened: list[Step], until: int = 0) -> Log:
    """Write *happened* into *log*, then let *until* minutes pass."""
    minute = 0
    for step in happened:
        minute += step.after
        WRITERS[step.kind](log, step, minute)
    log.tick(minute + until)
    return log


def as_exercise(happened: list[Step]) -> list[Step]:
    """The same under status Exercise."""
    return [replace(step, status=Status.EXERCISE) for step in happened]
