"""Wires the dispatcher: the bus, the desk's store, the carrier, the webhooks, the wake-ups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from fastapi import APIRouter

from schemas.topics import Topic
from services.dispatcher.adapters.anchor_delivery import AnchorDelivery
from services.dispatcher.adapters.anchor_file import FILE as ANCHORS
from services.dispatcher.adapters.anchor_file import AnchorFile
from services.dispatcher.adapters.anchor_key import load_anchor_key
from services.dispatcher.adapters.anchor_post import AnchorPost
from services.dispatcher.adapters.carrier_desk import Carrier, Spawn
from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.desk_index import IndexedDeskStore
from services.dispatcher.adapters.desk_store import SqliteDeskStore
from services.dispatcher.adapters.failures import DeadLetterFailures
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.secrets_file import load_secrets
from services.dispatcher.adapters.station_webhook import StationWebhook
from services.dispatcher.adapters.store_alarm import StoreAlarm
from services.dispatcher.adapters.tracing import Tracing
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.signature import SignatureCheck
from services.dispatcher.adapters.twilio.telephony import TwilioTelephony
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.adapters.witness import Witness
from services.dispatcher.domain.asks.replying import may_answer
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.calls.capabilities import Capabilities
from services.dispatcher.domain.commands import Command
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.record.anchor import AnchorSigner
from services.dispatcher.entrypoints.anchoring import Anchoring
from services.dispatcher.entrypoints.auditor import Auditor
from services.dispatcher.entrypoints.carrier_polling import CarrierPolling
from services.dispatcher.entrypoints.decisions import Decisions
from services.dispatcher.entrypoints.station_webhooks import StationDoor, build_station_webhooks
from services.dispatcher.entrypoints.twilio_edge import TwilioEdge
from services.dispatcher.entrypoints.twilio_webhooks import build_webhooks
from services.dispatcher.entrypoints.wakeups import Wakeups
from services.dispatcher.pipeline import GROUP, DispatcherPipeline
from services.dispatcher.ports import AnchorPlace, OpenWindow, Telephony, always_open
from services.district.domain.pack import Pack
from services.district.domain.templates import TextKey
from services.runtime.bus import Bus
from services.runtime.clock import Clock
from services.runtime.consumer import Consumer
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces
from services.runtime.worker_thread import Worker, WorkerThread

SECRETS = "edge.secret"
_log = structlog.get_logger(__name__)
_SMS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class AnchorSettings:
    """Where anchors go; without a *file* they lie beside the ledger, which proves little."""

    file: Path | None = None
    url: str | None = None
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DispatcherSettings:
    """
    Where its state lies, and where its anchors go. *hire* starts who writes them beside the loop.

    *window*: the district is this process's for a time, and what it puts on record may be asked of
    the carrier for so long; None: no other process ever has it.
    """

    data: Path
    anchors: AnchorSettings = field(default_factory=AnchorSettings)
    station_secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """By station: the secret that we sign for it with."""
    hire: Callable[[str], Worker] = WorkerThread
    window: OpenWindow | None = None
    secrets: Path | None = None
    """The folder of its secrets, where several processes share it; None: with its state."""

    @property
    def secrets_folder(self) -> Path:
        """Where its secrets lie."""
        return self.secrets or self.data


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """One district's dispatcher, wired and not yet started."""

    pipeline: DispatcherPipeline
    decisions: Consumer
    wakeups: Wakeups
    auditor: Auditor
    carrier: Carrier
    lines: Sequence[TwilioTelephony]
    stations: StationWebhook
    router: APIRouter
    edge: TwilioEdge
    anchoring: Anchoring
    deliveries: Sequence[AnchorDelivery]
    anchors_lie_beside_the_ledger: bool
    """Whoever can rewrite the ledger can rewrite them: another disk or host is meant."""
    polling: CarrierPolling | None = None
    """Asks the carrier, where it cannot reach us."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing is being read, decided, stored or asked of the carrier."""
        parts = (self.decisions, self.pipeline, self.carrier, self.polling, *self.deliveries)
        return all(part.at_rest for part in parts if part is not None)

    async def aclose(self) -> None:
        """Close the connections to the carriers and stations."""
        for line in self.lines:
            await line.aclose()
        await self.stations.aclose()

    async def is_well(self) -> bool:
        """Whether it still takes an input, deals with it and comes to its end."""
        return await self.auditor.comes_to_its_end()

    async def start(self, spawn: Spawn) -> None:
        """Load what is stored, then read, decide and call."""
        await self.pipeline.start()
        spawn("dispatcher", self.pipeline.run())
        spawn("dispatcher wake-ups", self.wakeups.run())
        spawn("dispatcher audit", self.auditor.run())
        spawn("dispatcher decisions", self.decisions.run())
        if self.anchors_lie_beside_the_ledger:
            _log.warning("anchors_beside_the_ledger", file=ANCHORS)
        for delivery in self.deliveries:
            spawn("anchors' delivery", delivery.run())
        spawn("anchors", self.anchoring.run())
        if self.polling is not None:
            spawn("dispatcher polling", self.polling.run())


def build_dispatcher(  # noqa: PLR0913 - whoever composes the system names each part
    bus: Bus,
    clock: Clock,
    pack: Pack,
    accounts: Mapping[str, TwilioAccount],
    settings: DispatcherSettings,
    metrics: Metrics,
    spawn: Spawn,
    wrap: Callable[[Telephony], Telephony] = lambda telephony: telephony,
    *,
    traces: Traces | None = None,
) -> Dispatcher:
    """
    Return the dispatcher of *pack*'s district; its secrets lie where *settings* say.

    *accounts* are our accounts at the carriers, by the names that the pack gives them; all of them
    are told one address of ours. *wrap* is put around the telephony of each by those who want to
    see, or hinder, what is asked of it. *traces* are told of callouts, attempts and requests.
    """
    secrets = load_secrets(settings.secrets_folder / SECRETS)
    codes, mac = Codes(secrets.codes), UrlMac(secrets.urls, clock)
    base_url = next(account.webhooks_base_url for account in accounts.values())
    urls = WebhookUrls(base_url, mac)
    phone_book = PhoneBook(pack.numbers)
    lines = {
        name: TwilioTelephony(account, phone_book, urls, codes)
        for name, account in accounts.items()
    }
    telephony = {name: wrap(line) for name, line in lines.items()}
    stations = StationWebhook(
        {one.station_id: one.url for one in pack.stations},
        settings.station_secrets,
        urls.station,
        clock,
    )
    tracing = Tracing(traces, clock)
    carrier = Carrier(
        telephony,
        spawn,
        clock,
        stations,
        settings.window or always_open,
        tracing.answered,
    )
    district = pack.rules.district
    failures = DeadLetterFailures(bus, clock, district, metrics)
    witness = Witness(metrics)

    def tell(facts: Sequence[Draft]) -> None:
        witness.see(facts)
        tracing.see(facts)
        anchoring.see(facts)

    def execute(commands: Sequence[Command]) -> None:
        carrier.run(commands)
        if polling is not None:
            polling.notice(commands)

    def live_attempt(contact: str) -> Attempt | None:
        return pipeline.desk.attempts.get(pipeline.desk.live_call.get(contact, ""))

    alarm = StoreAlarm(telephony, pack, clock, spawn, live_attempt)
    pipeline = DispatcherPipeline(
        bus,
        clock,
        pack,
        SqliteDeskStore(bus, district)
        if settings.window is None
        else IndexedDeskStore(bus, district),
        failures,
        execute,
        tell,
        alarm.ring,
        Capabilities(call_backs=all(one.webhooks for one in accounts.values())),
    )
    deliveries = [AnchorDelivery(place, clock, metrics) for place in _places(settings)]
    signer = AnchorSigner(district, load_anchor_key(settings.secrets_folder))
    anchoring = Anchoring(pipeline, signer, deliveries, clock)

    def wants(attempt_id: str) -> bool:
        attempt = pipeline.desk.attempts.get(attempt_id)
        if attempt is not None and attempt.channel is Channel.VOICE:
            return pipeline.wants(attempt_id) and not alarm.occupies(attempt.contact)
        return pipeline.wants(attempt_id)

    carrier.bind(pipeline, wants)
    witness.watch(lambda: pipeline.desk, alone=settings.window is None)
    tracing.watch(pipeline)

    def sms_attempts(contact: str) -> Sequence[str]:
        sent = [
            attempt.attempt_id
            for attempt in pipeline.desk.attempts_around(contact)
            if attempt.chains and may_answer(pipeline.desk, attempt, contact)
        ]
        return sent[: -_SMS_LOOKED_AT - 1 : -1]

    def station_of(attempt_id: str) -> str | None:
        attempt = pipeline.desk.attempts.get(attempt_id)
        is_there = attempt is not None and attempt.channel is Channel.LOUDSPEAKER
        return attempt.contact if attempt is not None and is_there else None

    store_fault = pack.templates.text(TextKey.VOICE_STORE_FAULT)
    names = {account.account_sid: name for name, account in accounts.items()}
    edge = TwilioEdge(pipeline, codes, mac, urls, phone_book, sms_attempts, store_fault, names)
    tokens = [
        token
        for account in accounts.values()
        for token in (account.auth_token, account.alternate_token)
        if token
    ]
    silent = {name: line for name, line in lines.items() if not accounts[name].webhooks}
    polling = (
        CarrierPolling(silent, pipeline, lambda: pipeline.desk, edge.text, clock)
        if silent
        else None
    )
    router = APIRouter()
    if len(silent) < len(lines):  # a carrier that cannot reach us has no door
        router.include_router(build_webhooks(edge, SignatureCheck(*tokens), base_url))
    router.include_router(
        build_station_webhooks(
            StationDoor(pipeline, mac, settings.station_secrets, station_of, clock)
        )
    )
    return Dispatcher(
        pipeline=pipeline,
        decisions=Consumer(
            bus, clock, GROUP, Topic.DECISIONS, district, Decisions(pipeline, failures).handle
        ),
        wakeups=Wakeups(pipeline, clock),
        auditor=Auditor(pipeline, clock),
        carrier=carrier,
        lines=tuple(lines.values()),
        stations=stations,
        router=router,
        edge=edge,
        anchoring=anchoring,
        deliveries=deliveries,
        anchors_lie_beside_the_ledger=settings.anchors == AnchorSettings() and not pack.demo,
        polling=polling,
    )


def _places(settings: DispatcherSettings) -> list[AnchorPlace]:
    anchors = settings.anchors
    places: list[AnchorPlace] = [AnchorFile(anchors.file or settings.data / ANCHORS, settings.hire)]
    if anchors.url is not None:
        places.append(AnchorPost(anchors.url, anchors.token))
    return places
