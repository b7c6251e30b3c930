"""The records of the first release, as the bytes that it wrote (see the README beside them)."""

from pathlib import Path

from schemas.topics import Topic

FOLDER = Path(__file__).parents[2] / "data" / "first_release"


def records(topic: Topic) -> list[bytes]:
    """Return the records of *topic*, in their order."""
    return (FOLDER / f"{topic.value}.ndjson").read_bytes().splitlines()
