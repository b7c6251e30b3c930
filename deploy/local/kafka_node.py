"""One Kafka node of a cluster on this machine, a broker and a controller in one (KRaft)."""

import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.kafka_jars import HERE
from deploy.local.server_process import ServerError, ServerProcess

# A client compiler's code is as quick as a test needs, and there at once; one collector thread
# leaves the other core to who is tested.
_JAVA = ("java", "-Xms128m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@dataclass(frozen=True, slots=True)
class NodePlace:
    """A node's number from 1 on, and its two ports of loopback."""

    number: int
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self.port}"

    @property
    def controller_address(self) -> str:
        """Where the other nodes' controllers find it."""
        return f"127.0.0.1:{self.controller_port}"


class KafkaNode:
    """
    One node with its data in *folder*, at *place*; *settings* are what its cluster shares, *options*
    what else Java is told.
    """

    def __init__(
        self,
        folder: Path,
        jars: Path,
        place: NodePlace,
        settings: Mapping[str, str],
        options: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.place = place
        self.folder = folder
        own = {
            "node.id": str(place.number),
            "listeners": f"PLAINTEXT://{place.address},CONTROLLER://{place.controller_address}",
            "log.dirs": str(folder / "data"),
        }
        self._properties = folder / "server.properties"
        self._properties.write_text(
            "".join(f"{name}={value}\n" for name, value in {**settings, **own}.items()),
            encoding="utf-8",
        )
        self._java = [
            *_JAVA,
            f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
            *("-cp", str(jars / "*")),
        ]
        self.process = ServerProcess(
            [*self._java, *options, "kafka.Kafka", str(self._properties)], folder, self._listens
        )

    def format(self, cluster_id: str) -> None:
        """Write the mark that Kafka asks for on an empty folder, or find it there."""
        tool = ["kafka.tools.StorageTool", "format", "--ignore-formatted"]
        done = subprocess.run(
            [*self._java, *tool, "-t", cluster_id, "-c", str(self._properties)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerError(f"{self.folder} cannot be formatted\n{done.stdout}{done.stderr}")

    def launch(self) -> None:
        """Start it on its data and ports, and return at once."""
        self.process.launch()

    def wait(self) -> None:
        """Return once it takes connections."""
        self.process.wait()

    def stop(self) -> None:
        """Let it hand over what it leads, and end."""
        self.process.stop()

    def kill(self) -> None:
        """End it at once; `launch` brings it back."""
        self.process.kill()

    def _listens(self) -> bool:
        # A broker opens its port when it has caught up with the cluster's metadata.
        try:
            socket.create_connection(("127.0.0.1", self.place.port), 1.0).close()
        except OSError:
            return False
        return True
