"""Where a worker among several keeps the anchors of the districts that come to it."""

from pathlib import Path

from services.dispatcher.main import AnchorSettings, DispatcherSettings
from services.dispatcher.owner import anchors_of

DATA, SECRETS = Path("/var/lib/worker"), Path("/run/secrets")


def test_each_district_has_a_file_with_the_workers_own_state_not_among_the_secrets() -> None:
    settings = DispatcherSettings(DATA, secrets=SECRETS)

    files = [anchors_of(district, settings).file for district in ("500108", "500106")]

    assert files == [DATA / "anchors-500108.ndjson", DATA / "anchors-500106.ndjson"]
    assert settings.secrets_folder == SECRETS


def test_a_file_that_is_named_gives_each_districts_its_place_and_its_name() -> None:
    named = AnchorSettings(Path("/mnt/anchors/anchors.ndjson"), "https://watch.example", "t")

    found = anchors_of("500108", DispatcherSettings(DATA, named, secrets=SECRETS))

    assert found.file == Path("/mnt/anchors/anchors-500108.ndjson")
    assert (found.url, found.token) == (named.url, named.token)


def test_whoever_works_alone_keeps_secrets_with_its_state() -> None:
    assert DispatcherSettings(DATA).secrets_folder == DATA
