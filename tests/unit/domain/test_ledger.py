"""Double entry: whatever becomes of a brief, nothing is made and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.brief import Brief
from microintern.domain.ledger import (
    PROVIDER,
    Settlement,
    Transfer,
    TransferName,
    balances,
    funding,
    is_balanced,
    late_funding_returned,
    settling,
)
from microintern.domain.payout_matrix import Split
from tests.unit.builders import BRIEF, NOW, STUDENT, a_brief


def a_claim(split: Split, brief: Brief) -> Settlement:
    return Settlement(
        brief_id=brief.brief_id,
        split=split,
        currency=brief.currency,
        student_id=STUDENT,
        employer_id=brief.employer_id,
        claimed_at=NOW,
    )


def life_of(split: Split) -> tuple[Transfer, list[Transfer]]:
    """The transfer that funds a brief of this escrow, and those that settle it."""
    brief = a_brief().model_copy(update={"pay_minor": split.total_minor, "fee_minor": 0})
    return funding(brief, NOW, "ref-fund"), settling(a_claim(split, brief), NOW, {})


part = st.one_of(st.just(0), st.integers(0, 10**11))
splits = st.builds(Split, student_minor=part, employer_minor=part, fee_minor=part)


@given(splits.filter(lambda split: split.total_minor > 0))
def test_whatever_the_split_the_balances_add_up_to_zero_and_the_escrow_is_empty(split: Split) -> None:
    fund, settled = life_of(split)
    accounts = balances([fund, *settled])
    assert sum(accounts.values()) == 0
    assert accounts[f"escrow:{BRIEF}"] == 0
    assert accounts.get(f"payable:{STUDENT}", 0) == 0
    assert accounts.get("platform:fees", 0) == split.fee_minor == -accounts[PROVIDER]
    assert is_balanced([fund, *settled], settled=True)


@given(splits.filter(lambda split: split.total_minor > 0))
def test_a_transfer_of_nothing_is_not_made_and_none_is_made_twice(split: Split) -> None:
    fund, settled = life_of(split)
    assert all(transfer.amount_minor > 0 for transfer in settled)
    ids = [transfer.transfer_id for transfer in [fund, *settled]]
    assert len(ids) == len(set(ids))


@given(splits.filter(lambda split: split.total_minor > 0), st.data())
def test_a_settled_ledger_that_lacks_a_transfer_or_a_minor_unit_does_not_balance(
    split: Split, data: st.DataObject
) -> None:
    fund, settled = life_of(split)
    transfers = [fund, *settled]
    i = data.draw(st.sampled_from(range(len(transfers))))
    one_more = transfers[i].model_copy(update={"amount_minor": transfers[i].amount_minor + 1})
    assert not is_balanced([*transfers[:i], *transfers[i + 1 :]], settled=True)
    assert not is_balanced([*transfers[:i], one_more, *transfers[i + 1 :]], settled=True)


def test_an_escrow_that_holds_money_is_balanced_until_the_brief_is_settled() -> None:
    fund, _ = life_of(Split(student_minor=30_000, employer_minor=0, fee_minor=3_000))
    assert is_balanced([fund], settled=False)
    assert not is_balanced([fund], settled=True)


def test_an_escrow_that_pays_more_than_it_holds_is_never_balanced() -> None:
    fund, settled = life_of(Split(student_minor=30_000, employer_minor=0, fee_minor=3_000))
    short = fund.model_copy(update={"amount_minor": fund.amount_minor - 1})
    assert not is_balanced([short, *settled], settled=False)


def test_a_brief_that_was_never_funded_is_balanced_with_nothing() -> None:
    assert is_balanced([], settled=True)


def test_transfers_have_ids_that_follow_from_the_brief_and_their_name() -> None:
    fund, settled = life_of(Split(student_minor=7_500, employer_minor=25_500, fee_minor=1))
    names = [transfer.name for transfer in [fund, *settled]]
    assert names == list(TransferName)
    assert [t.transfer_id for t in [fund, *settled]] == [f"{BRIEF}#{name}" for name in names]


def test_money_that_came_too_late_goes_in_and_straight_back_out() -> None:
    brief = a_brief()
    returned = late_funding_returned(brief, NOW, "collected", "refunded")
    assert [(t.name, t.amount_minor) for t in returned] == [
        (TransferName.FUND, brief.escrow_minor),
        (TransferName.REFUND, brief.escrow_minor),
    ]
    assert is_balanced(returned, settled=True)


@pytest.mark.parametrize("amount", [-1, 1.5])
def test_a_transfer_is_of_whole_minor_units(amount: object) -> None:
    fund, _ = life_of(Split(student_minor=1, employer_minor=0, fee_minor=0))
    with pytest.raises(ValueError, match="amount_minor"):
        Transfer.model_validate(fund.model_dump() | {"amount_minor": amount})
