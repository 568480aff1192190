"""The Ledger port: money moves once, and only together with its brief."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microintern.domain.base import iso
from microintern.domain.brief import Brief
from microintern.domain.ledger import (
    Book,
    Hold,
    Phase,
    Transfer,
    TransferName,
    dividing,
    escrow_account,
    payable_account,
    paying_out,
    refunding,
)
from microintern.domain.payments import OperationStatus
from microintern.domain.payout_matrix import Split
from microintern.domain.states import State
from microintern.ports.conditions import Stale
from microintern.ports.ledger import Ledger, OutOfBalance
from microintern.ports.paging import Page, Position
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW, STUDENT
from tests.contract.test_briefs import walk

LATER = NOW + timedelta(minutes=5)
DIVIDED = Split(student_minor=20_000, employer_minor=21_250, fee_minor=4_125)


def brief_of(stores: Stores, brief_id: str) -> Brief:
    snapshot = stores.briefs.read(brief_id)
    assert snapshot is not None
    return snapshot.brief


@pytest.fixture
def posted(stores: Stores) -> Brief:
    """A brief that waits for its money."""
    brief = examples.brief()
    stores.briefs.create(brief, examples.content())
    return brief


@pytest.fixture
def funded(stores: Stores, posted: Brief) -> Brief:
    """A brief whose money is held, approved at once."""
    approved = examples.moved(posted, state=State.APPROVED, due_at=None, lapse_at=None)
    pending = examples.fund(posted)
    stores.ledger.begin(pending, posted)
    stores.ledger.record(examples.ended(pending), posted, approved)
    return approved


def is_unchanged(stores: Stores, brief: Brief, transfers: int) -> bool:
    return brief_of(stores, brief.brief_id) == brief and len(stores.ledger.transfers(brief.brief_id)) == transfers


class TestBegin:
    def test_what_is_pending_moves_no_money(self, stores: Stores, posted: Brief) -> None:
        pending = examples.fund(posted)
        stores.ledger.begin(pending, posted)
        assert stores.ledger.transfers(posted.brief_id) == [pending]
        assert stores.ledger.balances(posted.brief_id) == {}
        assert brief_of(stores, posted.brief_id) == posted

    def test_the_same_again_changes_nothing_even_if_it_was_noted_otherwise(self, stores: Stores, posted: Brief) -> None:
        pending = examples.fund(posted)
        stores.ledger.begin(pending, posted)
        stores.ledger.begin(pending.model_copy(update={"at": LATER, "counterparty": "another-card"}), posted)
        stores.ledger.begin(pending)
        assert stores.ledger.transfers(posted.brief_id) == [pending]

    def test_it_needs_the_brief_as_it_was_read(self, stores: Stores, posted: Brief) -> None:
        cancelled = examples.moved(posted, state=State.CANCELLED)
        stores.briefs.save(posted, cancelled)
        with pytest.raises(Stale) as stale:
            stores.ledger.begin(examples.fund(posted), posted)
        assert stale.value.current == cancelled
        assert stores.ledger.transfers(posted.brief_id) == []

    def test_a_brief_that_moved_on_comes_before_what_is_there_already(self, stores: Stores, posted: Brief) -> None:
        stores.ledger.begin(examples.fund(posted), posted)
        stores.briefs.save(posted, examples.moved(posted))
        with pytest.raises(Stale):
            stores.ledger.begin(examples.fund(posted), posted)
        stores.ledger.begin(examples.fund(posted))

    @pytest.mark.parametrize("other", [{"amount_minor": 1}, {"currency": "EUR"}, {"party_id": "somebody-else"}])
    def test_other_money_under_its_id_is_refused(self, stores: Stores, posted: Brief, other: dict[str, Any]) -> None:
        pending = examples.fund(posted)
        stores.ledger.begin(pending)
        for brief in (None, posted):
            with pytest.raises(OutOfBalance):
                stores.ledger.begin(pending.model_copy(update=other), brief)
        assert stores.ledger.transfers(posted.brief_id) == [pending]

    def test_each_attempt_stands_by_itself(self, ledger: Ledger) -> None:
        claim = examples.settlement(examples.brief())
        attempts = [paying_out(claim, number, f"destination-{number}", NOW) for number in (1, 2, 11)]
        for pending in reversed(attempts):
            ledger.begin(pending)
        assert ledger.transfers(claim.brief_id) == attempts


class TestRecord:
    def test_the_money_and_the_brief_are_written_together(self, stores: Stores, posted: Brief) -> None:
        pending = examples.fund(posted)
        stores.ledger.begin(pending, posted)
        opened = examples.moved(posted, state=State.OPEN)
        stores.ledger.record(examples.ended(pending), posted, opened)
        assert stores.ledger.transfers(posted.brief_id) == [pending, examples.ended(pending)]
        assert stores.ledger.balances(posted.brief_id) == {escrow_account(posted.brief_id): posted.escrow_minor}
        assert brief_of(stores, posted.brief_id) == opened
        assert [s.brief for s in stores.briefs.list_in_state(State.OPEN, 5).items] == [opened]

    def test_what_was_voided_moves_no_money(self, stores: Stores, posted: Brief) -> None:
        pending = examples.fund(posted)
        stores.ledger.begin(pending, posted)
        voided = examples.ended(pending, OperationStatus.FAILED, reason="declined")
        after = examples.moved(posted, collecting=False)
        stores.ledger.record(voided, posted, after)
        assert stores.ledger.transfers(posted.brief_id) == [pending, voided]
        assert stores.ledger.balances(posted.brief_id) == {}
        assert brief_of(stores, posted.brief_id) == after

    def test_a_brief_that_moved_on_takes_no_money(self, stores: Stores, posted: Brief) -> None:
        pending = examples.fund(posted)
        stores.ledger.begin(pending, posted)
        cancelled = examples.moved(posted, state=State.CANCELLED)
        stores.briefs.save(posted, cancelled)
        with pytest.raises(Stale) as stale:
            stores.ledger.record(examples.ended(pending), posted, examples.moved(posted, state=State.OPEN))
        assert stale.value.current == cancelled
        assert stores.ledger.transfers(posted.brief_id) == [pending]
        assert stores.ledger.balances(posted.brief_id) == {}

    def test_without_a_brief_it_is_recorded_once(self, ledger: Ledger) -> None:
        brief = examples.brief()
        posted = examples.ended(examples.fund(brief))
        ledger.record(posted)
        ledger.record(posted.model_copy(update={"at": LATER, "provider_reference": "another"}))
        assert ledger.transfers(brief.brief_id) == [posted]
        assert ledger.balances(brief.brief_id) == {escrow_account(brief.brief_id): brief.escrow_minor}

    def test_what_was_recorded_already_stays_and_the_brief_moves_by_itself(self, stores: Stores, posted: Brief) -> None:
        """The brief's table was restored to before; the ledger was not."""
        ended = examples.ended(examples.fund(posted))
        stores.ledger.record(ended)
        opened = examples.moved(posted, state=State.OPEN)
        stores.ledger.record(ended.model_copy(update={"at": LATER}), posted, opened)
        assert brief_of(stores, posted.brief_id) == opened
        assert stores.ledger.transfers(posted.brief_id) == [ended]
        assert stores.ledger.balances(posted.brief_id) == {escrow_account(posted.brief_id): posted.escrow_minor}

    def test_the_same_again_is_stale_with_the_brief_that_it_led_to(self, stores: Stores, funded: Brief) -> None:
        before = examples.brief()
        with pytest.raises(Stale) as stale:
            stores.ledger.record(examples.ended(examples.fund(before)), before, funded)
        assert stale.value.current == funded

    @pytest.mark.parametrize("with_brief", [True, False])
    def test_a_transfer_has_one_end_and_of_one_money(self, stores: Stores, posted: Brief, with_brief: bool) -> None:
        ended = examples.ended(examples.fund(posted))
        stores.ledger.record(ended)
        step = (posted, examples.moved(posted)) if with_brief else ()
        for other in ({"phase": Phase.VOIDED}, {"amount_minor": 1}, {"currency": "EUR"}):
            with pytest.raises(OutOfBalance):
                stores.ledger.record(ended.model_copy(update=other), *step)
        assert is_unchanged(stores, posted, 1)
        assert stores.ledger.balances(posted.brief_id) == {escrow_account(posted.brief_id): posted.escrow_minor}

    @pytest.mark.parametrize("with_brief", [True, False])
    def test_no_account_falls_below_zero(self, stores: Stores, funded: Brief, with_brief: bool) -> None:
        claim = examples.settlement(funded, split=DIVIDED)
        too_much = refunding(claim, 1, NOW).model_copy(update={"amount_minor": funded.escrow_minor + 1})
        nothing_owed = paying_out(claim, 1, "bank", NOW)
        step = (funded, examples.moved(funded)) if with_brief else ()
        for pending in (too_much, nothing_owed):
            with pytest.raises(OutOfBalance):
                stores.ledger.record(examples.ended(pending), *step)
        assert is_unchanged(stores, funded, 2)
        assert stores.ledger.balances(funded.brief_id) == {escrow_account(funded.brief_id): funded.escrow_minor}

    def test_an_account_may_come_to_exactly_zero(self, stores: Stores, funded: Brief) -> None:
        whole = examples.settlement(funded, split=Split(student_minor=0, employer_minor=45_375, fee_minor=0))
        stores.ledger.record(examples.ended(refunding(whole, 1, NOW)))
        assert stores.ledger.balances(funded.brief_id) == {escrow_account(funded.brief_id): 0}

    def test_one_briefs_money_is_not_anothers(self, stores: Stores, funded: Brief) -> None:
        claim = examples.settlement(examples.brief(2))
        with pytest.raises(OutOfBalance):
            stores.ledger.record(examples.ended(refunding(claim, 1, NOW).model_copy(update={"amount_minor": 1})))
        assert stores.ledger.transfers("brief-000002") == []


class TestClaim:
    def test_the_escrow_is_divided_with_the_claim(self, stores: Stores, funded: Brief) -> None:
        claim = examples.settlement(funded, split=DIVIDED)
        assert stores.ledger.claim(claim, funded) == claim
        kept = stores.ledger.transfers(funded.brief_id)
        assert kept[2:] == dividing(claim)
        assert stores.ledger.balances(funded.brief_id) == {
            escrow_account(funded.brief_id): DIVIDED.employer_minor,
            payable_account(STUDENT): DIVIDED.student_minor,
        }
        assert Book(kept).held == stores.ledger.balances(funded.brief_id)
        assert brief_of(stores, funded.brief_id) == funded

    def test_the_first_claim_is_what_everybody_gets_whatever_became_of_the_brief(
        self, stores: Stores, funded: Brief
    ) -> None:
        first = examples.settlement(funded)
        stores.ledger.claim(first, funded)
        other = examples.settlement(funded, split=DIVIDED, claimed_at=LATER)
        assert stores.ledger.claim(other, funded) == first
        stores.briefs.save(funded, examples.moved(funded))
        assert stores.ledger.claim(other, funded) == first
        assert len(stores.ledger.transfers(funded.brief_id)) == 4

    def test_an_escrow_that_was_divided_before_is_not_divided_again(self, stores: Stores, funded: Brief) -> None:
        claim = examples.settlement(funded, split=DIVIDED)
        stores.ledger.record(dividing(claim)[-1])
        with pytest.raises(OutOfBalance):
            stores.ledger.claim(claim, funded)
        assert len(stores.ledger.transfers(funded.brief_id)) == 3

    def test_it_needs_the_brief_as_it_was_read(self, stores: Stores, funded: Brief) -> None:
        further = examples.moved(funded)
        stores.briefs.save(funded, further)
        with pytest.raises(Stale) as stale:
            stores.ledger.claim(examples.settlement(funded), funded)
        assert stale.value.current == further
        assert len(stores.ledger.transfers(funded.brief_id)) == 2

    def test_more_than_the_escrow_holds_can_not_be_divided(self, stores: Stores, funded: Brief) -> None:
        more = Split(student_minor=funded.escrow_minor, employer_minor=0, fee_minor=1)
        with pytest.raises(OutOfBalance):
            stores.ledger.claim(examples.settlement(funded, split=more), funded)
        assert is_unchanged(stores, funded, 2)
        right = examples.settlement(funded)
        assert stores.ledger.claim(right, funded) == right

    def test_an_escrow_that_was_never_funded_can_not_be_divided(self, stores: Stores, posted: Brief) -> None:
        with pytest.raises(OutOfBalance):
            stores.ledger.claim(examples.settlement(posted), posted)
        assert is_unchanged(stores, posted, 0)

    def test_a_claim_that_gives_it_all_back_moves_nothing_yet(self, stores: Stores, funded: Brief) -> None:
        back = Split(student_minor=0, employer_minor=funded.escrow_minor, fee_minor=0)
        claim = examples.settlement(funded, split=back, student_id=None)
        assert stores.ledger.claim(claim, funded) == claim
        assert len(stores.ledger.transfers(funded.brief_id)) == 2
        assert stores.ledger.claim(examples.settlement(funded), funded) == claim

    def test_a_whole_life_ends_with_nothing_held(self, stores: Stores, funded: Brief) -> None:
        claim = stores.ledger.claim(examples.settlement(funded, split=DIVIDED), funded)
        for pending in (paying_out(claim, 1, "bank", NOW), refunding(claim, 1, NOW)):
            stores.ledger.begin(pending)
            stores.ledger.record(examples.ended(pending))
        balances = stores.ledger.balances(funded.brief_id)
        assert set(balances.values()) == {0}
        assert Book(stores.ledger.transfers(funded.brief_id)).is_balanced(settled=True)


def a_hold(number: int = 1, **changes: Any) -> Hold:
    fields: dict[str, Any] = {
        "brief_id": f"brief-{number:06d}",
        "name": TransferName.PAYOUT,
        "party_id": STUDENT,
        "amount_minor": 5,
        "currency": "USD",
        "reason": "no account",
        "since": NOW + timedelta(minutes=number),
    }
    return Hold(**{**fields, **changes})


class TestHolds:
    def test_a_hold_is_noted_once_while_it_says_the_same(self, ledger: Ledger) -> None:
        first = a_hold()
        assert ledger.hold(first)
        assert not ledger.hold(first)
        assert not ledger.hold(first.model_copy(update={"since": LATER + timedelta(days=1)}))
        assert ledger.holds(5).items == [first]
        for news in ({"reason": "blocked"}, {"until": LATER}, {"until": NOW}):
            changed = first.model_copy(update=news)
            assert ledger.hold(changed)
            assert not ledger.hold(changed)
            assert ledger.holds(5).items == [changed]

    def test_the_legs_of_one_brief_are_held_apart_and_dropped_when_the_cause_is_gone(self, ledger: Ledger) -> None:
        payout, refund = a_hold(), a_hold(name=TransferName.REFUND, since=LATER)
        for hold in (payout, refund):
            ledger.hold(hold)
        ledger.drop_hold(payout.brief_id, TransferName.PAYOUT)
        ledger.drop_hold(payout.brief_id, TransferName.PAYOUT)
        ledger.drop_hold("brief-000404", TransferName.REFUND)
        assert ledger.holds(5).items == [refund]
        assert ledger.hold(payout)

    def test_the_longest_held_come_first_page_by_page(self, ledger: Ledger) -> None:
        held = [a_hold(number) for number in (3, 1, 5, 2, 4)] + [a_hold(9, since=NOW)] + [a_hold(8, since=NOW)]
        for hold in held:
            ledger.hold(hold)
        pages = walk(lambda after: ledger.holds(2, after))
        found = [hold for page in pages for hold in page.items]
        assert [len(page.items) for page in pages] == [2, 2, 2, 1]
        assert [hold.since for hold in found] == sorted(hold.since for hold in held)
        assert len({hold.brief_id for hold in found}) == len(held)

    def test_a_hold_is_no_transfer_and_no_balance(self, ledger: Ledger) -> None:
        ledger.hold(a_hold())
        assert ledger.transfers("brief-000001") == []
        assert ledger.balances("brief-000001") == {}


def paid(ledger: Ledger, number: int, at: datetime, party_id: str = STUDENT, **changes: Any) -> Transfer:
    """A payout of a brief by itself; what is not held anywhere need not be funded first."""
    fields: dict[str, Any] = {
        "brief_id": f"brief-{number:06d}",
        "name": TransferName.PAYOUT,
        "debit": "provider",
        "credit": "provider",
        "amount_minor": number,
        "currency": "USD",
        "party_id": party_id,
        "at": at,
    }
    transfer = Transfer(**{**fields, **changes})
    ledger.record(transfer)
    return transfer


def all_of(page_after: Callable[[Position | None], Page]) -> list[int]:
    """The amounts on all pages, which say which transfers they are."""
    return [transfer.amount_minor for page in walk(page_after) for transfer in page.items]


class TestPostedOf:
    START = datetime(2026, 1, 1, tzinfo=UTC)
    END = datetime(2027, 1, 1, tzinfo=UTC)

    def listed(self, ledger: Ledger, limit: int = 100, party_id: str = STUDENT) -> list[int]:
        return all_of(lambda after: ledger.posted_of(party_id, self.START, self.END, limit, after))

    def test_a_span_takes_in_its_start_and_not_its_end(self, ledger: Ledger) -> None:
        ms = timedelta(milliseconds=1)
        for number, at in enumerate((self.START - ms, self.START, self.END - ms, self.END, self.END + ms), 1):
            paid(ledger, number, at)
        for limit in (1, 2, 100):
            assert self.listed(ledger, limit) == [2, 3]

    def test_each_sees_their_own_and_only_what_was_posted(self, ledger: Ledger) -> None:
        at = self.START + timedelta(days=1)
        paid(ledger, 1, at)
        paid(ledger, 2, at, EMPLOYER, name=TransferName.REFUND)
        paid(ledger, 3, at, phase=Phase.VOIDED)
        ledger.begin(paid(ledger, 4, at, party_id="somebody").model_copy(update={"phase": Phase.PENDING}))
        assert (self.listed(ledger), self.listed(ledger, party_id=EMPLOYER)) == ([1], [2])
        assert self.listed(ledger, party_id="nobody-at-all") == []

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
    def test_the_oldest_come_first_page_by_page(self, ledger: Ledger, limit: int) -> None:
        for number in (3, 1, 5, 2, 4, 7, 6):
            paid(ledger, number, self.START + timedelta(hours=number))
        assert self.listed(ledger, limit) == [1, 2, 3, 4, 5, 6, 7]

    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_what_was_posted_at_the_same_instant_is_each_shown_once(self, ledger: Ledger, limit: int) -> None:
        for number in range(1, 6):
            paid(ledger, number, self.START)
        assert sorted(self.listed(ledger, limit)) == [1, 2, 3, 4, 5]

    def test_release_and_fee_stand_on_the_statements_of_whom_they_concern(self, stores: Stores, funded: Brief) -> None:
        stores.ledger.claim(examples.settlement(funded), funded)
        assert self.listed(stores.ledger) == [funded.pay_minor]
        assert sorted(self.listed(stores.ledger, party_id=EMPLOYER)) == [funded.fee_minor, funded.escrow_minor]

    def test_a_transfer_comes_back_as_it_was_written(self, stores: Stores, funded: Brief) -> None:
        (fund,) = stores.ledger.posted_of(EMPLOYER, self.START, self.END, 5).items
        assert fund == examples.ended(examples.fund(examples.brief()))


class TestPostedIn:
    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_a_month_has_all_that_was_posted_in_it_and_no_more(self, ledger: Ledger, limit: int) -> None:
        ms = timedelta(milliseconds=1)
        start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
        for number, at in enumerate((start - ms, start, end - ms, end), 1):
            paid(ledger, number, at, party_id=f"payee-{number:03d}")
        paid(ledger, 7, start, phase=Phase.VOIDED)
        assert all_of(lambda after: ledger.posted_in("2026-11", limit, after)) == [2, 3]
        assert all_of(lambda after: ledger.posted_in("2026-12", limit, after)) == [4]
        assert all_of(lambda after: ledger.posted_in("2025-11", limit, after)) == []

    def test_a_month_is_counted_in_utc(self, ledger: Ledger) -> None:
        late = datetime.fromisoformat("2026-11-30T23:30:00-05:00")
        paid(ledger, 1, late)
        assert iso(late).startswith("2026-12-01")
        assert len(ledger.posted_in("2026-12", 5).items) == 1


class TestPaidIn:
    def test_a_year_has_its_payouts_payee_by_payee_and_each_ones_oldest_first(self, ledger: Ledger) -> None:
        new_year = datetime(2027, 1, 1, tzinfo=UTC)
        paid(ledger, 1, new_year - timedelta(days=1), "payee-two")
        paid(ledger, 2, new_year - timedelta(days=2), "payee-two")
        paid(ledger, 3, new_year - timedelta(days=1), "payee-one")
        paid(ledger, 4, new_year, "payee-one")
        paid(ledger, 5, new_year - timedelta(days=1), "payee-one", name=TransferName.RELEASE)
        paid(ledger, 6, new_year - timedelta(days=1), "payee-one", phase=Phase.VOIDED)
        for limit in (1, 2, 50):
            assert all_of(lambda after, limit=limit: ledger.paid_in(2026, limit, after)) == [3, 2, 1]  # type: ignore[misc]
        assert all_of(lambda after: ledger.paid_in(2027, 5, after)) == [4]

    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_after_a_payee_come_only_those_behind(self, ledger: Ledger, limit: int) -> None:
        """Ids of which one begins with the other, and with every character that an id may have, sort alike."""
        payees = sorted(["payee-00", "payee-000", "payee-00-", "payee-00A", "payee-00_", "payee-00a", "payee-01"])
        for number, payee in enumerate(payees):
            for month in (1, 12):
                paid(ledger, 100 * month + number, datetime(2026, month, 3, tzinfo=UTC), payee)
        for number, payee in enumerate(payees):
            found = all_of(lambda after, p=payee: ledger.paid_in(2026, limit, after, beyond=p))  # type: ignore[misc]
            assert [minor % 100 for minor in found[::2]] == list(range(number + 1, len(payees)))
        assert len(all_of(lambda after: ledger.paid_in(2026, limit, after))) == 2 * len(payees)
        assert ledger.paid_in(2026, 5, beyond="zzzzzzzzz").items == []
