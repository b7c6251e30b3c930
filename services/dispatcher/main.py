"""Wires the dispatcher: the bus, the desk's store, the carrier, the webhooks, the wake-ups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from schemas.topics import Topic
from services.dispatcher.adapters.carrier_desk import Carrier, Spawn
from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.desk_store import SqliteDeskStore
from services.dispatcher.adapters.failures import DeadLetterFailures
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.secrets_file import load_secrets
from services.dispatcher.adapters.store_alarm import StoreAlarm
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.signature import SignatureCheck
from services.dispatcher.adapters.twilio.telephony import TwilioTelephony
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.adapters.witness import Witness
from services.dispatcher.domain.attempt import Channel
from services.dispatcher.entrypoints.decisions import Decisions
from services.dispatcher.entrypoints.twilio_edge import TwilioEdge
from services.dispatcher.entrypoints.twilio_webhooks import build_webhooks
from services.dispatcher.entrypoints.wakeups import Wakeups
from services.dispatcher.pipeline import GROUP, DispatcherPipeline
from services.dispatcher.ports import Telephony
from services.district.domain.pack import Pack
from services.district.domain.templates import TextKey
from services.runtime.bus import Bus
from services.runtime.clock import Clock
from services.runtime.consumer import Consumer
from services.runtime.metrics import Metrics

SECRETS = "edge.secret"
_SMS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """One district's dispatcher, wired and not yet started."""

    pipeline: DispatcherPipeline
    decisions: Consumer
    wakeups: Wakeups
    carrier: Carrier
    lines: Sequence[TwilioTelephony]
    router: APIRouter

    @property
    def at_rest(self) -> bool:
        """Whether nothing is being read, decided, stored or asked of the carrier."""
        return self.decisions.at_rest and self.pipeline.at_rest and self.carrier.at_rest

    async def aclose(self) -> None:
        """Close the connections to the carriers."""
        for line in self.lines:
            await line.aclose()

    async def start(self, spawn: Spawn) -> None:
        """Load what is stored, then read, decide and call."""
        await self.pipeline.start()
        spawn("dispatcher", self.pipeline.run())
        spawn("dispatcher wake-ups", self.wakeups.run())
        spawn("dispatcher decisions", self.decisions.run())


def build_dispatcher(
    bus: Bus,
    clock: Clock,
    pack: Pack,
    accounts: Mapping[str, TwilioAccount],
    data: Path,
    metrics: Metrics,
    spawn: Spawn,
    wrap: Callable[[Telephony], Telephony] = lambda telephony: telephony,
) -> Dispatcher:
    """
    Return the dispatcher of *pack*'s district; its secrets are kept in *data*.

    *accounts* are our accounts at the carriers, by the names that the pack gives them; all of them
    are told one address of ours. *wrap* is put around the telephony of each by those who want to
    see, or hinder, what is asked of it.
    """
    secrets = load_secrets(data / SECRETS)
    codes, mac = Codes(secrets.codes), UrlMac(secrets.urls, clock)
    base_url = next(account.webhooks_base_url for account in accounts.values())
    urls = WebhookUrls(base_url, mac)
    phone_book = PhoneBook(pack.numbers)
    lines = {
        name: TwilioTelephony(account, phone_book, urls, codes)
        for name, account in accounts.items()
    }
    telephony = {name: wrap(line) for name, line in lines.items()}
    carrier = Carrier(telephony, spawn, clock)
    district = pack.rules.district
    failures = DeadLetterFailures(bus, clock, district, metrics)
    witness = Witness(metrics)
    pipeline = DispatcherPipeline(
        bus,
        clock,
        pack,
        SqliteDeskStore(bus, district),
        failures,
        carrier.run,
        witness.see,
        StoreAlarm(telephony, pack, clock, spawn).ring,
    )
    carrier.bind(pipeline, pipeline.wants)
    witness.watch(lambda: pipeline.desk)

    def sms_attempts(contact: str) -> Sequence[str]:
        sent = [
            attempt
            for attempt in pipeline.desk.attempts.values()
            if attempt.contact == contact and attempt.channel is Channel.SMS and attempt.chains
        ]
        newest = sorted(sent, key=lambda attempt: attempt.intended_at, reverse=True)
        return [attempt.attempt_id for attempt in newest[:_SMS_LOOKED_AT]]

    store_fault = pack.templates.text(TextKey.VOICE_STORE_FAULT)
    names = {account.account_sid: name for name, account in accounts.items()}
    edge = TwilioEdge(pipeline, codes, mac, urls, phone_book, sms_attempts, store_fault, names)
    tokens = [
        token
        for account in accounts.values()
        for token in (account.auth_token, account.alternate_token)
        if token
    ]
    return Dispatcher(
        pipeline=pipeline,
        decisions=Consumer(
            bus, clock, GROUP, Topic.DECISIONS, district, Decisions(pipeline, failures).handle
        ),
        wakeups=Wakeups(pipeline, clock),
        carrier=carrier,
        lines=tuple(lines.values()),
        router=build_webhooks(edge, SignatureCheck(*tokens), base_url),
    )
