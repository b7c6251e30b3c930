from datetime import timedelta

from schemas.topics import TOPICS, Topic


def test_every_topic_stands_in_the_table_under_its_own_name() -> None:
    assert {topic: facts.topic for topic, facts in TOPICS.items()} == {one: one for one in Topic}


def test_the_ledger_is_never_cut() -> None:
    assert TOPICS[Topic.DISPATCH].retention is None


def test_the_other_topics_are_kept_for_more_than_a_year() -> None:
    spans = [facts.retention for facts in TOPICS.values() if facts.retention is not None]

    assert len(spans) == 3
    assert min(spans) > timedelta(days=366)
