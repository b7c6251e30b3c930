"""A recorded log folded again."""

from pathlib import Path

from schemas.level import Level
from schemas.wire import encode
from services.correlator.entrypoints.replay import replay, replay_file
from tests.builders import DISTRICT, a_pack, rain_rule
from tests.district_log import Log


def a_log() -> Log:
    log = Log(a_pack(rain_rule(Level.IV, 30)))
    log.series([(5.0 * at, 9.0) for at in range(1, 6)])
    return log


def test_a_file_with_one_record_a_line_gives_its_decisions(tmp_path: Path) -> None:
    log = a_log()
    path = tmp_path / "log.ndjson"
    path.write_bytes(b"not a record\n" + b"".join(encode(at) + b"\n" for at in log.events))

    assert replay_file(path) == b"".join(encode(at) + b"\n" for at in log.decisions)


def test_a_file_without_any_record_has_no_decisions(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    path.write_bytes(b"nothing\n[1]\n\n")

    assert replay_file(path) == b""


def test_what_cannot_be_read_is_passed_over() -> None:
    log = a_log()
    records = [encode(at) for at in log.events]

    decided = list(replay([b"?", *records], DISTRICT))

    assert decided == [encode(at) for at in log.decisions]
