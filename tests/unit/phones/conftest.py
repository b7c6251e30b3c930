"""The scene that tests of the HTTP door play in."""

from collections.abc import AsyncIterator

import pytest

from services.phones.domain.person import Habit
from tests.unit.phones.scene import Scene, open_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    opened, close = await open_scene(Habit.MANUAL)
    yield opened
    await close()
