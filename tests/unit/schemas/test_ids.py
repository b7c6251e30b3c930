import re

from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import IdPart, hash_id

PARTS: st.SearchStrategy[IdPart] = st.recursive(
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


@given(st.lists(PARTS, max_size=5))
def test_an_id_is_its_prefix_and_26_signs_that_need_no_quoting(parts: list[IdPart]) -> None:
    """Ids stand in URLs, log lines and SMS as they are."""
    assert re.fullmatch(r"callout_[a-z2-7]{26}", hash_id("callout", *parts))


@given(st.lists(PARTS, max_size=5), st.lists(PARTS, max_size=5))
def test_ids_are_the_same_when_their_parts_are(one: list[IdPart], other: list[IdPart]) -> None:
    """A replay finds the same ids, and no two things share one."""
    assert (hash_id("x", *one) == hash_id("x", *other)) == (one == other)


def test_the_prefix_is_a_part_of_the_id_and_not_of_its_hash() -> None:
    assert hash_id("a", 1).removeprefix("a") == hash_id("b", 1).removeprefix("b")
