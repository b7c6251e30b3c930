"""Who holds a post at an instant."""

from datetime import UTC, datetime, timedelta

from schemas.role import Role
from services.district.domain.pack import Pack
from services.district.domain.roster import Post, Roster, Shift

EVENING = datetime(2026, 9, 19, 12, 0, tzinfo=UTC)
MORNING = EVENING + timedelta(hours=12)


def roster(*shifts: Shift) -> Roster:
    return Roster({"DO": Post("DO", "值班", Role.DUTY_OFFICER, "1")}, {}, {"DO": shifts})


def test_a_standing_shift_holds_always() -> None:
    assert roster(Shift("DO", "anna")).shift_at("DO", EVENING).holder == "anna"


def test_a_shift_with_a_start_goes_before_a_standing_one() -> None:
    people = roster(Shift("DO", "boris", start=EVENING, end=MORNING), Shift("DO", "anna"))

    assert people.shift_at("DO", EVENING).holder == "boris"
    assert people.shift_at("DO", MORNING).holder == "anna"


def test_a_shift_ends_before_its_end() -> None:
    people = roster(Shift("DO", "anna", start=EVENING, end=MORNING))

    assert people.shift_at("DO", MORNING - timedelta(seconds=1)).holder == "anna"
    assert people.shift_at("DO", MORNING).holder is None


def test_where_two_cover_an_instant_the_one_that_began_later_holds() -> None:
    people = roster(
        Shift("DO", "anna", start=EVENING, end=MORNING),
        Shift("DO", "boris", start=EVENING + timedelta(hours=1), end=MORNING),
    )

    assert people.shift_at("DO", EVENING + timedelta(hours=2)).holder == "boris"


def test_an_empty_shift_is_a_gap_even_over_a_standing_one() -> None:
    people = roster(Shift("DO", "anna"), Shift("DO", None, start=EVENING, end=MORNING))

    assert people.shift_at("DO", EVENING).holder is None


def test_a_post_that_nobody_was_given_has_a_gap() -> None:
    assert roster().shift_at("DO", EVENING) == Shift("DO", None)


def test_the_duty_officers_of_the_demo_change_at_eight(demo: Pack) -> None:
    before = demo.roster.shift_at("DO", EVENING - timedelta(seconds=1))
    after = demo.roster.shift_at("DO", EVENING)

    assert before.holder != after.holder
    assert after.holder in demo.roster.people


def test_the_demo_has_one_gap_and_one_person_without_a_number(demo: Pack) -> None:
    gaps = [p for p in demo.roster.posts if demo.roster.shift_at(p, EVENING).holder is None]
    silent = [person for person in demo.roster.people.values() if not person.contacts]

    assert len(gaps) == 1
    assert len(silent) == 1
