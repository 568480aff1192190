"""How well a student fits a brief: laws of the score, and what its parts say."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.brief import Brief
from microintern.domain.fit import (
    POINTS_FOR_HOURS,
    POINTS_FOR_SKILLS,
    Experience,
    Fit,
    Strengths,
    Work,
    fit,
    work_of,
)
from microintern.domain.states import State
from tests.unit.builders import NOW, STUDENT, brief_in

SKILLS = ["charts", "data-cleaning", "excel", "figma", "html", "python", "sql", "writing"]
some_skills = st.lists(st.sampled_from(SKILLS), unique=True)


@st.composite
def briefs(draw: st.DrawFn) -> Brief:
    facts: dict[str, Any] = {
        "skills": draw(st.lists(st.sampled_from(SKILLS), min_size=1, max_size=8, unique=True)),
        "hours": draw(st.integers(5, 40)),
        "submission_due_at": NOW + timedelta(hours=draw(st.integers(-10, 2_000))),
    }
    return brief_in(State.OPEN).model_copy(update=facts)


@st.composite
def experiences(draw: st.DrawFn) -> Experience:
    work = st.builds(
        Work,
        version=st.just(1),
        skills=some_skills,
        hours=st.integers(5, 40),
        due_at=st.just(NOW),
        under_way=st.booleans(),
        completed=st.booleans(),
    )
    found = draw(st.dictionaries(st.sampled_from([f"other-brief-{n}" for n in range(5)]), work))
    return Experience(account_id=STUDENT, work=found)


strengths = st.builds(
    Strengths, account_id=st.just(STUDENT), skills=some_skills, hours_per_week=st.none() | st.integers(0, 60)
)
NOBODY = Experience(account_id=STUDENT)


def completed(*skills: str) -> Work:
    return Work(version=1, skills=list(skills), hours=5, due_at=NOW, under_way=False, completed=True)


@given(briefs(), st.none() | strengths, experiences())
def test_a_score_lies_within_its_bounds_and_is_the_sum_of_its_parts(
    brief: Brief, said: Strengths | None, experience: Experience
) -> None:
    found = fit(brief, said, experience, NOW)
    assert 0 <= found.score <= 100
    assert found.score == sum(part.points for part in found.parts)
    assert sum(part.most for part in found.parts) == 100
    assert all(0 <= part.points <= part.most and part.why for part in found.parts)
    assert [part.skill for part in found.parts if part.of == "skill"] == brief.skills
    assert sum(part.most for part in found.parts if part.of == "skill") == POINTS_FOR_SKILLS


@given(briefs(), strengths, experiences(), st.sampled_from(SKILLS))
def test_one_skill_more_lowers_no_score_and_raises_it_where_it_was_missing(
    brief: Brief, said: Strengths, experience: Experience, skill: str
) -> None:
    more = said.model_copy(update={"skills": [*said.skills, skill]})
    shown = Experience(account_id=STUDENT, work={**experience.work, "one-more-brief": completed(skill)})
    before = fit(brief, said, experience, NOW).score
    saying, showing = fit(brief, more, experience, NOW).score, fit(brief, more, shown, NOW).score
    assert before <= saying <= showing
    missing = skill in brief.skills and skill not in said.skills and skill not in experience.shown
    assert not missing or before < saying < showing


@given(briefs(), strengths, experiences(), st.integers(0, 20))
def test_more_hours_lower_no_score_and_more_work_raises_none(
    brief: Brief, said: Strengths, experience: Experience, hours: int
) -> None:
    more = said.model_copy(update={"hours_per_week": (said.hours_per_week or 0) + hours})
    busy = completed().model_copy(update={"under_way": True, "completed": False, "hours": 5 + hours})
    busier = Experience(account_id=STUDENT, work={**experience.work, "one-more-brief": busy})
    assert fit(brief, said, experience, NOW).score <= fit(brief, more, experience, NOW).score
    assert fit(brief, said, busier, NOW).score <= fit(brief, said, experience, NOW).score


def example(hours_per_week: int | None = 6, experience: Experience = NOBODY, **changes: Any) -> Fit:
    facts = {"skills": ["charts", "python", "sql"], "hours": 12, "submission_due_at": NOW + timedelta(days=14)}
    brief = brief_in(State.OPEN).model_copy(update={**facts, **changes})
    return fit(brief, Strengths(account_id=STUDENT, skills=["python"], hours_per_week=hours_per_week), experience, NOW)


def test_what_was_shown_counts_whole_what_is_said_three_quarters() -> None:
    found = example(experience=Experience(account_id=STUDENT, work={"brief-done": completed("charts")}))
    assert [(part.points, part.most) for part in found.parts] == [(24, 24), (17, 23), (0, 23), (30, 30)]
    assert found.score == 71
    assert "completed shows it" in found.parts[0].why
    assert "You say" in found.parts[1].why
    assert "No brief" in found.parts[2].why


def test_hours_that_are_too_few_count_in_proportion_and_briefs_under_way_are_taken_off() -> None:
    assert example().parts[-1].points == POINTS_FOR_HOURS
    assert example(hours_per_week=3).parts[-1].points == 15
    other = completed().model_copy(update={"under_way": True, "completed": False, "hours": 6})
    busy = Experience(account_id=STUDENT, work={"brief-other": other})
    part = example(experience=busy).parts[-1]
    assert part.points == 15
    assert "which take 6" in part.why
    assert example(hours_per_week=None).parts[-1].points == 0


def test_a_brief_does_not_take_its_own_hours_off() -> None:
    brief = brief_in(State.AWARDED)
    own = Experience(account_id=STUDENT, work={brief.brief_id: work_of(brief)})
    assert own.hours_taken() == brief.hours
    assert own.hours_taken(besides=brief.brief_id) == 0


def test_what_a_brief_is_to_its_student_follows_its_state() -> None:
    work = {state: work_of(brief_in(state)) for state in State}
    assert {state for state in State if work[state].under_way} == {State.AWARDED, State.CHANGES_REQUESTED}
    assert {state for state in State if work[state].completed} == {State.APPROVED, State.PAID}
    given_back = work_of(brief_in(State.AWARDED), given_back=True)
    assert (given_back.under_way, given_back.completed) == (False, False)
