"""Every scenario in both modes: on the embedded engines, and on real brokers, Redis and Faust."""

import pytest

from services.system.engines import OpenEngines, embedded_engines
from tests.kafka_engines import KafkaEngines


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.servers)])
def engines(request: pytest.FixtureRequest) -> OpenEngines:
    """What the scenario's services stand on."""
    if request.param == "embedded":
        return embedded_engines
    return KafkaEngines(
        request.getfixturevalue("kafka_settings"), request.getfixturevalue("redis_server")
    )
