"""
A night in the three towns, lived through in seconds by a system that is killed on the way.

What is not killed is here: the telephone network with its people, and a source that says each
reading again until it has got its 202.
"""

import multiprocessing
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from services.district.load import load_pack
from services.phones.domain.account import Account, Tempo
from services.phones.domain.draw import seconds
from services.phones.domain.exchange import Exchange
from services.phones.entrypoints.server import PhoneServer
from services.phones.main import PhoneSettings, build_server
from services.runtime.clock import RealClock, ScaledClock
from services.system.settings import CarrierSettings, SystemSettings
from tests.resilience import doomed
from tests.resilience.doomed import Doom, Life

_TOWNS = Path(__file__).parents[1] / "data" / "three_towns"
_DEMO = Path(__file__).parents[2] / "deploy" / "districts" / "demo"
_TEXTS = (_DEMO / "templates.zh-CN.yaml", _DEMO / "approved_texts.yaml")
DISTRICT = "500199"
SPEED = 20.0
"""The reconcile window of 15 s, and every other span of the dispatcher, passes in a twentieth."""
GAUGES = ("RG-1", "RG-2", "RG-3")
RAIN_MM = (6, 6, 9)
"""Each brings a gauge to the next level: III at 5 mm, II at 10, I at 20."""
BETWEEN_READINGS = timedelta(seconds=2)

_ACCOUNT, _TOKEN, _FROM = "AC" + "0" * 31 + "2", "night", "+861000000000"
_TEMPO = Tempo(
    chars_per_s=40,
    between_keys=timedelta(milliseconds=100),
    text_sent_after=seconds(0.2, 0.5),
    text_ends_after=seconds(0.5, 1.5),
)
_PATIENCE = timedelta(minutes=20)  # of the night's own time: a minute of ours
_LOOK_EVERY = timedelta(milliseconds=500)
_ACCEPTED = 202

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([doomed.__name__])


@dataclass(frozen=True, slots=True)
class Said:
    """A reading of a gauge, as its source says it; exact in thousandths of a millimetre."""

    sensor_id: str
    millimetres: int
    occurred_at: str

    @property
    def body(self) -> dict[str, object]:
        return {
            "sensor_id": self.sensor_id,
            "metric": "rain",
            "value": self.millimetres,
            "unit": "mm",
            "occurred_at": self.occurred_at,
        }


@dataclass(slots=True)
class Night:
    """Everything that outlives a killed process."""

    life: Life
    clock: ScaledClock
    phones: PhoneServer
    session: ClientSession
    url: str
    accepted: list[Said] = field(default_factory=list)
    processes: list[ForkServerProcess] = field(default_factory=list)

    @property
    def exchange(self) -> Exchange:
        return self.phones.exchange

    @property
    def data(self) -> Path:
        return self.life.settings.data

    @property
    def process(self) -> ForkServerProcess:
        """The process alive now, or the last one that was."""
        return self.processes[-1]

    def start(self, doom: Doom | None = None) -> None:
        """Begin a life on what the last one left on disk, at the same address."""
        process = _FORKS.Process(target=doomed.live, args=(replace(self.life, doom=doom),))
        process.start()
        self.processes.append(process)

    async def until(self, happened: Callable[[], bool], what: str) -> None:
        """Return once *happened*; an error that says *what* was waited for when it never does."""
        give_up_at = self.clock.now() + _PATIENCE
        while not happened():
            assert self.clock.now() < give_up_at, f"waited in vain for {what}; see {self.life.log}"
            await self.clock.sleep_until(self.clock.now() + _LOOK_EVERY)

    async def death(self) -> None:
        """Return once the process is dead, and make sure that it was killed."""
        await self.until(lambda: not self.process.is_alive(), "the process to be killed")
        assert self.process.exitcode == -9

    async def end(self) -> None:
        """Stop the last process as an operator would; it ends cleanly."""
        assert self.process.is_alive()
        self.process.terminate()
        await self.until(lambda: not self.process.is_alive(), "the process to stop")
        assert self.process.exitcode == 0

    async def report_rain(self) -> None:
        """Say every reading of the night, one after the other, each until it is accepted."""
        for millimetres in RAIN_MM:
            for gauge in GAUGES:
                said = Said(gauge, millimetres, self.clock.now().isoformat())
                await self._say(said)
                self.accepted.append(said)
                await self.clock.sleep_until(self.clock.now() + BETWEEN_READINGS)

    async def _say(self, said: Said) -> None:
        while True:
            try:
                async with self.session.post(
                    f"{self.url}/v1/readings",
                    json=said.body,
                    headers={"Authorization": "Bearer rain"},
                ) as answer:
                    if answer.status == _ACCEPTED:
                        return
                    assert answer.status >= 500, await answer.text()
            except (ClientError, TimeoutError):
                pass  # it may have been accepted: whoever is not told says it again
            await self.clock.sleep_until(self.clock.now() + _LOOK_EVERY)


@asynccontextmanager
async def open_night(folder: Path, seed: str) -> AsyncIterator[Night]:
    """Set the stage in the empty *folder*; no process runs yet, and none is left at the end."""
    pack = folder / "pack"
    shutil.copytree(_TOWNS, pack)
    for texts in _TEXTS:
        shutil.copy(texts, pack)
    began_at = RealClock().now()
    clock = doomed.night_clock(began_at, SPEED)
    budget = load_pack(pack).policies.budget
    account = Account(_ACCOUNT, _TOKEN, starts_per_s=budget.starts_per_s, lines=budget.lines)
    settings = PhoneSettings((account,), seed, people_file=pack / "phones.yaml", tempo=_TEMPO)
    phones = build_server(settings, clock)
    await phones.start()
    # Bound and never listening, it keeps the port free of others while no process has it.
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    port = reserved.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    phones.exchange.point_account(
        _ACCOUNT, voice_url=f"{url}/twilio/voice/inbound", sms_url=f"{url}/twilio/sms"
    )
    carrier = CarrierSettings(_ACCOUNT, _TOKEN, _FROM, phones.base_url)
    life = Life(
        SystemSettings(pack, folder / "data", (carrier,), port=port),
        folder / "night.log",
        began_at,
        SPEED,
    )
    async with ClientSession(timeout=ClientTimeout(total=5)) as session:
        night = Night(life, clock, phones, session, url)
        try:
            yield night
        finally:
            for process in night.processes:
                process.kill()
                process.join()
                process.close()
            reserved.close()
            await phones.stop()
