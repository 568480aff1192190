"""The Ledger and PaymentProvider ports: money moves once, and only together with its brief."""

import pytest

from microintern.adapters.ledger import OutOfBalance
from microintern.adapters.sandbox import KeyReused
from microintern.domain.brief import Brief
from microintern.domain.ledger import TransferName, escrow_account, is_balanced
from microintern.domain.payout_matrix import Split
from microintern.domain.states import State
from microintern.ports import Ledger, PaymentProvider, Stale
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import NOW


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
    approved = examples.moved(posted, state=State.APPROVED)
    stores.ledger.record_funding(examples.fund(posted), posted, approved)
    return approved


class TestFunding:
    def test_the_transfer_and_the_opening_are_one(self, stores: Stores, posted: Brief) -> None:
        opened = examples.moved(posted, state=State.OPEN)
        stores.ledger.record_funding(examples.fund(posted), posted, opened)
        assert stores.ledger.transfers(posted.brief_id) == [examples.fund(posted)]
        assert brief_of(stores, posted.brief_id) == opened
        assert [s.brief for s in stores.briefs.list_in_state(State.OPEN, 5).items] == [opened]

    def test_a_brief_that_moved_on_takes_no_money(self, stores: Stores, posted: Brief) -> None:
        cancelled = examples.moved(posted, state=State.CANCELLED)
        stores.briefs.save(posted, cancelled)
        with pytest.raises(Stale) as stale:
            stores.ledger.record_funding(examples.fund(posted), posted, examples.moved(posted, state=State.OPEN))
        assert stale.value.current == cancelled
        assert stores.ledger.transfers(posted.brief_id) == []

    def test_the_same_again_is_stale_with_the_opened_brief(self, stores: Stores, posted: Brief) -> None:
        opened = examples.moved(posted, state=State.OPEN)
        stores.ledger.record_funding(examples.fund(posted), posted, opened)
        with pytest.raises(Stale) as stale:
            stores.ledger.record_funding(examples.fund(posted), posted, opened)
        assert stale.value.current == opened
        further = examples.moved(opened)
        with pytest.raises(Stale) as stale:
            stores.ledger.record_funding(examples.fund(posted), opened, further)
        assert stale.value.current == opened
        assert brief_of(stores, posted.brief_id) == opened


class TestReturn:
    def test_funding_and_refund_are_written_together_and_once(self, ledger: Ledger) -> None:
        brief = examples.brief()
        late = examples.fund(brief)
        back = late.model_copy(update={"name": TransferName.REFUND, "debit": late.credit, "credit": late.debit})
        ledger.record_return([late, back])
        ledger.record_return([late, back.model_copy(update={"at": examples.NOW.replace(year=2027)})])
        assert ledger.transfers(brief.brief_id) == [late, back]
        assert is_balanced([late, back], settled=True)

    def test_other_money_of_the_same_name_is_refused(self, ledger: Ledger) -> None:
        brief = examples.brief()
        late = examples.fund(brief)
        back = late.model_copy(update={"name": TransferName.REFUND, "debit": late.credit, "credit": late.debit})
        ledger.record_return([late])
        with pytest.raises(OutOfBalance):
            ledger.record_return([late, back])
        with pytest.raises(OutOfBalance):
            ledger.record_return([late.model_copy(update={"amount_minor": 1})])
        assert ledger.transfers(brief.brief_id) == [late]


class TestSettlement:
    def test_the_first_claim_is_what_everybody_gets(self, ledger: Ledger) -> None:
        brief = examples.brief()
        first = examples.settlement(brief, student_id=None)
        other = examples.settlement(brief, split=Split(student_minor=0, employer_minor=45_375, fee_minor=0))
        assert ledger.claim(first) == first
        assert ledger.claim(other) == first
        assert ledger.claim(first) == first

    def test_the_transfers_and_the_end_are_one(self, stores: Stores, funded: Brief) -> None:
        transfers = examples.settled(examples.settlement(funded))
        paid = examples.moved(funded, state=State.PAID, settled_at=NOW)
        stores.ledger.record_settlement(transfers, funded, paid)
        kept = stores.ledger.transfers(funded.brief_id)
        assert [transfer.name for transfer in kept] == ["fund", "release", "fee", "payout"]
        assert kept[1:] == transfers
        assert is_balanced(kept, settled=True)
        assert brief_of(stores, funded.brief_id) == paid
        with pytest.raises(Stale) as stale:
            stores.ledger.record_settlement(transfers, funded, paid)
        assert stale.value.current == paid

    def test_a_brief_that_moved_on_is_not_settled(self, stores: Stores, funded: Brief) -> None:
        stores.briefs.save(funded, examples.moved(funded))
        with pytest.raises(Stale):
            stores.ledger.record_settlement(
                examples.settled(examples.settlement(funded)),
                funded,
                examples.moved(funded, state=State.PAID),
            )
        assert len(stores.ledger.transfers(funded.brief_id)) == 1

    def test_nothing_but_exactly_what_is_held_leaves_the_escrow(self, stores: Stores, funded: Brief) -> None:
        paid = examples.moved(funded, state=State.PAID)
        transfers = examples.settled(examples.settlement(funded))
        assert [t.name for t in transfers if t.debit == escrow_account(funded.brief_id)] == ["release", "fee"]
        for wrong in (transfers[:1], [transfers[0].model_copy(update={"amount_minor": 10**9})]):
            with pytest.raises(OutOfBalance):
                stores.ledger.record_settlement(wrong, funded, paid)
        stores.ledger.record_settlement(transfers, funded, paid)
        with pytest.raises(OutOfBalance):
            stores.ledger.record_settlement(transfers, paid, examples.moved(paid))
        assert brief_of(stores, funded.brief_id) == paid

    def test_a_transfer_that_is_there_is_not_written_again(self, stores: Stores, funded: Brief) -> None:
        transfers = examples.settled(examples.settlement(funded))
        stores.ledger.record_return(transfers[:1])
        with pytest.raises(OutOfBalance):
            stores.ledger.record_settlement(transfers, funded, examples.moved(funded, state=State.PAID))
        assert brief_of(stores, funded.brief_id) == funded
        assert len(stores.ledger.transfers(funded.brief_id)) == 2

    def test_a_brief_without_money_just_ends(self, stores: Stores, posted: Brief) -> None:
        ended = examples.moved(posted, state=State.EXPIRED, settled_at=NOW)
        stores.ledger.record_settlement([], posted, ended)
        assert brief_of(stores, posted.brief_id) == ended
        assert stores.ledger.transfers(posted.brief_id) == []
        with pytest.raises(Stale):
            stores.ledger.record_settlement([], posted, ended)


class TestPayments:
    def test_the_same_key_gives_the_same_receipt(self, payments: PaymentProvider) -> None:
        assert payments.find("brief#fund") is None
        receipt = payments.collect("brief#fund", 45_375, "USD", "sandbox-card")
        assert receipt.settled
        assert receipt.reference.startswith("sbx_")
        assert payments.collect("brief#fund", 45_375, "USD", "sandbox-card") == receipt
        assert payments.find("brief#fund") == receipt

    def test_each_key_has_its_own_receipt(self, payments: PaymentProvider) -> None:
        receipts = [
            payments.collect("brief#fund", 5, "USD", "sandbox-card"),
            payments.pay_out("brief#payout", 5, "USD", "sandbox-bank"),
            payments.refund("brief#refund", 5, "USD", "brief#fund"),
        ]
        assert all(receipt.settled for receipt in receipts)
        assert len({receipt.reference for receipt in receipts}) == 3

    def test_a_key_stands_for_one_kind_amount_and_currency(self, payments: PaymentProvider) -> None:
        receipt = payments.collect("key", 5, "USD", "sandbox-card")
        with pytest.raises(KeyReused):
            payments.collect("key", 6, "USD", "sandbox-card")
        with pytest.raises(KeyReused):
            payments.collect("key", 5, "EUR", "sandbox-card")
        with pytest.raises(KeyReused):
            payments.pay_out("key", 5, "USD", "sandbox-card")
        assert payments.find("key") == receipt

    def test_what_was_done_stays_done_whatever_method_comes_later(self, payments: PaymentProvider) -> None:
        receipt = payments.collect("key", 5, "USD", "sandbox-card")
        assert payments.collect("key", 5, "USD", "sandbox-other") == receipt
        assert payments.collect("key", 5, "USD", "sandbox-declined") == receipt

    def test_what_was_declined_leaves_no_trace(self, payments: PaymentProvider) -> None:
        declined = payments.collect("fund", 5, "USD", "sandbox-declined-no-money")
        blocked = payments.pay_out("payout", 5, "USD", "sandbox-blocked-closed")
        for receipt in (declined, blocked):
            assert not receipt.settled
            assert receipt.reason
        assert payments.collect("fund", 5, "USD", "sandbox-declined-no-money") == declined
        assert payments.find("fund") is None
        assert payments.find("payout") is None
        assert payments.collect("fund", 6, "USD", "sandbox-card").settled
        assert payments.pay_out("payout", 5, "USD", "sandbox-bank").settled
