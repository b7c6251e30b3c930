import hashlib
from pathlib import Path

import pytest

from deploy.local import kafka_jars
from deploy.local.missing import MissingServerError

JAR = b"what the sums were made of"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds one jar, and the sums that name it; `java` is on PATH, `mvn` is not."""
    sums = tmp_path / "jars.sha256"
    sums.write_text(f"{hashlib.sha256(JAR).hexdigest()}  kafka_2.13-9.9.9.jar\n")
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "java").touch(mode=0o755)
    home = tmp_path / "cache" / "jiaoying" / "kafka-9.9.9"
    home.mkdir(parents=True)
    (home / "kafka_2.13-9.9.9.jar").write_bytes(JAR)
    monkeypatch.setattr(kafka_jars, "SUMS", sums)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(commands))
    return home


def test_jars_in_the_cache_need_no_maven(cache: Path) -> None:
    assert kafka_jars.kafka_jars() == cache


def test_a_jar_with_another_hash_is_not_used(cache: Path) -> None:
    (cache / "kafka_2.13-9.9.9.jar").write_bytes(b"something else")

    with pytest.raises(
        MissingServerError, match=r"not what jars\.sha256 says: kafka_2\.13-9\.9\.9"
    ):
        kafka_jars.kafka_jars()


def test_a_jar_that_nobody_named_is_not_used(cache: Path) -> None:
    (cache / "further.jar").write_bytes(b"on the class path")

    with pytest.raises(MissingServerError, match=r"further\.jar"):
        kafka_jars.kafka_jars()


def test_without_maven_and_without_jars_one_is_told_what_to_install(cache: Path) -> None:
    (cache / "kafka_2.13-9.9.9.jar").unlink()
    cache.rmdir()

    with pytest.raises(MissingServerError, match="no mvn"):
        kafka_jars.kafka_jars()
