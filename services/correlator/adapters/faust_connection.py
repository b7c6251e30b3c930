"""How Faust reaches the brokers: the same addresses, TLS and account as every client, in its words."""

from typing import Any

import faust

from services.runtime.kafka.connection import connection
from services.runtime.kafka.settings import KafkaSettings


def faust_connection(settings: KafkaSettings) -> dict[str, Any]:
    """Return the arguments that a Faust app takes."""
    given = connection(settings)
    tls = given.get("ssl_context")
    found: dict[str, Any] = {
        "broker": [f"kafka://{server}" for server in given["bootstrap_servers"]]
    }
    if "sasl_mechanism" in given:
        found["broker_credentials"] = faust.SASLCredentials(
            mechanism=given["sasl_mechanism"],
            username=given["sasl_plain_username"],
            password=given["sasl_plain_password"],
            ssl_context=tls,
        )
    elif tls is not None:
        found["broker_credentials"] = faust.SSLCredentials(context=tls)
    return found
