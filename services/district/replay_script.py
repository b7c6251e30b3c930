"""
A pack's `replay.yaml` as a list of steps: what is posted when, with all its times re-based to the
instant at which the script starts.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from pathlib import Path

from schemas.act import ActBody
from services.district.document import Document
from services.district.faults import Faults, PackError
from services.district.read_yaml import read_yaml
from services.district.replay_files import PostEntry, ReplayFile, SeriesEntry
from services.district.replay_series import Line, SeriesError, invented_lines, lines_of
from services.district.replay_times import fill_times
from services.district.salvage import read_sound_part

FILE = "replay.yaml"
_READINGS = "/v1/readings"
_NDJSON = "application/x-ndjson"
_LINES_PER_POST = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One request: *after* the start, to *path*, with the source key of that name."""

    after: timedelta
    path: str
    key: str
    media_type: str
    template: str
    zone: tzinfo
    line: int
    """Where `replay.yaml` asks for it."""

    def body(self, start: datetime) -> bytes:
        """Return the body as it is when the script starts at *start*."""
        return fill_times(self.template, start.astimezone(self.zone)).encode()


@dataclass(frozen=True, slots=True)
class ScriptedAct:
    """What *user* does *after* the start."""

    after: timedelta
    user: str
    body: ActBody
    line: int


@dataclass(frozen=True, slots=True)
class Feed:
    """A sensor that the script speaks for."""

    sensor: str
    line: int


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that comes, in order; *start* is the instant the script was written for."""

    start: datetime
    steps: tuple[Step, ...]
    acts: tuple[ScriptedAct, ...]
    feeds: tuple[Feed, ...]

    @property
    def length(self) -> timedelta:
        """How long after the start the last thing comes."""
        times = [step.after for step in self.steps] + [act.after for act in self.acts]
        return max(times, default=timedelta(0))


def load_script(folder: Path) -> Script:
    """Return the script of the pack in *folder*; PackError when it cannot be read."""
    faults = Faults()
    script = read_script(folder, faults)
    if faults or script is None:
        raise PackError(list(faults))
    return script


def read_script(folder: Path, faults: Faults) -> Script | None:
    """Return what is sound of the script in *folder*, after noting in *faults* what is not."""
    whole = read_yaml(folder, FILE, faults)
    read = None if whole is None else read_sound_part(whole, ReplayFile, faults)
    if read is None:
        return None
    document, file = read
    steps = _Steps(folder, document, file, faults).all()
    acts = (
        ScriptedAct(entry.after, entry.user, entry.act, document.line_of(("acts", nth)))
        for nth, entry in enumerate(file.acts)
    )
    return Script(
        file.start,
        tuple(sorted(steps, key=lambda step: step.after)),
        tuple(sorted(acts, key=lambda act: act.after)),
        tuple(_feeds(document, file)),
    )


def _feeds(document: Document, file: ReplayFile) -> Iterator[Feed]:
    for nth, series in enumerate(file.series):
        for at, column in enumerate(series.columns):
            path = ("series", nth, "columns", at)
            yield Feed(column.sensor, document.line_of(path))
    for nth, invented in enumerate(file.invented):
        for at, sensor in enumerate(invented.sensors):
            yield Feed(sensor, document.line_of(("invented", nth, "sensors", at)))


@dataclass(frozen=True, slots=True)
class _Steps:
    folder: Path
    document: Document
    file: ReplayFile
    faults: Faults

    def all(self) -> list[Step]:
        steps: list[Step] = []
        for nth, series in enumerate(self.file.series):
            try:
                lines = lines_of(series, self._rows(series))
                steps += self._readings(lines, self._line("series", nth))
            except (OSError, SeriesError) as error:
                self._fault("series", nth, error)
        made_up: list[Line] = []
        for nth, invented in enumerate(self.file.invented):
            try:
                made_up += invented_lines(invented)
            except ValueError as error:
                self._fault("invented", nth, error)
        made_up.sort(key=lambda reading: reading.after)
        steps += self._readings(made_up, self.document.line_of(("invented",)))
        for nth, entry in enumerate(self.file.posts):
            try:
                steps.append(self._post(entry, self._line("posts", nth)))
            except OSError as error:
                self._fault("posts", nth, error)
        return steps

    def _rows(self, series: SeriesEntry) -> list[dict[str, str]]:
        with (self.folder / series.file).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _line(self, part: str, nth: int) -> int:
        return self.document.line_of((part, nth))

    def _readings(self, lines: Iterable[Line], line: int) -> Iterator[Step]:
        """What was measured before the start comes at the start, in a few large bodies."""
        readings = list(lines)
        backlog = [reading for reading in readings if reading.after < timedelta(0)]
        for at in range(0, len(backlog), _LINES_PER_POST):
            yield self._step(timedelta(0), backlog[at : at + _LINES_PER_POST], line)
        for after, group in groupby(readings[len(backlog) :], key=lambda each: each.after):
            yield self._step(after, group, line)

    def _step(self, after: timedelta, readings: Iterable[Line], line: int) -> Step:
        template = "".join(f"{reading.text}\n" for reading in readings)
        return Step(after, _READINGS, self.file.key, _NDJSON, template, self._zone, line)

    def _post(self, entry: PostEntry, line: int) -> Step:
        if entry.file is not None:
            template = (self.folder / entry.file).read_text(encoding="utf-8")
        else:
            template = json.dumps(entry.json_body, ensure_ascii=False, default=float)
        return Step(
            entry.after, entry.path, entry.key, entry.media_type, template, self._zone, line
        )

    @property
    def _zone(self) -> tzinfo:
        zone = self.file.start.tzinfo
        if zone is None:
            raise TypeError("an aware start has a zone")
        return zone

    def _fault(self, part: str, nth: int, error: Exception) -> None:
        reason = f"no file {error.filename!r}" if isinstance(error, OSError) else str(error)
        self.document.fault(self.faults, (part, nth), reason)
