"""What every client of the brokers is built with: addresses, TLS and the account."""

import ssl
from typing import Any

from services.runtime.kafka.settings import KafkaSettings


def connection(settings: KafkaSettings) -> dict[str, Any]:
    """Return the arguments that clients of kafka-python and of aiokafka both take."""
    given: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers.split(","),
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.startswith("SASL"):
        given["sasl_mechanism"] = settings.sasl_mechanism
        given["sasl_plain_username"] = settings.sasl_username
        given["sasl_plain_password"] = _password(settings)
    if settings.security_protocol.endswith("SSL"):
        given["ssl_context"] = _tls(settings)
    return given


def _password(settings: KafkaSettings) -> str | None:
    if settings.sasl_password_file is None:
        return None
    return settings.sasl_password_file.read_text(encoding="utf-8").strip()


def _tls(settings: KafkaSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.cert_file is not None:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    return context
