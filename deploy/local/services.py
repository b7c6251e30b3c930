"""The services of the distributed mode on one machine: what starts each, and where it answers."""

import http.client
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.server_process import ServerProcess

JIAOYING = Path(sys.executable).with_name("jiaoying")
TOKEN = "JIAOYING_CARRIER_TOKEN"  # noqa: S105 - the name of a variable, not a secret
_ANSWERS_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What all services of an installation share. *folder* holds their data and their logs."""

    folder: Path
    packs: Sequence[Path]
    kafka: str
    redis: str
    carrier: str
    """The carrier's API."""
    account: str
    from_number: str
    token: str = field(repr=False)
    door: str = ""
    """All dispatchers as the carrier reaches them; "": each at its own door."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the environment."""
    stations: Path | None = None
    """The file of the secrets that we share with loudspeakers and screens."""

    @property
    def environment(self) -> dict[str, str]:
        """What every service finds in its environment."""
        return {
            **os.environ,
            "JIAOYING_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "JIAOYING_REDIS_URL": self.redis,
            TOKEN: self.token,
            **self.settings,
        }


class Service:
    """One service as a process; *name* is that of its folder, *port* that of its door."""

    def __init__(
        self, ground: Ground, name: str, port: int, command: Sequence[str], ready: str = "/readyz"
    ) -> None:
        self.name = name
        self.port = port
        self._ready = ready
        folder = ground.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        self.process = ServerProcess(
            [str(JIAOYING), *command], folder, self.is_ready, ground.environment
        )

    @property
    def url(self) -> str:
        """Where its door is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return once it is ready."""
        self.process.launch()
        self.process.wait()

    def is_ready(self) -> bool:
        """Whether its door says so."""
        return answers(self.port, self._ready)


def answers(port: int, path: str) -> bool:
    """Whether the door at *port* answers a request for *path* with 200."""
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN_S)
    try:
        door.request("GET", path)
        return door.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()


def ingest(ground: Ground, port: int, number: int = 1) -> Service:
    """Return a process that takes what comes in to the first pack's district."""
    return _serve(ground, "ingest", port, number, _first(ground))


def correlator(ground: Ground, port: int, number: int = 1) -> Service:
    """Return a worker that decides."""
    return _serve(ground, "correlator", port, number, _all(ground))


def console(ground: Ground, port: int, number: int = 1) -> Service:
    """Return a process with the pages of the first pack's district."""
    return _serve(ground, "console", port, number, _first(ground))


def dispatcher(ground: Ground, port: int, number: int = 1) -> Service:
    """Return a worker that calls. All of an installation have one folder of secrets."""
    carrier = [
        *("--carrier-url", ground.carrier, "--carrier-account", ground.account),
        *("--carrier-from", ground.from_number),
        *(("--public-url", ground.door) if ground.door else ()),
        *("--secrets", str(ground.folder / "secrets")),
        *_all(ground),
        *_stations(ground),
    ]
    return _serve(ground, "dispatcher", port, number, carrier)


def phones(ground: Ground, port: int, door: str) -> Service:
    """Return the practice network; *door* is told of whoever rings or writes back."""
    command = ["phones", "--port", str(port), "--door", door, *_first(ground), *_stations(ground)]
    return Service(ground, "phones", port, command, "/phones")


def _stations(ground: Ground) -> list[str]:
    return [] if ground.stations is None else ["--station-secrets", str(ground.stations)]


def _all(ground: Ground) -> list[str]:
    return [word for pack in ground.packs for word in ("--pack", str(pack))]


def _first(ground: Ground) -> list[str]:
    return ["--pack", str(ground.packs[0])]


def _serve(ground: Ground, name: str, port: int, number: int, more: Sequence[str]) -> Service:
    own = f"{name}-{number}"
    data = ["--data", str(ground.folder / own / "data"), "--port", str(port)]
    return Service(ground, own, port, ["serve", name, *data, *more])
