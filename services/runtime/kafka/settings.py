"""How Kafka is reached, per installation."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.topics import Topic


class KafkaSettings(BaseSettings):
    """Read from the environment, `JIAOYING_KAFKA_…`; a password stands in a file of its own."""

    model_config = SettingsConfigDict(env_prefix="JIAOYING_KAFKA_", frozen=True)

    bootstrap_servers: str = "127.0.0.1:9092"
    """One or more of `host:port`, with commas."""
    topic_prefix: str = ""
    """What every topic's name begins with, where several installations share a cluster."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password_file: Path | None = None
    ca_file: Path | None = None
    """Whom to believe under TLS; None: whom the machine believes."""
    cert_file: Path | None = None
    key_file: Path | None = None
    answer_within: timedelta = timedelta(seconds=5)
    """Brokers that have not answered for longer count as away."""

    def topic(self, topic: Topic) -> str:
        """Return what *topic* is called on the brokers."""
        return self.topic_prefix + topic.value
