"""
Every request of the adapter against the carrier's own OpenAPI document: path, method, names, types,
enumerations, what is required; and the ranges that the document tells in words only.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from jsonschema import Draft202012Validator
from yarl import URL

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.telephony import TwilioTelephony
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.domain.script import Await, Script
from services.runtime.clock import SteppingClock

DATA = Path(__file__).parents[3] / "data" / "twilio"
START = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)
ACCOUNT, CALL, MESSAGE = "AC" + "0" * 32, "CA" + "1" * 32, "SM" + "2" * 32
SERVICE = "MG" + "3" * 32
FORM = "application/x-www-form-urlencoded"

RANGES = {"Timeout": (1, 600), "TimeLimit": (1, 14_400), "ValidityPeriod": (1, 36_000)}
LONGEST = {"Twiml": 4_000, "Body": 1_600}
EVENTS = {"initiated", "ringing", "answered", "completed"}
DETECTIONS = {"Enable", "DetectMessageEnd"}
"""From the descriptions in the document, which its schemas leave out."""


def document() -> dict[str, Any]:
    whole: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
    for name in ("calls", "messages"):
        part = json.loads((DATA / f"twilio_oai_v2010_{name}_subset.json").read_text())
        whole["paths"] |= part["paths"]
        whole["components"]["schemas"] |= part["components"]["schemas"]
    return whole


OAI = document()


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]


def typed(value: str, schema: dict[str, Any]) -> Any:
    is_number = schema.get("type") == "integer" and value.lstrip("-").isdigit()
    return int(value) if is_number else value


def faults(sent: Sent) -> list[str]:
    """Return what of *sent* the document does not permit."""
    operation, given = _operation(sent)
    found = _parameter_faults(operation, sent.query, "query")
    found += [
        f"path {name}: {error.message}"
        for name, value in given.items()
        for error in _errors(_schema_of(operation, name), value)
    ]
    body = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema")
    if body is None:
        return found + [f"a body: {name}" for name, _ in sent.form]
    return found + _form_faults(body, sent.form)


def _form_faults(body: dict[str, Any], form: list[tuple[str, str]]) -> list[str]:
    found = []
    together: dict[str, Any] = {}
    for name, text in form:
        schema = body["properties"].get(name)
        if schema is None:
            found.append(f"unknown parameter {name}")
        elif schema.get("type") == "array":
            together.setdefault(name, []).append(typed(text, schema["items"]))
        elif name in together:
            found.append(f"{name} twice")
        else:
            together[name] = typed(text, schema)
    found += [f"{name} is missing" for name in body.get("required", []) if name not in together]
    for name, value in together.items():
        if name in body["properties"]:
            found += [
                f"{name}: {error.message}" for error in _errors(body["properties"][name], value)
            ]
    return found + _told_in_words(together)


def _told_in_words(form: dict[str, Any]) -> list[str]:
    found = [
        f"{name} out of range"
        for name, (least, most) in RANGES.items()
        if isinstance(form.get(name), int) and not least <= form[name] <= most
    ]
    found += [
        f"{name} too long" for name, most in LONGEST.items() if len(form.get(name, "")) > most
    ]
    found += [
        f"no event {name}" for name in form.get("StatusCallbackEvent", []) if name not in EVENTS
    ]
    if form.get("MachineDetection", "Enable") not in DETECTIONS:
        found.append("MachineDetection is no detection")
    for name in ("Url", "StatusCallback", "FallbackUrl", "AsyncAmdStatusCallback"):
        if name in form and not (URL(form[name]).absolute and len(form[name]) <= 4_000):
            found.append(f"{name} is no URL")
    if "Method" in form and ("Url" in form) == ("Twiml" in form):
        found.append("either a URL or a script")
    return found


def _operation(sent: Sent) -> tuple[dict[str, Any], dict[str, str]]:
    for template, methods in OAI["paths"].items():
        wanted, got = template.split("/"), sent.path.split("/")
        if len(wanted) != len(got):
            continue
        given: dict[str, str] = {}
        for part, value in zip(wanted, got, strict=True):
            if part.startswith("{"):
                name, _, rest = part[1:].partition("}")
                if not value.endswith(rest):
                    break
                given[name] = value.removesuffix(rest)
            elif part != value:
                break
        else:
            if sent.method.lower() in methods:
                return methods[sent.method.lower()], given
    raise AssertionError(f"no such operation: {sent.method} {sent.path}")


def _parameter_faults(
    operation: dict[str, Any], pairs: list[tuple[str, str]], place: str
) -> list[str]:
    known = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == place}
    found = [f"unknown parameter {name}" for name, _ in pairs if name not in known]
    for name, value in pairs:
        if name in known:
            found += [
                f"{name}: {e.message}" for e in _errors(known[name], typed(value, known[name]))
            ]
    return found


def _schema_of(operation: dict[str, Any], name: str) -> dict[str, Any]:
    found = [one["schema"] for one in operation["parameters"] if one["name"] == name]
    schema: dict[str, Any] = found[0]
    return schema


def _errors(schema: dict[str, Any], value: Any) -> list[Any]:
    checker = Draft202012Validator.FORMAT_CHECKER
    whole = {**schema, "components": OAI["components"]}
    return list(Draft202012Validator(whole, format_checker=checker).iter_errors(value))


class Carrier:
    """Answers whatever is asked, and remembers it."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    async def answer(self, request: web.Request) -> web.Response:
        posted = await request.post()
        form = [(name, value) for name, value in posted.items() if isinstance(value, str)]
        query = list(request.query.items())
        self.sent.append(Sent(request.method, request.path, query, form))
        if request.method == "GET" and request.path.endswith(("/Calls.json", "/Messages.json")):
            key = "calls" if "Calls" in request.path else "messages"
            return web.json_response({key: [], "page": 0, "page_size": 50, "next_page_uri": None})
        sid = CALL if "Calls" in request.path else MESSAGE
        return web.json_response({"sid": sid, "status": "completed"})


@dataclass
class Scene:
    carrier: Carrier = field(default_factory=Carrier)
    base: str = ""

    def telephony(self, **account: Any) -> TwilioTelephony:
        values: dict[str, Any] = {
            "account_sid": ACCOUNT,
            "auth_token": "token",
            "from_number": "+8610000000000",
            "webhooks_base_url": "https://us.test",
            "api_base_url": self.base,
        }
        mac = UrlMac(b"urls", SteppingClock(START))
        return TwilioTelephony(
            TwilioAccount(**(values | account)),
            PhoneBook({"c": "+8610000000001"}),
            WebhookUrls("https://us.test", mac),
            Codes(b"codes"),
        )


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    carrier = Carrier()
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", carrier.answer)
    async with TestServer(app) as server:
        yield Scene(carrier, str(server.make_url("")).rstrip("/"))


SCRIPT = Script(0, ("暴雨红色预警，石坪镇。", "请用短信回复确认码{code}。"), Await.NOTHING)
ACCOUNTS: dict[str, dict[str, Any]] = {
    "webhooks": {},
    "everything": {
        "machine_detection": True,
        "fallback_url": "https://elsewhere.test/emergency.xml",
        "messaging_service_sid": SERVICE,
    },
    "no_webhooks": {"webhooks": False},
    "no_webhooks_service": {"webhooks": False, "messaging_service_sid": SERVICE},
}


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
async def test_whatever_is_asked_is_valid_by_the_carriers_own_document(
    scene: Scene, account: dict[str, Any]
) -> None:
    telephony = scene.telephony(**account)

    for seconds in (0.2, 30, 5_000):
        span = timedelta(seconds=seconds)
        await telephony.place_call(PlaceCall("a_1", "c", span, script=SCRIPT))
        await telephony.send_message(SendMessage("s_1", "c", "确认码{code}。", 100 * span))
    for answered in (True, False):
        await telephony.end_call(CALL, answered=answered)
    await telephony.cancel_message(MESSAGE)
    for voice in (True, False):
        await telephony.fetch(CALL if voice else MESSAGE, voice=voice)
        await telephony.list_to("c", START, voice=voice)
    await telephony.calls_since(START, 1000)
    await telephony.messages_since(START, 1000)
    await telephony.texts_since(START, 1000)
    await telephony.aclose()

    assert [fault for sent in scene.carrier.sent for fault in faults(sent)] == []
    assert len(scene.carrier.sent) >= 16


CREATE = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
GOOD = [("To", "+8610000000001"), ("From", "+8610000000000"), ("Url", "https://us.test/a")]


@pytest.mark.parametrize(
    "broken",
    [
        Sent("POST", CREATE, [], GOOD[1:]),
        Sent("POST", CREATE, [], [*GOOD, ("Priority", "1")]),
        Sent("POST", CREATE, [], [*GOOD, ("Timeout", "soon")]),
        Sent("POST", CREATE, [], [*GOOD, ("Timeout", "0")]),
        Sent("POST", CREATE, [], [*GOOD, ("Method", "PUT")]),
        Sent("POST", CREATE, [], [*GOOD, ("StatusCallbackEvent", "rang")]),
        Sent("POST", CREATE, [], [*GOOD, ("To", "+8610000000002")]),
        Sent("POST", CREATE.replace(ACCOUNT, "AC1"), [], GOOD),
        Sent("GET", CREATE, [("Status", "ringing-out")], []),
        Sent("GET", CREATE, [("PageSize", "5000")], []),
        Sent("GET", CREATE, [("Since", "2026-07-08")], []),
        Sent("POST", CREATE.replace("Calls", f"Calls/{CALL}"), [], [("Status", "ended")]),
    ],
    ids=[
        "missing",
        "unknown",
        "type",
        "range",
        "enumeration",
        "event",
        "twice",
        "path",
        "filter",
        "page",
        "unknown_filter",
        "update",
    ],
)
def test_the_check_itself_finds_what_the_carrier_would_refuse(broken: Sent) -> None:
    assert faults(broken) != []
    assert faults(Sent("POST", CREATE, [], GOOD)) == []
