"""
The carrier's paths: Calls and Messages, created, listed, fetched and updated with Twilio's forms.

A list can be filtered by To, From, Status and times. A call that was not dialled yet has no start;
`StartTime` filters it by when it was asked for, or a reconciliation would miss it in the queue.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from services.phones.adapters.twilio_json import call_json, error_json, message_json
from services.phones.domain.account import Account
from services.phones.domain.call import API_VERSION, Call
from services.phones.domain.errors import AnswerLostError, Code, LostAnswer, RefusedError
from services.phones.domain.message import Message
from services.phones.pipeline import PhoneNetwork

_MAX_PAGE, _DEFAULT_PAGE, _CREATED = 1000, 50, 201
R = TypeVar("R", Call, Message)


class TwilioApi:
    """The routes; each asks the network and answers in the carrier's words."""

    def __init__(self, network: PhoneNetwork) -> None:
        self._network = network
        self.router = APIRouter(prefix=f"/{API_VERSION}/Accounts/{{account_sid}}")
        for path, method, handler in (
            ("/Calls.json", "POST", self.create_call),
            ("/Calls.json", "GET", self.list_calls),
            ("/Calls/{sid}.json", "GET", self.fetch_call),
            ("/Calls/{sid}.json", "POST", self.update_call),
            ("/Messages.json", "POST", self.create_message),
            ("/Messages.json", "GET", self.list_messages),
            ("/Messages/{sid}.json", "GET", self.fetch_message),
            ("/Messages/{sid}.json", "POST", self.update_message),
        ):
            self.router.add_api_route(path, handler, methods=[method], response_model=None)

    async def create_call(self, request: Request, account_sid: str) -> Response:
        """Ask for a call."""
        form = await self._form(request, account_sid)
        exchange = self._network.exchange
        call = self._network.input(lambda now: exchange.create_call(account_sid, form, now))
        return JSONResponse(call_json(call), _CREATED)

    async def list_calls(self, request: Request, account_sid: str) -> Response:
        """Return a page of calls, newest first."""
        self._authenticate(request, account_sid)
        exchange = self._network.exchange
        calls = self._network.input(lambda now: exchange.list_calls(account_sid, now))
        query = request.query_params
        found = [
            call
            for call in calls
            if query.get("Status", call.api_status.value) == call.api_status.value
            and _matches(
                query, call.to, call.from_, "StartTime", call.started_at or call.created_at
            )
        ]
        return _page(request, "calls", found, call_json)

    async def fetch_call(self, request: Request, account_sid: str, sid: str) -> Response:
        """Return one call."""
        self._authenticate(request, account_sid)
        exchange = self._network.exchange
        return JSONResponse(
            call_json(self._network.input(lambda now: exchange.call(account_sid, sid, now)))
        )

    async def update_call(self, request: Request, account_sid: str, sid: str) -> Response:
        """Cancel, complete or redirect one call."""
        form = await self._form(request, account_sid)
        exchange = self._network.exchange
        call = self._network.input(lambda now: exchange.update_call(account_sid, sid, form, now))
        return JSONResponse(call_json(call))

    async def create_message(self, request: Request, account_sid: str) -> Response:
        """Ask for a text message."""
        form = await self._form(request, account_sid)
        exchange = self._network.exchange
        message = self._network.input(lambda now: exchange.create_message(account_sid, form, now))
        return JSONResponse(message_json(message), _CREATED)

    async def list_messages(self, request: Request, account_sid: str) -> Response:
        """Return a page of messages, newest first."""
        self._authenticate(request, account_sid)
        exchange = self._network.exchange
        messages = self._network.input(lambda now: exchange.list_messages(account_sid, now))
        found = [
            one
            for one in messages
            if _matches(
                request.query_params, one.to, one.from_, "DateSent", one.sent_at or one.created_at
            )
        ]
        return _page(request, "messages", found, message_json)

    async def fetch_message(self, request: Request, account_sid: str, sid: str) -> Response:
        """Return one message."""
        self._authenticate(request, account_sid)
        exchange = self._network.exchange
        return JSONResponse(
            message_json(self._network.input(lambda now: exchange.message(account_sid, sid, now)))
        )

    async def update_message(self, request: Request, account_sid: str, sid: str) -> Response:
        """Cancel or redact one message."""
        form = await self._form(request, account_sid)
        exchange = self._network.exchange
        message = self._network.input(
            lambda now: exchange.update_message(account_sid, sid, form, now)
        )
        return JSONResponse(message_json(message))

    async def _form(self, request: Request, account_sid: str) -> dict[str, list[str]]:
        self._authenticate(request, account_sid)
        form: dict[str, list[str]] = {}
        async with request.form() as posted:
            for name, value in posted.multi_items():
                if isinstance(value, str):
                    form.setdefault(name, []).append(value)
        return form

    def _authenticate(self, request: Request, account_sid: str) -> None:
        account = self._network.exchange.accounts.get(account_sid)
        if account is None or not _knows(account, request.headers.get("authorization", "")):
            raise RefusedError(Code.AUTHENTICATE, "Authenticate", status=401)


async def refused(_: Request, error: Exception) -> Response:
    """Answer a RefusedError with the carrier's JSON."""
    if not isinstance(error, RefusedError):
        raise error
    return JSONResponse(error_json(error), error.status)


async def answer_lost(request: Request, error: Exception) -> Response:
    """Answer 500, or not at all: cut the connection and wait until it is gone."""
    if not isinstance(error, AnswerLostError):
        raise error
    drop = request.scope.get("extensions", {}).get("drop_connection")
    if error.how is LostAnswer.DROPPED and drop:
        drop["transport"].abort()
        while (await request.receive())["type"] != "http.disconnect":
            pass
    failure = RefusedError(Code.SERVER_ERROR, "Internal Server Error", status=500)
    return JSONResponse(error_json(failure), failure.status)


def _knows(account: Account, authorization: str) -> bool:
    scheme, _, encoded = authorization.partition(" ")
    try:
        given = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{account.sid}:{account.auth_token}".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(given, expected)


def _matches(query: Mapping[str, str], to: str, from_: str, name: str, at: datetime) -> bool:
    """`StartTime>=x` arrives as the name `StartTime>` with the value x, both ends included."""
    if query.get("To", to) != to or query.get("From", from_) != from_:
        return False
    at = at.replace(microsecond=0)
    if (day := query.get(name)) and _instant(day).date() != at.date():
        return False
    if (earliest := query.get(f"{name}>")) and at < _instant(earliest):
        return False
    latest = query.get(f"{name}<")
    return not latest or at <= _instant(latest)


def _instant(text: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as exc:
        raise RefusedError(Code.BAD_REQUEST, "a time must be ISO 8601") from exc
    return parsed.replace(tzinfo=parsed.tzinfo or UTC)


def _page(
    request: Request, key: str, found: Sequence[R], render: Callable[[R], dict[str, Any]]
) -> Response:
    query = dict(request.query_params)
    size = min(max(_number(query.get("PageSize"), _DEFAULT_PAGE), 1), _MAX_PAGE)
    page = _number(query.get("Page"), 0)
    token = query.get("PageToken", "")
    # The list grows at its head while it is read: the token names the last one already given.
    sids = [one.sid for one in found]
    start = sids.index(token[2:]) + 1 if token[2:] in sids else page * size
    shown = found[start : start + size]
    rest = {name: value for name, value in query.items() if name not in ("Page", "PageToken")}

    def uri(number: int, after: str = "") -> str:
        fields = rest | {"PageSize": str(size), "Page": str(number)}
        return f"{request.url.path}?{urlencode(fields | ({'PageToken': after} if after else {}))}"

    has_more = start + size < len(found)
    return JSONResponse(
        {
            key: [render(one) for one in shown],
            "end": start + max(len(shown) - 1, 0),
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1, f"PA{shown[-1].sid}") if has_more else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": uri(page - 1) if page else None,
            "start": start,
            "uri": uri(page),
        }
    )


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
