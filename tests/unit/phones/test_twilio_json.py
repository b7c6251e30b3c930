"""Resources as the carrier's own client reads them."""

from services.phones.adapters.twilio_json import call_json, message_json
from services.phones.domain.person import Habit
from tests.unit.phones.town import ANNA, SID, Town, person

# The fields of the published examples, "create" of each resource.
CALL_FIELDS = {
    "account_sid",
    "answered_by",
    "api_version",
    "caller_name",
    "date_created",
    "date_updated",
    "direction",
    "duration",
    "end_time",
    "forwarded_from",
    "from",
    "from_formatted",
    "group_sid",
    "parent_call_sid",
    "phone_number_sid",
    "price",
    "price_unit",
    "sid",
    "start_time",
    "status",
    "subresource_uris",
    "to",
    "to_formatted",
    "trunk_sid",
    "uri",
    "queue_time",
}
MESSAGE_FIELDS = {
    "account_sid",
    "api_version",
    "body",
    "date_created",
    "date_sent",
    "date_updated",
    "direction",
    "error_code",
    "error_message",
    "from",
    "num_media",
    "num_segments",
    "price",
    "price_unit",
    "messaging_service_sid",
    "sid",
    "status",
    "subresource_uris",
    "to",
    "uri",
}


def test_a_call_has_every_field_of_the_published_example() -> None:
    town = Town(person(ANNA, Habit.HANGS_UP))
    sid = town.call()
    town.run()

    resource = call_json(town[sid])

    assert set(resource) == CALL_FIELDS
    assert resource["date_created"] == "Wed, 08 Jul 2026 16:00:00 +0000"
    assert resource["duration"] == "6"
    assert resource["uri"] == f"/2010-04-01/Accounts/{SID}/Calls/{sid}.json"
    assert resource["subresource_uris"]["user_defined_messages"].endswith(
        "/UserDefinedMessages.json"
    )


def test_a_call_that_is_being_dialled_is_queued_to_the_api() -> None:
    town = Town()
    sid = town.call()

    resource = call_json(town[sid])

    assert (resource["status"], resource["duration"], resource["end_time"]) == (
        "queued",
        None,
        None,
    )


def test_a_message_has_every_field_of_the_published_example() -> None:
    town = Town(person(ANNA, Habit.OFF))
    sid = town.text()
    town.run()

    resource = message_json(town.exchange.messages[sid])

    assert set(resource) == MESSAGE_FIELDS
    assert (resource["status"], resource["error_code"]) == ("undelivered", 30003)
    assert resource["error_message"] == "Unreachable destination handset"
