"""The accounts of a pack: one without a name, or a list in order of preference."""

import pytest

from services.district.domain.policy import MAIN, CarrierAccount
from services.district.load import load_pack
from tests.unit.district.conftest import BreakablePack

ONE = "  starts_per_s: 3\n  lines: 60\n  sms_per_s: 20\n"
TWO = """  accounts:
    - {name: first, starts_per_s: 1, lines: 20, sms_per_s: 5}
    - {name: spare, provider: twilio, starts_per_s: 2, lines: 40, sms_per_s: 5}
"""


def test_a_pack_without_names_has_one_account(breakable: BreakablePack) -> None:
    budget = load_pack(breakable.folder).policies.budget

    assert budget.accounts == (CarrierAccount(MAIN, 3, 60, 20),)


def test_a_pack_lists_its_accounts_in_the_order_in_which_they_are_preferred(
    breakable: BreakablePack,
) -> None:
    breakable.replace("policies.yaml", ONE, TWO)

    budget = load_pack(breakable.folder).policies.budget

    assert [account.name for account in budget.accounts] == ["first", "spare"]
    assert (budget.lines, budget.starts_per_s) == (60, 3)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(ONE + TWO, "stand in each of the accounts", id="both"),
        pytest.param("", "are needed, or a list of accounts", id="neither"),
        pytest.param(TWO.replace("spare", "first"), "the same name", id="a name twice"),
        pytest.param(TWO.replace("twilio", "pigeon"), "twilio", id="an unknown provider"),
    ],
)
def test_accounts_that_cannot_be_meant_are_a_fault(
    breakable: BreakablePack, written: str, said: str
) -> None:
    breakable.replace("policies.yaml", ONE, written)

    assert said in " ".join(fault.reason for fault in breakable.faults())
