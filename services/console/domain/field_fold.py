"""The fold of what happens past the phone: people who are sent, words that are recorded for others."""

from datetime import datetime

from pydantic import JsonValue

from schemas.dispatch import LedgerRecord
from services.console.domain.tracks import AttemptTrack, CalloutTrack, ChainTrack, TaskTrack

LOUDSPEAKER = "loudspeaker"


def task_opened(chain: ChainTrack, record: LedgerRecord) -> None:
    """Somebody is sent, or should be and nobody was found."""
    task_id = str(record.detail["task_id"])
    chain.tasks[task_id] = TaskTrack(
        task_id=task_id,
        kind=str(record.detail["task"]),
        runner=record.person,
        opened_at=record.at,
        until=datetime.fromisoformat(str(record.detail["until"])),
    )


def task_ended(chain: ChainTrack, record: LedgerRecord) -> None:
    """What a task came to."""
    task = chain.tasks.get(str(record.detail["task_id"]))
    if task is None:
        return
    task.end, task.ended_at = str(record.detail["end"]), record.at
    task.user, task.note = text(record.detail.get("user")), str(record.detail.get("note") or "")


def confirmed_in_part(chain: ChainTrack, record: LedgerRecord) -> None:
    """One of several who must confirm has done so."""
    if record.person is not None:
        chain.confirmed.append(record.person)


def measures_reported(chain: ChainTrack, record: LedgerRecord) -> None:
    """The measures are done, or support is needed."""
    chain.needs_support = not record.detail["done"]


def handed_over(chain: ChainTrack, record: LedgerRecord) -> None:
    """Others hold the post from now on."""
    chain.people = people_of(record.detail.get("rungs"))


def station_told(callout: CalloutTrack, record: LedgerRecord) -> AttemptTrack | None:
    """A loudspeaker or screen is asked to speak; None for any other word without an ask."""
    if record.attempt_id is None or record.detail.get("channel") != LOUDSPEAKER:
        return None
    told = AttemptTrack(
        attempt_id=record.attempt_id,
        channel=LOUDSPEAKER,
        person=record.person or record.contact or "",
        contact="",
        intended_at=record.at,
    )
    callout.spoken[told.attempt_id] = told
    return told


def people_of(rungs: JsonValue) -> tuple[tuple[str, str], ...]:
    """Return (rung, person) of each rung that a record lists."""
    listed = rungs if isinstance(rungs, list) else []
    return tuple((str(one[0]), str(one[1])) for one in listed if isinstance(one, list))


def text(value: object) -> str | None:
    """Return *value* where it is a text."""
    return value if isinstance(value, str) else None
