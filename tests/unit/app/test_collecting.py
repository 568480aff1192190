"""The escrow is collected once, and belongs to nobody else when the brief has ended meanwhile."""

import pytest

from microintern.adapters.payments.sandbox import BY_AMOUNT, Behaviour
from microintern.domain.audit import Finding
from microintern.domain.brief import Brief
from microintern.domain.ledger import Phase, Transfer, TransferName
from microintern.domain.problems import Conflict
from microintern.domain.states import State
from microintern.ports.payments import PaymentUnavailable
from tests.unit.app.world import LATE_S, Crash, World, a_world_in
from tests.unit.builders import POLICY

COLLECTED = ("collect", 33_000)
GIVEN_BACK = ("refund", 33_000)


def asked(method: str = "sandbox-card") -> World:
    """The employer has just asked to be charged."""
    world = a_world_in(State.POSTED)
    world.ask_for_funding(method=method)
    return world


def records(world: World) -> list[tuple[str, Phase]]:
    return [(t.transfer_id.partition("#")[2], t.phase) for t in world.book.transfers]


def is_settled_and_balanced(world: World) -> bool:
    return world.brief.settled_at is not None and world.book.is_balanced(settled=True)


def test_the_provider_is_asked_at_once_and_the_brief_opens_when_it_says_so() -> None:
    world = asked()
    assert world.advance() == "waiting"
    assert (world.brief.state, records(world)) == (State.POSTED, [("fund", Phase.PENDING)])
    assert world.provider_tells() == ["opened"]
    assert (world.brief.state, world.brief.collecting) == (State.OPEN, False)
    assert records(world) == [("fund", Phase.PENDING), ("fund", Phase.POSTED)]
    assert world.ledger.balances(world.brief_id) == world.book.held == {f"escrow:{world.brief_id}": 33_000}


def test_the_brief_opens_once_however_often_anybody_asks() -> None:
    world = asked()
    said = [world.advance() for _ in range(4)]
    assert said == ["waiting", "opened", "nothing_to_do", "nothing_to_do"]
    assert world.provider_tells() == ["nothing_to_do"]
    assert world.moved == [COLLECTED]
    assert world.brief.version == 3


def test_nothing_is_collected_that_nobody_asked_for() -> None:
    world = a_world_in(State.POSTED)
    assert world.advance() == "nothing_to_do"
    assert (world.moved, records(world)) == ([], [])


def test_a_brief_that_is_not_there_is_left_to_a_person() -> None:
    """Only a restored table, or a message about another platform's money, can lead here."""
    world = World()
    world.brief_id = "no-such-brief-00"
    assert [world.advance(), world.advance()] == ["unknown", "unknown"]
    assert world.findings() == [Finding.UNKNOWN_TRANSFER]


def test_a_declined_card_leaves_the_brief_posted_and_another_one_can_be_tried() -> None:
    world = asked("sandbox-declined")
    assert world.money_moves() == "declined"
    brief = world.brief
    assert (brief.state, brief.collecting, brief.event.type) == (State.POSTED, False, "brief.funding_failed")
    assert brief.event.facts == {"reason": "The payment method was declined."}
    assert world.advance() == "nothing_to_do"
    world.ask_for_funding()
    assert world.money_moves() == "opened"
    assert world.moved == [COLLECTED]
    assert records(world) == [
        ("fund", Phase.PENDING),
        ("fund", Phase.VOIDED),
        ("fund#2", Phase.PENDING),
        ("fund#2", Phase.POSTED),
    ]
    assert world.book.is_balanced(settled=False)


def test_while_the_provider_is_still_at_it_nothing_is_asked_for_again() -> None:
    world = asked("sandbox-late")
    for _ in range(3):
        assert world.advance() == "waiting"
        with pytest.raises(Conflict) as refused:
            world.ask_for_funding()
        assert refused.value.code == "funding_in_progress"
        world.clock.forward(seconds=60)
    world.clock.forward(seconds=LATE_S)
    assert world.provider_tells() == ["opened"]
    assert len(world.outbox.messages) == 1


def test_a_provider_that_tells_twice_is_believed_once() -> None:
    world = asked("sandbox-twice")
    assert world.advance() == "waiting"
    assert len(world.outbox.messages) == 2
    assert world.provider_tells() == ["opened"]
    assert set(world.findings(needs_person=False)) == {Finding.WEBHOOK_APPLIED, Finding.WEBHOOK_REPLAYED}
    assert (world.moved, world.brief.version) == ([COLLECTED], 3)


def test_a_provider_that_never_tells_is_asked_by_the_sweeper() -> None:
    world = asked("sandbox-silent")
    assert world.money_moves() == "waiting"
    world.clock.forward(seconds=POLICY.overdue_after_s - 1)
    assert world.sweep().advanced == 0
    world.clock.forward(seconds=2)
    assert world.sweep().advanced == 1
    assert (world.brief.state, world.moved) == (State.OPEN, [COLLECTED])


@pytest.mark.parametrize("behaviour", [Behaviour.OTHER_AMOUNT, Behaviour.OTHER_CURRENCY])
def test_a_provider_that_speaks_of_other_money_is_not_believed(behaviour: Behaviour) -> None:
    world = asked(behaviour)
    assert [world.advance(), world.advance()] == ["needs_person"] * 2
    world.clock.forward(days=1)
    assert world.provider_tells() == ["needs_person"]
    assert world.findings() == [Finding.AMOUNT_DIFFERS]
    assert (world.brief.state, records(world)) == (State.POSTED, [("fund", Phase.PENDING)])
    world.deadline_lapses()
    assert world.advance() == "needs_person"
    assert records(world) == [("fund", Phase.PENDING)]


@pytest.mark.parametrize("ending", BY_AMOUNT)
def test_every_way_can_also_be_tried_by_the_amount(ending: int) -> None:
    """The fee is a tenth on top: these pays make an escrow that ends in the number."""
    pay_minor = next(pay for pay in range(30_000, 60_000) if (pay + (pay * 1_000 + 5_000) // 10_000) % 1_000 == ending)
    world = World(pay={"amount_minor": pay_minor, "currency": "USD"}).bring_to(State.POSTED)
    world.ask_for_funding()
    assert world.brief.escrow_minor % 1_000 == ending
    other = BY_AMOUNT[ending] in (Behaviour.OTHER_AMOUNT, Behaviour.OTHER_CURRENCY)
    assert (world.money_moves() == "needs_person") == other
    opens = BY_AMOUNT[ending] is Behaviour.TWICE
    assert world.brief.state is (State.OPEN if opens else State.POSTED)


# ── crashes ───────────────────────────────────────────────────────────────────────────────────────


def test_a_crash_before_the_provider_is_asked_is_made_good_by_the_repeat() -> None:
    world = asked()
    world.provider.meanwhile = crash
    with pytest.raises(Crash):
        world.advance()
    assert records(world) == [("fund", Phase.PENDING)]
    assert world.money_moves() == "opened"
    assert world.moved == [COLLECTED]


def crash() -> None:
    raise Crash


def test_a_crash_after_the_provider_collected_is_made_good_by_the_repeat() -> None:
    world = asked()
    world.advance()
    world.ledger.crashes = True
    with pytest.raises(Crash):
        world.provider_tells()
    assert world.brief.state is State.POSTED
    assert world.advance() == "opened"
    assert world.moved == [COLLECTED]


def test_a_provider_that_cannot_be_reached_is_asked_again_later() -> None:
    world = asked()

    def unavailable() -> None:
        raise PaymentUnavailable("no answer")

    world.provider.meanwhile = unavailable
    with pytest.raises(PaymentUnavailable):
        world.advance()
    assert world.brief.collecting
    assert world.money_moves() == "opened"
    assert world.moved == [COLLECTED]


def test_two_at_once_collect_once() -> None:
    world = asked()
    said: list[str] = []
    world.provider.meanwhile = lambda: said.append(world.advance())
    said.append(world.advance())
    assert said == ["waiting", "opened"]
    assert (world.moved, world.brief.version) == ([COLLECTED], 3)


@pytest.mark.parametrize("days", [0, 30])
def test_the_provider_is_asked_once_even_if_it_forgets_its_keys(days: int) -> None:
    world = asked()
    world.advance()
    world.clock.forward(days=days)
    world.advance()
    assert world.provider.asked_for == [f"{world.brief_id}#fund"]


def test_a_brief_that_was_cancelled_after_it_was_read_is_not_collected_for() -> None:
    world = asked()
    begin = world.ledger.begin

    def cancelled_first(pending: Transfer, brief: Brief | None = None) -> None:
        world.ledger.begin = begin  # type: ignore[method-assign]
        world.cancel()
        begin(pending, brief)

    world.ledger.begin = cancelled_first  # type: ignore[method-assign]
    assert world.advance() == "settled"
    assert (world.provider.asked_for, records(world)) == ([], [])


# ── the brief ends meanwhile ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("end", [World.cancel, World.deadline_lapses], ids=["cancelled", "expired"])
def test_money_that_comes_after_the_brief_has_ended_goes_straight_back(end: object) -> None:
    world = asked("sandbox-late")
    world.advance()
    assert callable(end)
    end(world)
    assert world.advance() == "waiting"
    world.clock.forward(seconds=LATE_S)
    assert world.money_moves() == "settled"
    assert world.moved == [COLLECTED, GIVEN_BACK]
    assert is_settled_and_balanced(world)
    assert world.brief.event.facts == {"student_minor": 0, "employer_minor": 33_000, "fee_minor": 0}
    assert world.brief.event.type == "brief.settled"


def test_a_collection_that_fails_after_the_brief_has_ended_leaves_nothing_to_divide() -> None:
    world = asked("sandbox-declined")
    world.advance()
    world.cancel()
    assert world.money_moves() == "settled"
    assert world.moved == []
    assert records(world) == [("fund", Phase.PENDING), ("fund", Phase.VOIDED)]
    assert is_settled_and_balanced(world)


def test_a_collection_that_was_never_asked_for_is_voided_when_nobody_can_be_asking_any_more() -> None:
    world = asked()
    world.provider.meanwhile = crash
    with pytest.raises(Crash):
        world.advance()
    world.cancel()
    assert world.advance() == "waiting"
    world.clock.forward(seconds=POLICY.overdue_after_s)
    assert world.money_moves() == "settled"
    assert records(world) == [("fund", Phase.PENDING), ("fund", Phase.VOIDED)]
    assert world.moved == []
    assert is_settled_and_balanced(world)


def test_a_collection_that_was_not_even_begun_is_nothing_to_wait_for() -> None:
    world = asked()
    world.cancel()
    assert world.money_moves() == "settled"
    assert (records(world), world.moved) == ([], [])


def test_a_request_that_was_on_its_way_when_the_brief_was_cancelled_is_not_lost() -> None:
    """One process has begun to collect; another one cancels and settles before the provider hears of it."""
    world = asked()

    def cancelled_and_settled() -> None:
        world.cancel()
        assert world.money_moves() == "waiting"

    world.provider.meanwhile = cancelled_and_settled
    assert world.money_moves() == "settled"
    assert world.moved == [COLLECTED, GIVEN_BACK]
    assert is_settled_and_balanced(world)


def test_a_brief_that_lapses_between_the_providers_answer_and_the_ledger_gets_its_money_back() -> None:
    world = asked()
    world.advance()
    record = world.ledger.record

    def lapses_first(ended: Transfer, before: Brief | None = None, after: Brief | None = None) -> None:
        world.ledger.record = record  # type: ignore[method-assign]
        world.deadline_lapses()
        record(ended, before, after)

    world.ledger.record = lapses_first  # type: ignore[method-assign]
    assert world.money_moves() == "settled"
    assert world.brief.state is State.EXPIRED
    assert world.moved == [COLLECTED, GIVEN_BACK]
    assert is_settled_and_balanced(world)


def test_a_brief_that_was_never_funded_settles_without_any_transfer() -> None:
    world = a_world_in(State.EXPIRED)
    assert world.money_moves() == "settled"
    assert (world.brief.settled_at, records(world), world.moved) == (world.clock.now(), [], [])
    assert world.brief.event.facts == {"student_minor": 0, "employer_minor": 0, "fee_minor": 0}


def test_a_brief_that_ended_after_several_declined_cards_settles_without_money() -> None:
    world = asked("sandbox-declined")
    world.money_moves()
    world.ask_for_funding(method="sandbox-declined-too")
    world.money_moves()
    world.cancel()
    assert world.money_moves() == "settled"
    assert [t.attempt for t in world.book.transfers if t.phase is Phase.VOIDED] == [1, 2]
    assert not world.book.is_posted(TransferName.FUND)
