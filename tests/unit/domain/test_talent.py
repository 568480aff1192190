"""What a candidate reached, and where an offer stands."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.documents import Review, Score, rubric_score_percent
from microintern.domain.problems import Conflict, Invalid
from microintern.domain.states import State
from microintern.domain.talent import (
    MOST_NOTES,
    MOST_RESULTS,
    Candidate,
    Hire,
    Offer,
    OfferStatus,
    Result,
    Stage,
    check_offerable,
    result_of,
)
from tests.unit.builders import BRIEF, NOW, ORGANISATION, RIVAL, STUDENT, a_posting, brief_in, employer

POSTING = a_posting()


def a_candidate(**changes: object) -> Candidate:
    fields = {"organisation_id": ORGANISATION, "student_id": STUDENT, "stage_since": NOW, "kept_until": NOW}
    return Candidate.model_validate({**fields, **changes})


def an_offer(**changes: object) -> Offer:
    fields = {"student_id": STUDENT, "brief_id": BRIEF, "organisation_id": ORGANISATION, "message": "Again?"}
    made = {"offered_at": NOW, "offered_by": "acme-employer-1", "kept_until": NOW}
    return Offer.model_validate({**fields, **made, **changes})


def a_review(scores: list[Score]) -> Review:
    percent = rubric_score_percent(POSTING, scores)
    return Review(number=1, decision="approve", scores=scores, feedback="Fine.", score_percent=percent, reviewed_at=NOW)


@given(st.data())
def test_a_result_says_of_each_criterion_what_was_reached_and_agrees_with_the_score(data: st.DataObject) -> None:
    levels = [data.draw(st.sampled_from(criterion.levels)) for criterion in POSTING.rubric]
    scores = [
        Score(criterion=criterion.name, level=level.label, feedback="So.")
        for criterion, level in zip(POSTING.rubric, levels, strict=True)
    ]
    result = result_of(brief_in(State.PAID), POSTING, [a_review(scores)], NOW)
    assert result.percent_of.keys() == {criterion.name for criterion in POSTING.rubric}
    assert all(0 <= percent <= 100 for percent in result.percent_of.values())
    weighted = sum(c.weight * result.percent_of[c.name] for c in POSTING.rubric) // 100
    assert result.score_percent is not None
    assert result.score_percent - 1 <= weighted <= result.score_percent, "rounded down once for each criterion"


def test_what_silence_approved_has_no_scores_and_a_request_for_changes_gives_none() -> None:
    changes = Review(number=1, decision="request_changes", feedback="More.", reviewed_at=NOW)
    for reviews in ([], [changes]):
        assert result_of(brief_in(State.PAID), POSTING, reviews, NOW) == Result(
            brief_id=brief_in(State.PAID).brief_id, paid_at=NOW
        )


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 100)), max_size=80))
def test_a_brief_counts_once_and_the_latest_count(done: list[tuple[str, int]]) -> None:
    candidate = a_candidate()
    for name, percent in done:
        result = Result(brief_id=f"brief-{name}00001", paid_at=NOW, score_percent=percent, percent_of={"x": percent})
        candidate = candidate.with_result(result)
    latest = dict(done)
    assert len(candidate.results) == len(latest)
    expected = sum(latest.values()) // len(latest) if latest else None
    assert candidate.score_percent == candidate.percent_on("x") == expected
    assert candidate.percent_on("y") is None


def test_results_and_notes_are_bounded() -> None:
    candidate = a_candidate()
    for number in range(MOST_RESULTS + 1):
        candidate = candidate.with_result(Result(brief_id=f"brief-{number:06d}", paid_at=NOW))
    assert [candidate.results[0].brief_id, len(candidate.results)] == ["brief-000001", MOST_RESULTS]
    for _ in range(MOST_NOTES):
        candidate = candidate.moved(Stage.MET, "Met again.", None, employer(), NOW)
    with pytest.raises(Conflict, match="at most 50 notes"):
        candidate.moved(Stage.MET, "And again.", None, employer(), NOW)


def test_a_hire_says_as_what_and_nothing_else_does() -> None:
    hire, later = Hire(kind="internship"), NOW + timedelta(days=1)
    hired = a_candidate().moved(Stage.HIRED, None, hire, employer(), later)
    assert (hired.stage, hired.stage_since, hired.hire) == (Stage.HIRED, later, hire)
    assert hired.moved(Stage.HIRED, "Starts in May.", hire, employer(), NOW).stage_since == later
    assert hired.moved(Stage.CLOSED, None, None, employer(), NOW).hire is None
    for stage, given_hire in ((Stage.HIRED, None), (Stage.MET, hire)):
        with pytest.raises(Invalid, match="as what"):
            a_candidate().moved(stage, None, given_hire, employer(), NOW)


@pytest.mark.parametrize("stage", Stage)
def test_an_offer_invites_whoever_has_not_gone_further(stage: Stage) -> None:
    invited = a_candidate(stage=stage).with_offer(BRIEF, NOW)
    further = stage in (Stage.INTERVIEWING, Stage.HIRED)
    assert invited.stage == (stage if further else Stage.INVITED)
    assert invited.with_offer(BRIEF, NOW).offered == [BRIEF], "once, however often it is offered"


OFFERS = {
    OfferStatus.OPEN: (an_offer(), brief_in(State.OPEN)),
    OfferStatus.REFUSED: (an_offer(refused_at=NOW), brief_in(State.OPEN)),
    OfferStatus.WITHDRAWN: (an_offer(withdrawn_at=NOW), brief_in(State.OPEN)),
    OfferStatus.LAPSED: (an_offer(), brief_in(State.AWARDED).model_copy(update={"student_id": RIVAL})),
    OfferStatus.ACCEPTED: (an_offer(), brief_in(State.AWARDED)),
}


@pytest.mark.parametrize("status", OFFERS)
def test_where_an_offer_stands_follows_from_its_brief(status: OfferStatus) -> None:
    offer, brief = OFFERS[status]
    assert offer.status(brief) is status
    assert offer.stands == (status not in (OfferStatus.REFUSED, OfferStatus.WITHDRAWN))


def test_only_an_open_brief_can_be_offered_while_applications_are_taken() -> None:
    brief = brief_in(State.OPEN)
    check_offerable(brief, NOW)
    late = brief.applications_close_at
    for not_open, now in ((brief, late), (brief_in(State.POSTED), NOW)):
        with pytest.raises(Conflict, match="Only an open brief"):
            check_offerable(not_open, now)
