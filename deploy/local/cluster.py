"""
The distributed mode on this one machine, to try it out: `make cluster` and `make cluster-down`.

One process keeps all the others: a service that dies is started again after a while, as a server's
supervisor would, but late enough to see another worker take over first.

usage: python -m deploy.local.cluster up|down|keep [--pack PACK] [--nodes 1]
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from deploy.local import services
from deploy.local.kafka_cluster import KafkaCluster
from deploy.local.missing import MissingServerError
from deploy.local.prometheus import Prometheus
from deploy.local.redis_server import RedisServer
from deploy.local.server_process import ServerError
from deploy.local.services import Ground, Service
from services.dispatcher.entrypoints.district_door import base_url_of
from services.district.domain.pack import Pack
from services.district.load import load_pack

ROOT = Path(__file__).parents[2]
PACK = ROOT / "deploy" / "districts" / "demo"
FOLDER = ROOT / ".cluster"
STATE, TOLD = "cluster.json", "cluster.log"
PHONES, CONSOLE, INGEST, DISPATCHERS, CORRELATORS = 8089, 8080, 8081, (8091, 8092), (8093, 8094)
FROM, ACCOUNT = "+861000000000", f"AC{1:032}"
_STARTED_AGAIN_AFTER_S = 20.0
_UP_WITHIN_S = 240.0
_DOWN_WITHIN_S = 60.0
_LOOKS_EVERY_S = 0.5


def say(line: str) -> None:
    """Tell whoever started it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Keeper:
    """Starts everything, and keeps it until it is told to stop."""

    def __init__(self, pack: Path, nodes: int) -> None:
        self._pack = pack
        self._nodes = nodes
        self._stop = threading.Event()
        self._services: list[Service] = []

    def run(self) -> None:
        """Keep everything until SIGTERM."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        with ExitStack() as stack:
            self._start(stack)
            self._write(ready=True)
            say("ready")
            while not self._stop.wait(_LOOKS_EVERY_S):
                self._look_after()

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _start(self, stack: ExitStack) -> None:
        kafka = KafkaCluster(FOLDER / "kafka", self._nodes, say)
        redis = RedisServer(FOLDER / "redis", say)
        for server in (kafka, redis):
            stack.callback(server.stop)
            server.start()
        pack = load_pack(self._pack)
        ground = Ground(
            FOLDER,
            (self._pack,),
            kafka.bootstrap_servers,
            redis.url,
            carrier=f"http://127.0.0.1:{PHONES}",
            account=ACCOUNT,
            from_number=FROM,
            token=secrets.token_hex(16),
            stations=_shared_with_stations(pack),
        )
        subprocess.run(
            [services.JIAOYING, "topics", "--apply"],
            env=ground.environment,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        door = base_url_of(f"http://127.0.0.1:{DISPATCHERS[0]}", pack.rules.district)
        wanted = [
            services.phones(ground, PHONES, door),
            services.ingest(ground, INGEST),
            *(services.correlator(ground, port, nth) for nth, port in enumerate(CORRELATORS, 1)),
            *(services.dispatcher(ground, port, nth) for nth, port in enumerate(DISPATCHERS, 1)),
            services.console(ground, CONSOLE),
        ]
        for service in wanted:
            stack.callback(service.process.stop)
            say(f"{service.name}: starting at {service.url}, log {service.process.log}")
            service.process.launch()
            self._services.append(service)
        for service in wanted:
            service.process.wait()
            self._write(ready=False)
        self._watch(stack)

    def _watch(self, stack: ExitStack) -> None:
        try:
            prometheus = Prometheus(
                FOLDER / "prometheus", [one.port for one in self._services], say
            )
        except MissingServerError as error:
            say(f"no Prometheus: {error}")
            return
        stack.callback(prometheus.process.stop)
        prometheus.start()

    def _look_after(self) -> None:
        for service in self._services:
            if service.process.pid is None:
                say(f"{service.name}: died; it is started again in {_STARTED_AGAIN_AFTER_S:.0f} s")
                if self._stop.wait(_STARTED_AGAIN_AFTER_S):
                    return
                service.process.launch()
                self._write(ready=True)

    def _write(self, *, ready: bool) -> None:
        state = {
            "keeper": os.getpid(),
            "ready": ready,
            "services": {
                one.name: {"pid": one.process.pid, "url": one.url} for one in self._services
            },
        }
        draft = FOLDER / f"{STATE}.draft"
        draft.write_text(json.dumps(state, indent=1), encoding="utf-8")
        draft.replace(FOLDER / STATE)


def _shared_with_stations(pack: Pack) -> Path | None:
    """Write a secret for each loudspeaker and screen of *pack*, for them and for the dispatchers."""
    if not pack.stations:
        return None
    file = FOLDER / "stations.yaml"
    file.touch(0o600)
    shared = {station.station_id: secrets.token_hex(16) for station in pack.stations}
    file.write_text(json.dumps(shared), encoding="utf-8")  # JSON is YAML too
    return file


def up(pack: Path, nodes: int) -> int:
    """Start everything in the background, tell how far it is, and return when it is ready."""
    if (known := _keeper()) is not None:
        say(f"it runs already (process {known}); 'make cluster-down' ends it")
        return 0
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / STATE).unlink(missing_ok=True)
    log = FOLDER / TOLD
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [
                *(sys.executable, "-m", "deploy.local.cluster", "keep"),
                *("--pack", str(pack), "--nodes", str(nodes)),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    shown, deadline = 0, time.monotonic() + _UP_WITHIN_S
    while True:
        told = log.read_text(encoding="utf-8", errors="replace")
        end = told.rfind("\n") + 1
        sys.stdout.write(told[shown:end])
        sys.stdout.flush()
        shown = max(shown, end)
        if _is_ready():
            break
        if keeper.poll() is not None or time.monotonic() > deadline:
            say(f"it did not start; {log} says more")
            keeper.terminate()
            return 1
        time.sleep(_LOOKS_EVERY_S)
    say(
        f"\n叫应 一区多机形态 the distributed mode is running\n"
        f"  一张图 board               http://127.0.0.1:{CONSOLE}/board\n"
        f"  练习电话 practice phones   http://127.0.0.1:{PHONES}/phones\n"
        f"  数据入口 intake            http://127.0.0.1:{INGEST}/v1/readings\n"
        f"  进程 processes             {FOLDER / STATE}\n"
        f"  结束 to end                make cluster-down"
    )
    return 0


def down() -> int:
    """End everything, and return when it is gone. What it stored stays."""
    keeper = _keeper()
    if keeper is None:
        say("it does not run")
        return 0
    say(f"ending process {keeper} and all that it keeps; their data stays in {FOLDER}")
    os.kill(keeper, signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_WITHIN_S
    while _is_alive(keeper):
        if time.monotonic() > deadline:
            say(f"process {keeper} does not end; {FOLDER / TOLD} says more")
            return 1
        time.sleep(_LOOKS_EVERY_S)
    say("ended")
    return 0


def _state() -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads((FOLDER / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _is_ready() -> bool:
    return bool(_state().get("ready"))


def _keeper() -> int | None:
    known = _state().get("keeper")
    return known if isinstance(known, int) and _is_alive(known) else None


def _is_alive(pid: int) -> bool:
    # A number may have gone to another process since: only a keeper is one.
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"deploy.local.cluster" in words


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as the command line says."""
    parser = argparse.ArgumentParser(prog="cluster", description=__doc__)
    parser.add_argument("what", choices=("up", "down", "keep"))
    parser.add_argument("--pack", type=Path, default=PACK)
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="Kafka's")
    given = parser.parse_args(arguments)
    if given.what == "down":
        return down()
    if given.what == "up":
        return up(given.pack, given.nodes)
    try:
        Keeper(given.pack, given.nodes).run()
    except (ServerError, MissingServerError, subprocess.CalledProcessError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
