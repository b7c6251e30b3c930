"""What goes wrong with the brokers, in the bus's own words."""

import contextlib
from collections.abc import Iterator

from aiokafka.errors import (
    ConsumerStoppedError,
    IllegalOperation,
    InvalidProducerEpoch,
    KafkaError,
    ProducerFenced,
)

from services.runtime.bus import BusUnavailableError, NotOwnerError


@contextlib.contextmanager
def failures_translated() -> Iterator[None]:
    """Raise BusUnavailableError for what may be tried again, NotOwnerError for who was fenced out."""
    try:
        yield
    except (InvalidProducerEpoch, ProducerFenced) as error:
        raise NotOwnerError("the log's writer has a successor") from error
    except TimeoutError as error:
        raise BusUnavailableError("the brokers do not answer") from error
    except (ConsumerStoppedError, IllegalOperation, KafkaError) as error:
        raise BusUnavailableError(f"the brokers refuse: {type(error).__name__}") from error
