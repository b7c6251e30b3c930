"""Whatever comes in: an answer and never a crash, the same once, and exact amounts."""

import asyncio
import contextlib
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.deadletter import RefusalReason
from schemas.metric import FACTS, Metric
from schemas.place import Place
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.ingest.adapters.word_tables import load_hazard_words
from services.ingest.domain.chinese_warning import entries, read_warning
from services.ingest.domain.errors import Admission, RefusedError
from services.ingest.domain.place_names import PlaceNames
from services.ingest.domain.shapes.fields import Reader
from services.ingest.domain.units import factor, to_thousandths, written_thousandths
from services.runtime.bus import Stored
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from tests.unit.ingest.collected_data import BEIJING
from tests.unit.ingest.small_district import DISTRICT, PLACES, START, Answer, Door, door

_WORDS = load_hazard_words()
_POSTS = (
    ("/v1/readings", "sensors"),
    ("/v1/warnings", "office"),
    ("/v1/tips", "hotline"),
)
_TYPES = ("application/json", "application/x-ndjson", "application/cap+xml")
_REASONS = {reason.value for reason in RefusalReason} | {reason.value for reason in Admission}
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = st.sampled_from(
    [
        "sensor_id",
        "metric",
        "value",
        "unit",
        "occurred_at",
        "datum",
        "quality",
        "text",
        "tip_id",
        "place",
        "code",
        "lat",
        "lon",
        "caller",
        "status",
        "alert",
        "info",
        "identifier",
        "headline",
        "sendTime",
        "references",
        "msgType",
        "eventTypeCN",
        "signaltype",
        "title",
        "data",
        "list",
        "alertid",
        "issuetime",
        "pic",
        "pubtimestamp",
        "alertId",
        "issuedTime",
        "senderName",
        "eventCodes",
        "SIGNALTYPE",
        "ISSUETIME",
        "w5",
        "w8",
        "w13",
        "type_name",
        "detail",
        "update_time",
        "channelname",
        "cttime",
        "effective",
        "type",
    ]
)
_VALUES = _JSON | st.sampled_from(
    [
        "RG-1",
        "ST-1",
        "rain",
        "stage",
        "mm",
        "m",
        "2026-07-16T11:55:00Z",
        "9999-12-31T23:59:59-14:00",
        "南岸区气象台发布暴雨橙色预警信号",
        "解除雷电预警",
        "26日14时30分发布大风蓝色预警",
        "p0002002",
        "500108006000",
        "\x00",
        0.1,
        10**40,
        -(10**18),
        1e308,
    ]
)
_KNOWN = st.dictionaries(_FIELDS, _VALUES, min_size=1, max_size=8)


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return repr(value).encode("utf-8", "replace")


_BODIES = st.binary(max_size=200) | (_JSON | _KNOWN | st.lists(_KNOWN, max_size=3)).map(_dumped)


async def _post_all(posts: list[tuple[tuple[str, str], str, bytes]]) -> list[Answer]:
    with tempfile.TemporaryDirectory() as folder:
        clock = SteppingClock(START)
        bus = await EmbeddedBus.open(Path(folder) / "bus", clock, ballast_bytes=4096)
        opened: Door = await door(bus, clock, Path(folder) / "vault")
        answers = [await opened.post(path, body, key, type_) for (path, key), type_, body in posts]
        opened.ingest.close()
        await bus.close()
        return answers


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_POSTS), st.sampled_from(_TYPES), _BODIES), max_size=12))
def test_invariant_15_bad_input_gets_a_clear_answer(
    posts: list[tuple[tuple[str, str], str, bytes]],
) -> None:
    """Whatever bytes a sender sends, he is told what was wrong with them and never "error 500"."""
    for answer in asyncio.run(_post_all(posts)):
        assert answer.status in {202, 400, 403, 413, 415, 422}
        if answer.status != 202:
            assert answer.json["reason"] in _REASONS


_READING = st.fixed_dictionaries(
    {
        "sensor_id": st.sampled_from(["RG-1", "RG-2"]),
        "metric": st.just("rain"),
        "value": st.integers(0, 300).map(lambda tenths: tenths / 10),
        "unit": st.just("mm"),
        "occurred_at": st.integers(0, 6).map(
            lambda step: (START - timedelta(minutes=5 * step)).isoformat()
        ),
    }
)


_OFFSETS = st.sampled_from(["+00:00", "+08:00", "-03:30"])
_INSTANTS = st.builds(
    lambda at, micros, offset: f"2026-07-{at}{micros}{offset}",
    st.sampled_from(["16T11:59:59", "16T19:55:00", "17T00:00:00", "15T08:30:07"]),
    st.sampled_from(["", ".5", ".000001", ".120000"]),
    _OFFSETS,
)
_ANY_READING = st.fixed_dictionaries(
    {
        "value": st.integers(-3, 9000) | st.floats(-50, 900, allow_nan=False),
        "occurred_at": _INSTANTS,
    }
).flatmap(
    lambda said: st.sampled_from(
        [
            {**said, "sensor_id": "RG-1", "metric": "rain", "unit": "mm"},
            {**said, "sensor_id": "RG-2", "metric": "rain", "unit": "in", "quality": "doubtful"},
            {**said, "sensor_id": "GL-77", "metric": "methane", "unit": "ppm"},
            {**said, "sensor_id": "ST-1", "metric": "stage", "unit": "ft", "datum": "huanghai"},
            {**said, "sensor_id": "RG-1", "metric": "rain", "unit": "mm", "status": "Exercise"},
            {
                **said,
                "sensor_id": "ST-1",
                "metric": "stage_forecast",
                "unit": "m",
                "valid_at": "2026-07-17T00:00:00.25+08:00",
            },
        ]
    )
)


@settings(max_examples=30, deadline=None)
@given(st.lists(_READING, min_size=1, max_size=8))
def test_a_body_posted_twice_equals_once(readings: list[dict[str, Any]]) -> None:
    """A sender that lost our answer may send all again, and no rain falls twice."""
    newest = {(r["sensor_id"], r["occurred_at"]): r for r in readings}
    post = (_POSTS[0], _TYPES[0], orjson.dumps(list(newest.values())))

    first, second = asyncio.run(_post_all([post, post]))

    assert (first.json["accepted"], first.json["duplicates"]) == (len(newest), 0)
    assert (second.json["accepted"], second.json["duplicates"]) == (0, len(newest))


@given(
    st.floats(-2e9, 2e9)
    | st.integers(-(10**13), 10**13).map(lambda thousandths: thousandths / 1000)
)
def test_the_thousandths_read_off_a_number_are_those_of_its_decimal(raw: float) -> None:
    """No shortcut on the way from what a sensor wrote to what a threshold is compared with."""
    found = written_thousandths(raw)

    assert found is None or found == to_thousandths(Decimal(repr(raw)), Fraction(1))
    if abs(raw) < 1e9 and round(raw, 3) == raw:
        assert found is not None


async def _stored(body: bytes) -> list[Stored]:
    with tempfile.TemporaryDirectory() as folder:
        clock = SteppingClock(START)
        bus = await EmbeddedBus.open(Path(folder) / "bus", clock, ballast_bytes=4096)
        await bus.end(Topic.EVENTS, DISTRICT)  # from now on, as if somebody followed
        opened: Door = await door(bus, clock, Path(folder) / "vault")
        (path, key), type_ = _POSTS[0], _TYPES[0]
        await opened.post(path, body, key, type_)
        stored = list(await bus.read(Topic.EVENTS, DISTRICT, 0))
        opened.ingest.close()
        await bus.close()
        return stored


@settings(max_examples=30, deadline=None)
@given(st.lists(_ANY_READING, min_size=1, max_size=8))
def test_what_is_handed_on_is_what_the_bytes_say(readings: list[dict[str, Any]]) -> None:
    """Who decides in the same process decides by the very record that a replay decodes."""
    for stored in asyncio.run(_stored(orjson.dumps(readings))):
        decoded = decode(Topic.EVENTS, stored.data)
        assert stored.record == decoded
        assert stored.data == encode(decoded)


@given(
    st.sampled_from(list(Metric)),
    st.decimals(-(10**6), 10**6, places=4, allow_nan=False, allow_infinity=False),
)
def test_a_value_in_its_own_unit_is_kept_to_the_thousandth(metric: Metric, value: Decimal) -> None:
    """No threshold is missed by a conversion: the error is at most half a thousandth."""
    per_unit = factor(metric, FACTS[metric].unit)
    assert per_unit is not None

    kept = to_thousandths(value, per_unit)

    assert kept is not None
    assert abs(Fraction(kept, 1000) - Fraction(value)) <= Fraction(1, 2000)


@given(st.integers(-(10**6), 10**6), st.sampled_from(["ft", "cm", "mm", "m"]))
def test_a_stage_goes_to_another_unit_and_back(thousandths: int, unit: str) -> None:
    """A gauge that reports in feet reads the same as one that reports in metres."""
    per_unit = factor(Metric.STAGE, unit)
    assert per_unit is not None
    there = Fraction(thousandths, 1000) / per_unit
    as_sent = Decimal(there.numerator) / Decimal(there.denominator)

    assert to_thousandths(as_sent, per_unit) == thousandths


@given(_JSON | _KNOWN)
def test_any_json_is_a_warning_or_refused(value: Any) -> None:
    """A provider that changes its shape overnight gets reasons, and the process goes on."""
    reader = Reader(_WORDS, BEIJING, datetime(2026, 7, 16, tzinfo=UTC))

    for entry in entries(value):
        with contextlib.suppress(RefusedError):
            read = read_warning(entry, "", reader)
            assert read.identifier


@given(st.sampled_from(PLACES), st.text(max_size=6), st.text(max_size=6))
def test_a_place_found_is_one_whose_name_was_said(place: Place, before: str, after: str) -> None:
    """Nobody is sent to a village that the caller did not name."""
    found = PlaceNames(PLACES).find(f"{before}{place.name}{after}")

    named = {found.place.code} if found.place else {one.code for one in found.candidates}
    assert place.code in named or place.code == "500108000000"
