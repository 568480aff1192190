"""Double entry: whatever becomes of a brief, nothing is made and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.brief import Brief
from microintern.domain.ledger import (
    FEES,
    KIND_OF,
    PROVIDER,
    Book,
    Hold,
    Phase,
    Settlement,
    Transfer,
    TransferName,
    brief_of_transfer,
    dividing,
    funding,
    paying_out,
    refunding,
    transfer_id,
)
from microintern.domain.payments import Operation, OperationStatus
from microintern.domain.payout_matrix import Split
from tests.unit.builders import BRIEF, NOW, ORGANISATION, STUDENT, a_brief, seconds

LATER = NOW + seconds(60)
PAID = Split(student_minor=30_000, employer_minor=0, fee_minor=3_000)
DIVIDED = Split(student_minor=15_000, employer_minor=16_000, fee_minor=2_000)


def a_claim(split: Split, brief: Brief | None = None) -> Settlement:
    brief = brief or a_brief()
    return Settlement(
        brief_id=brief.brief_id,
        split=split,
        currency=brief.currency,
        student_id=STUDENT,
        employer_id=brief.employer_id,
        claimed_at=NOW,
    )


def an_operation(
    of: Transfer, status: OperationStatus = OperationStatus.SETTLED, reason: str | None = None
) -> Operation:
    return Operation(
        key=of.transfer_id,
        kind=KIND_OF[of.name],
        status=status,
        amount_minor=of.amount_minor,
        currency=of.currency,
        reference=f"ref-{of.transfer_id}",
        reason=reason,
        at=LATER,
    )


def both(pending: Transfer, status: OperationStatus = OperationStatus.SETTLED) -> list[Transfer]:
    """The two records of what a provider moved."""
    return [pending, pending.ended(an_operation(pending, status), LATER)]


def funded(split: Split) -> list[Transfer]:
    brief = a_brief().model_copy(update={"pay_minor": split.total_minor, "fee_minor": 0})
    return both(funding(brief, NOW))


def life_of(split: Split) -> list[Transfer]:
    """All transfers of a brief whose escrow was divided so."""
    claim = a_claim(split)
    legs = [paying_out(claim, 1, "sandbox-account", NOW), refunding(claim, 1, NOW)]
    return [*funded(split), *dividing(claim), *(t for leg in legs if leg.amount_minor for t in both(leg))]


part = st.one_of(st.just(0), st.integers(0, 10**11))
splits = st.builds(Split, student_minor=part, employer_minor=part, fee_minor=part).filter(lambda s: s.total_minor > 0)


@given(splits)
def test_whatever_the_split_the_balances_add_up_to_zero_and_nothing_is_kept_for_others(split: Split) -> None:
    book = Book(life_of(split))
    assert sum(book.balances.values()) == 0
    assert set(book.held.values()) <= {0}
    assert book.balances.get(FEES, 0) == split.fee_minor == -book.balances[PROVIDER]
    assert book.is_balanced(settled=True)


@given(splits)
def test_a_transfer_of_nothing_is_not_made(split: Split) -> None:
    transfers = life_of(split)
    assert all(transfer.amount_minor > 0 for transfer in transfers)
    records = [(transfer.transfer_id, transfer.phase) for transfer in transfers]
    assert len(records) == len(set(records))


@given(splits, st.data())
def test_a_settled_ledger_that_lacks_a_record_or_has_a_minor_unit_more_does_not_balance(
    split: Split, data: st.DataObject
) -> None:
    transfers = life_of(split)
    ended = [i for i, transfer in enumerate(transfers) if transfer.phase is Phase.POSTED]
    i = data.draw(st.sampled_from(ended))
    one_more = transfers[i].model_copy(update={"amount_minor": transfers[i].amount_minor + 1})
    assert not Book([*transfers[:i], *transfers[i + 1 :]]).is_balanced(settled=True)
    assert not Book([*transfers[:i], one_more, *transfers[i + 1 :]]).is_balanced(settled=True)


def test_an_escrow_that_holds_money_is_balanced_until_the_brief_is_settled() -> None:
    book = Book(funded(PAID))
    assert book.held == {f"escrow:{BRIEF}": 33_000}
    assert book.is_balanced(settled=False)
    assert not book.is_balanced(settled=True)


def test_what_is_owed_to_the_student_is_held_until_it_is_paid() -> None:
    book = Book([*funded(PAID), *dividing(a_claim(PAID))])
    assert book.held == {f"escrow:{BRIEF}": 0, f"payable:{STUDENT}": 30_000}
    assert book.balances[FEES] == 3_000
    assert not book.is_balanced(settled=True)


def test_an_escrow_that_gives_more_than_it_holds_is_never_balanced() -> None:
    short = [t.model_copy(update={"amount_minor": t.amount_minor - 1}) for t in funded(PAID)]
    assert not Book([*short, *dividing(a_claim(PAID))]).is_balanced(settled=False)


def test_money_that_was_posted_twice_is_never_balanced_even_if_the_escrow_could_pay_it() -> None:
    again = refunding(a_claim(DIVIDED), 2, NOW).model_copy(update={"amount_minor": 0})
    book = Book([*life_of(DIVIDED), *both(again)])
    assert set(book.held.values()) == {0}
    assert not book.is_balanced(settled=True)
    assert not book.is_balanced(settled=False)


def test_what_is_pending_moves_nothing_and_must_have_ended_when_the_brief_is_settled() -> None:
    claim = a_claim(PAID)
    asked = refunding(claim, 1, NOW)
    book = Book([*life_of(PAID), asked])
    assert book.balances == Book(life_of(PAID)).balances
    assert book.pending == [asked]
    assert book.is_balanced(settled=False)
    assert not book.is_balanced(settled=True)


def test_what_was_voided_moves_nothing_and_is_not_pending() -> None:
    failed = both(paying_out(a_claim(PAID), 1, "sandbox-declined", NOW), OperationStatus.FAILED)
    book = Book([*life_of(PAID), *failed])
    assert book.pending == []
    assert book.balances == Book(life_of(PAID)).balances


def test_a_brief_that_was_never_funded_is_balanced_with_nothing() -> None:
    assert Book([]).is_balanced(settled=True)
    assert Book([]).balances == {}


def test_the_latest_record_is_the_last_attempts_end_whatever_order_they_come_in() -> None:
    claim = a_claim(PAID)
    first = both(paying_out(claim, 1, "sandbox-declined", NOW), OperationStatus.FAILED)
    second = paying_out(claim, 2, "sandbox-account", LATER)
    assert Book([]).latest(TransferName.PAYOUT) is None
    assert Book(reversed(first)).latest(TransferName.PAYOUT) == first[1]
    book = Book([second, *reversed(first), *funded(PAID)])
    assert book.latest(TransferName.PAYOUT) == second
    assert Book([*both(second)[::-1], *first]).latest(TransferName.PAYOUT) == both(second)[1]
    assert book.is_posted(TransferName.FUND)
    assert not book.is_posted(TransferName.PAYOUT)


def test_the_next_attempt_is_one_more_than_any_that_was_begun() -> None:
    claim = a_claim(PAID)
    eleventh = paying_out(claim, 11, "sandbox-account", NOW)
    assert Book([]).next_attempt(TransferName.PAYOUT) == 1
    assert Book(funded(PAID)).next_attempt(TransferName.PAYOUT) == 1
    assert Book([eleventh, paying_out(claim, 2, "sandbox-account", NOW)]).next_attempt(TransferName.PAYOUT) == 12


def test_transfers_stand_in_the_order_of_a_briefs_life() -> None:
    names = [t.name for t in Book(reversed(life_of(DIVIDED))).transfers]
    assert names == sorted(names, key=list(TransferName).index)
    assert set(names) == set(TransferName)


@pytest.mark.parametrize(
    ("status", "phase"), [(OperationStatus.SETTLED, Phase.POSTED), (OperationStatus.FAILED, Phase.VOIDED)]
)
def test_a_transfer_ends_as_the_provider_says(status: OperationStatus, phase: Phase) -> None:
    pending = paying_out(a_claim(PAID), 2, "sandbox-account", NOW)
    ended = pending.ended(an_operation(pending, status, "why"), LATER)
    assert (ended.phase, ended.at, ended.reason) == (phase, LATER, "why")
    assert ended.provider_reference == f"ref-{pending.transfer_id}"
    unchanged = set(Transfer.model_fields) - {"phase", "at", "reason", "provider_reference"}
    assert ended.model_dump(include=unchanged) == pending.model_dump(include=unchanged)


def test_a_transfer_that_will_not_be_asked_for_is_voided_with_the_reason() -> None:
    pending = funding(a_brief(), NOW)
    dropped = pending.dropped("not wanted any more", LATER)
    assert (dropped.phase, dropped.reason, dropped.at) == (Phase.VOIDED, "not wanted any more", LATER)
    assert dropped.transfer_id == pending.transfer_id


def test_records_tell_the_same_if_only_how_it_was_noted_differs() -> None:
    pending, posted = both(paying_out(a_claim(PAID), 1, "sandbox-account", NOW))
    for noted in ({"at": LATER}, {"provider_reference": "x"}, {"reason": "x"}, {"counterparty": "another"}):
        assert posted.tells_the_same(posted.model_copy(update=noted))
    told = {"amount_minor": 1, "currency": "EUR", "phase": Phase.VOIDED, "attempt": 2, "party_id": ORGANISATION}
    for name, value in {**told, "debit": "x", "credit": "x", "name": TransferName.REFUND}.items():
        assert not posted.tells_the_same(posted.model_copy(update={name: value})), name
    assert not pending.tells_the_same(posted)


def test_ids_follow_from_the_brief_the_name_and_the_attempt() -> None:
    assert [t.transfer_id for t in dividing(a_claim(PAID))] == [f"{BRIEF}#release", f"{BRIEF}#fee"]
    claim = a_claim(DIVIDED)
    assert paying_out(claim, 1, "sandbox-account", NOW).transfer_id == f"{BRIEF}#payout"
    assert refunding(claim, 3, NOW).transfer_id == f"{BRIEF}#refund#3"
    for attempt in (1, 2, 10):
        key = transfer_id(BRIEF, TransferName.REFUND, attempt)
        assert brief_of_transfer(key) == BRIEF
    assert transfer_id(BRIEF, TransferName.FUND) == funding(a_brief(), NOW).transfer_id


def test_each_collection_that_was_asked_for_is_an_attempt_of_its_own() -> None:
    brief = a_brief()
    keys = [funding(brief.model_copy(update={"funding_attempts": n}), NOW).transfer_id for n in (0, 1, 2)]
    assert keys == [f"{BRIEF}#fund", f"{BRIEF}#fund", f"{BRIEF}#fund#2"]


def test_everything_stands_on_the_statement_of_whom_it_concerns() -> None:
    claim = a_claim(DIVIDED)
    transfers = [*funded(DIVIDED), *dividing(claim), paying_out(claim, 1, "d", NOW), refunding(claim, 1, NOW)]
    assert {t.name: t.party_id for t in transfers} == {
        TransferName.FUND: ORGANISATION,
        TransferName.RELEASE: STUDENT,
        TransferName.FEE: ORGANISATION,
        TransferName.PAYOUT: STUDENT,
        TransferName.REFUND: ORGANISATION,
    }


def test_claims_agree_if_they_divide_alike_whenever_that_was() -> None:
    claim = a_claim(PAID)
    assert claim.agrees_with(claim.model_copy(update={"claimed_at": LATER}))
    for other in ({"split": DIVIDED}, {"student_id": None}, {"student_id": "another-student"}, {"currency": "EUR"}):
        assert not claim.agrees_with(claim.model_copy(update=other))


def test_a_hold_says_the_same_while_its_reason_and_its_time_do() -> None:
    hold = Hold(
        brief_id=BRIEF,
        name=TransferName.PAYOUT,
        party_id=STUDENT,
        amount_minor=1,
        currency="USD",
        reason="no account",
        since=NOW,
    )
    assert hold.says_the_same(hold.model_copy(update={"since": LATER}))
    assert not hold.says_the_same(hold.model_copy(update={"reason": "blocked"}))
    assert not hold.says_the_same(hold.model_copy(update={"until": LATER}))


@pytest.mark.parametrize("amount", [-1, 1.5])
def test_a_transfer_is_of_whole_minor_units(amount: object) -> None:
    with pytest.raises(ValueError, match="amount_minor"):
        Transfer.model_validate(funding(a_brief(), NOW).model_dump() | {"amount_minor": amount})
