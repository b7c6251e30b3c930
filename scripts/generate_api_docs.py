"""
Writes what other systems build against: `docs/api/openapi.json` and `docs/api/asyncapi.json`.

With --check nothing is written: the exit code is 1 when a file there is not what it would be.
"""

import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from schemas.topics import TOPICS
from services.demo.network import FROM
from services.demo.stage import PACK
from services.district.load import load_pack
from services.runtime.clock import RealClock
from services.runtime.logs import configure_logs
from services.system.settings import Around, CarrierSettings, SystemSettings
from services.system.together import open_system

FOLDER = Path(__file__).parents[1] / "docs" / "api"
_SCHEMAS = Path(__file__).parents[1] / "schemas" / "json"


def documents() -> dict[str, str]:
    """Return the text of each file in `docs/api/`, by its name."""
    return {"openapi.json": _text(asyncio.run(_openapi())), "asyncapi.json": _text(_asyncapi())}


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the names of the files in *folder* that are missing or out of date."""
    wanted = documents()
    return [
        name
        for name, text in wanted.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


async def _openapi() -> dict[str, Any]:
    """Return what a running system says of itself: what is documented is what is mounted."""
    apps: list[FastAPI] = []
    with tempfile.TemporaryDirectory() as data:
        carrier = CarrierSettings("AC" + "0" * 32, "0" * 32, FROM, "http://127.0.0.1:9")
        settings = SystemSettings(PACK, Path(data), (carrier,), ticks=False)
        system = await open_system(load_pack(PACK), settings, RealClock(), Around(app=apps.append))
        try:
            return apps[0].openapi()
        finally:
            await system.lifecycle.unwind()


def _asyncapi() -> dict[str, Any]:
    """Return the topics as AsyncAPI 3.0; the messages are the schemas in `schemas/json/`."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for topic, about in TOPICS.items():
        name = topic.value
        schema = json.loads((_SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        channels[name] = {
            "address": name,
            "description": about.holds,
            "messages": {
                "record": {
                    "contentType": "application/json",
                    "description": "Canonical JSON; the key is the district's six digits. The "
                    "schema is what this version writes: a reader passes over fields that it does "
                    "not know.",
                    "payload": {
                        "schemaFormat": "application/schema+json;version=draft-2020-12",
                        "schema": schema,
                    },
                }
            },
        }
        operations[f"read-{name}"] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{name}"},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jiaoying 叫应: topics",
            "version": "1",
            "description": "One ordered log per topic and district.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or with --check tell which of them are out of date."""
    configure_logs(logging.ERROR)
    if "--check" in arguments:
        names = stale()
        for name in names:
            print(f"docs/api/{name} is not what the system says: run 'make schemas'")
        return 1 if names else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
