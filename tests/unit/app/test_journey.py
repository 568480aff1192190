"""A brief from posting to its end, as the people involved live it."""

import pytest

from microintern.app import browsing, following
from microintern.app.accounts import notices, record
from microintern.domain.documents import Review, Submission
from microintern.domain.ledger import Phase, TransferName
from microintern.domain.states import State
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import BRIEF, STUDENT, employer, operator, student


def live(world: World, *steps: object) -> None:
    """Take each step and let the stream show it, as it does on AWS."""
    for step in steps:
        assert callable(step)
        step()
        world.stream_delivers()


def test_from_posting_to_payout_with_one_revision() -> None:
    world = World()
    world.be_payable()
    world.be_payable(rival())
    live(world, world.post, world.ask_for_funding, world.money_moves)
    world.apply()
    world.apply(rival())
    live(world, world.award)
    world.upload_all()
    live(world, world.submit, world.request_changes)
    world.upload(deliverable="chart")
    live(world, world.submit, world.approve, world.money_moves)

    assert world.brief.state is State.PAID
    assert world.moved == [("collect", 33_000), ("pay_out", 30_000)]
    timeline = browsing.timeline(employer(), world.brief_id, 100, None, briefs=world.briefs, trail=world.trail)
    assert [(step.type, step.by.value) for step in timeline.items] == [
        ("brief.posted", "employer"),
        ("brief.funding_requested", "employer"),
        ("brief.opened", "server"),
        ("brief.awarded", "employer"),
        ("brief.submitted", "student"),
        ("brief.changes_requested", "employer"),
        ("brief.submitted", "student"),
        ("brief.approved", "employer"),
        ("brief.paid", "server"),
    ]
    shown = [step.deadline for step in timeline.items if step.deadline]
    assert len(shown) == 7
    assert all(deadline.zone == "America/New_York" and deadline.then for deadline in shown)
    ledger = browsing.ledger_of(student(), world.brief_id, briefs=world.briefs, ledger=world.ledger)
    assert ledger.balanced
    assert [(t.name, t.phase) for t in ledger.transfers] == [
        ("fund", "pending"),
        ("fund", "posted"),
        ("release", "posted"),
        ("fee", "posted"),
        ("payout", "pending"),
        ("payout", "posted"),
    ]


def test_submissions_and_reviews_keep_every_round() -> None:
    world = a_world_in(State.CHANGES_REQUESTED)
    world.upload(deliverable="chart")
    world.submit()
    world.approve()
    work, _ = browsing.documents(student(), world.brief_id, Submission, 10, None, briefs=world.briefs)
    reviews, _ = browsing.documents(employer(), world.brief_id, Review, 10, None, briefs=world.briefs)
    assert [submission.number for submission in work] == [1, 2]
    changed = {
        file.deliverable
        for one, two in zip(work[0].files, work[1].files, strict=True)
        for file in (two,)
        if one.file_id != two.file_id
    }
    assert changed == {"chart"}
    assert [(review.number, review.decision) for review in reviews] == [(1, "request_changes"), (2, "approve")]
    assert reviews[1].score_percent == 95


@pytest.mark.parametrize(
    ("state", "end", "moved"),
    [
        (State.POSTED, State.EXPIRED, []),
        (State.OPEN, State.EXPIRED, [("collect", 33_000), ("refund", 33_000)]),
        (State.AWARDED, State.EXPIRED, [("collect", 33_000), ("refund", 33_000)]),
        (State.SUBMITTED, State.PAID, [("collect", 33_000), ("pay_out", 30_000)]),
        (State.DISPUTED, State.RESOLVED, [("collect", 33_000), ("refund", 33_000)]),
    ],
)
def test_when_nobody_acts_the_deadline_decides_and_the_money_follows(
    state: State, end: State, moved: list[tuple[str, int]]
) -> None:
    world = a_world_in(state)
    world.deadline_lapses()
    if world.brief.state is State.DISPUTED:
        world.deadline_lapses()
    world.money_moves()
    assert world.brief.state is end
    assert world.moved == moved
    assert browsing.ledger_of(employer(), world.brief_id, briefs=world.briefs, ledger=world.ledger).balanced


def test_a_revision_that_never_comes_becomes_a_dispute_and_then_a_refund() -> None:
    world = a_world_in(State.CHANGES_REQUESTED)
    world.deadline_lapses()
    assert world.brief.state is State.DISPUTED
    world.deadline_lapses()
    assert world.money_moves() == "nothing_to_do"
    world.deadline_lapses()
    world.money_moves()
    assert (world.brief.state, world.moved[-1]) == (State.RESOLVED, ("refund", 33_000))


def test_an_employer_who_cancels_after_the_award_pays_a_kill_fee() -> None:
    world = a_world_in(State.AWARDED)
    world.cancel()
    world.money_moves()
    assert world.moved == [("collect", 33_000), ("pay_out", 7_500), ("refund", 25_500)]
    names = [transfer.name for transfer in world.book.transfers if transfer.phase is Phase.POSTED]
    assert names == [TransferName.FUND, TransferName.RELEASE, TransferName.PAYOUT, TransferName.REFUND]


def test_a_student_who_gives_an_award_back_leaves_it_to_the_next() -> None:
    world = a_world_in(State.OPEN)
    for one in (student, rival):
        world.be_payable(one())
        world.apply(one())
    world.award()
    world.withdraw_award()
    assert world.brief.state is State.OPEN
    world.award(student_id=rival().actor_id)
    assert world.brief.student_id == rival().actor_id


def test_an_operator_divides_the_escrow_to_the_minor_unit() -> None:
    world = a_world_in(State.DISPUTED)
    world.answer_dispute()
    world.resolve()
    assert world.money_moves() == "nothing_to_do"
    world.deadline_lapses()
    world.money_moves()
    assert world.moved[1:] == [("pay_out", 15_000), ("refund", 15_000)]
    operators = browsing.ledger_of(operator(), world.brief_id, briefs=world.briefs, ledger=world.ledger)
    assert operators.balances_minor["platform:fees"] == 3_000


def test_everybody_is_told_once_however_often_the_events_arrive() -> None:
    world = World()
    world.be_payable()
    live(world, world.post, world.ask_for_funding, world.money_moves)
    world.apply()
    world.apply(rival())
    live(world, world.award)
    live(world, world.deadline_lapses)
    world.events_arrive(times=3)
    told = {
        by: [n.type for n in notices(by(), 50, None, accounts=world.accounts).items]
        for by in (employer, student, rival)
    }
    assert told[employer] == ["brief.expired", "brief.opened"]
    assert told[student] == ["brief.expired", "brief.awarded"]
    assert told[rival] == ["brief.awarded"]
    marks = record(student(), accounts=world.accounts).marks
    assert [(mark.brief_id, mark.reason) for mark in marks] == [(world.brief_id, "not_submitted")]
    assert record(rival(), accounts=world.accounts).marks == []


def test_what_is_published_names_nobody_and_quotes_nobody() -> None:
    world = World()
    world.be_payable()
    live(world, world.post, world.ask_for_funding, world.money_moves)
    following.follow_application(world.apply(), trail=world.trail, bus=world.bus)
    live(world, world.award)
    published = repr(world.bus.events)
    assert world.brief_id in published
    assert STUDENT in published
    for written in ("statistics course", "portfolio", "pay floors", "sandbox-card"):
        assert written not in published
    assert BRIEF not in published
