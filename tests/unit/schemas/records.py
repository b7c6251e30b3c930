"""Records of every topic with anything at all in them, for tests of the wire."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from schemas import event
from schemas.area import Area, Geocode, Position
from schemas.cap import MsgType, Status
from schemas.deadletter import DeadLetter, RefusalReason
from schemas.decision import OrderChanged, ResponseChanged
from schemas.dispatch import Fact, LedgerRecord
from schemas.event import Quality, Reading, Readings, Tick, Tip, TipClass, WarningInfo
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.order import Order, OrderState
from schemas.reason import RaiseRule, Reason, ReasonCode
from schemas.record import Record
from schemas.role import Role
from schemas.topics import Topic

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any text that UTF-8 can hold."""

THOUSANDTHS = st.integers(-(2**53), 2**53)
OFFSETS = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3.5))])
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - the strategy adds the offset
SPANS = st.timedeltas(timedelta(0), timedelta(days=60))


def tuples(some: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few of *some*, as records hold them."""
    return st.lists(some, max_size=3).map(tuple)


def maybe(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of *some*, or nothing."""
    return st.none() | some


_RECORD = {"district": st.from_regex(r"[0-9]{6}", fullmatch=True)}
_STATUS = {"status": st.sampled_from(Status)}
EVENT = {**_RECORD, **_STATUS, "event_id": WORDS, "accepted_at": INSTANTS}

POSITIONS = st.builds(Position, lat=st.floats(-90, 90), lon=st.floats(-180, 180))
AREAS = st.builds(
    Area,
    area_desc=WORDS,
    polygons=tuples(tuples(POSITIONS)),
    circles=tuples(st.tuples(POSITIONS, st.floats(0, 1000))),
    geocodes=tuples(st.builds(Geocode, value_name=WORDS, value=WORDS)),
)
READINGS = st.builds(
    Reading,
    sensor_id=WORDS,
    metric=st.sampled_from(Metric),
    value=THOUSANDTHS,
    occurred_at=INSTANTS,
    datum=maybe(WORDS),
    valid_at=maybe(INSTANTS),
    quality=tuples(st.sampled_from(Quality)),
)
INFOS = st.builds(
    WarningInfo,
    event=WORDS,
    hazard=st.sampled_from(Hazard),
    warning_level=maybe(st.sampled_from(Level)),
    headline=WORDS,
    expires=maybe(INSTANTS),
    areas=tuples(AREAS),
    targets=tuples(WORDS),
)
REASONS = st.builds(
    Reason,
    code=st.sampled_from(ReasonCode),
    place=WORDS,
    level=maybe(st.sampled_from(Level)),
    rule_id=maybe(WORDS),
    raise_rule=maybe(st.sampled_from(RaiseRule)),
    threshold=maybe(THOUSANDTHS),
    observed=maybe(THOUSANDTHS),
    window=maybe(SPANS),
    event_ids=tuples(WORDS),
)
_DECISION = {
    **_RECORD,
    **_STATUS,
    "decision_id": WORDS,
    "decided_at": INSTANTS,
    "reasons": tuples(REASONS),
    "causes": tuples(WORDS),
}
ORDERS = st.builds(
    Order,
    order_id=WORDS,
    number=st.integers(1, 10_000),
    measure=st.sampled_from(Measure),
    place=WORDS,
    town=WORDS,
    hazard=st.sampled_from(Hazard),
    level=st.sampled_from(Level),
    target=WORDS,
    state=st.sampled_from(OrderState),
    confirm=maybe(st.sampled_from(Role)),
    proposed_at=INSTANTS,
    auto_at=maybe(INSTANTS),
    executors=tuples(st.sampled_from(Role)),
)
DETAILS = st.dictionaries(
    WORDS,
    st.recursive(
        st.booleans() | THOUSANDTHS | WORDS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)
"""What a ledger record may tell beside its fields. An absent value is left out, never null."""

RECORDS: dict[Topic, st.SearchStrategy[Record]] = {
    Topic.EVENTS: st.one_of(
        st.builds(Readings, **EVENT, source=WORDS, readings=tuples(READINGS)),
        st.builds(
            event.Warning,
            **EVENT,
            source=WORDS,
            identifier=WORDS,
            sender=WORDS,
            sent=INSTANTS,
            msg_type=st.sampled_from(MsgType),
            references=tuples(WORDS),
            infos=tuples(INFOS),
            original=WORDS,
        ),
        st.builds(
            Tip,
            **EVENT,
            source=WORDS,
            tip_id=WORDS,
            text=WORDS,
            occurred_at=INSTANTS,
            tip_class=st.sampled_from(TipClass),
            hazard=maybe(st.sampled_from(Hazard)),
            position=maybe(POSITIONS),
            caller=maybe(WORDS),
        ),
        st.builds(Tick, **EVENT),
    ),
    Topic.DECISIONS: st.one_of(
        st.builds(
            ResponseChanged,
            **_DECISION,
            place=WORDS,
            town=WORDS,
            hazard=st.sampled_from(Hazard),
            family=WORDS,
            warning_level=maybe(st.sampled_from(Level)),
            hazard_level=maybe(st.sampled_from(Level)),
            response_level=maybe(st.sampled_from(Level)),
            raises=tuples(st.sampled_from(RaiseRule)),
            confirmed=st.booleans(),
        ),
        st.builds(OrderChanged, **_DECISION, order=ORDERS),
    ),
    Topic.DISPATCH: st.builds(
        LedgerRecord,
        **_RECORD,
        **_STATUS,
        seq=st.integers(1, 10**9),
        at=INSTANTS,
        fact=st.sampled_from(Fact),
        callout_id=maybe(WORDS),
        detail=DETAILS,
        prev_hash=WORDS,
        hash=WORDS,
    ),
    Topic.DEAD_LETTERS: st.builds(
        DeadLetter,
        **_RECORD,
        letter_id=WORDS,
        refused_at=INSTANTS,
        stage=WORDS,
        reason=st.sampled_from(RefusalReason),
        original=WORDS,
    ),
}
"""What each topic holds."""

PLACED = st.sampled_from(Topic).flatmap(lambda topic: st.tuples(st.just(topic), RECORDS[topic]))
"""A record, and the topic it belongs to."""
