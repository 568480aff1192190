"""Growth: what was completed, by quarter, field and skill."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.growth import HOW, Done, Quarter, Sum, growth, quarter_of, told
from microintern.domain.posting import FieldOfWork

DONE = st.builds(
    Done,
    at=st.integers(0, 4 * 365 * 24).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    field=st.sampled_from(FieldOfWork),
    skills=st.lists(st.sampled_from(["python", "sql", "charts"]), min_size=1, unique=True),
    hours=st.integers(5, 40),
    score_percent=st.none() | st.integers(0, 100),
)


def done(day: str, skills: str = "python", **changes: Any) -> Done:
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return Done.model_validate({"at": at, "field": "data", "skills": skills.split(), "hours": 10, **changes})


@given(st.lists(DONE))
def test_nothing_is_lost_and_nothing_counts_twice(briefs: list[Done]) -> None:
    quarters = growth(briefs)
    assert sum(q.total.briefs for q in quarters) == len(briefs)
    assert sum(q.total.hours for q in quarters) == sum(brief.hours for brief in briefs)
    for quarter in quarters:
        assert sum(part.briefs for part in quarter.by_field.values()) == quarter.total.briefs
        assert sum(part.hours for part in quarter.by_field.values()) == quarter.total.hours
        assert all(part.briefs <= quarter.total.briefs for part in quarter.by_skill.values())


@given(st.lists(DONE), st.randoms())
def test_the_order_of_briefs_changes_nothing(briefs: list[Done], random: Any) -> None:
    shuffled = random.sample(briefs, len(briefs))
    assert growth(shuffled) == growth(briefs)


@given(st.lists(DONE, min_size=1))
def test_a_mean_lies_between_what_it_is_of(briefs: list[Done]) -> None:
    scores = [brief.score_percent for brief in briefs if brief.score_percent is not None]
    total = Sum.of(briefs)
    assert (total.mean_score_percent is None) == (not scores)
    if scores:
        assert total.scored == len(scores)
        assert total.mean_score_percent is not None
        assert min(scores) <= total.mean_score_percent <= max(scores)
        assert abs(total.mean_score_percent - sum(scores) / len(scores)) <= 0.5


@given(DONE)
def test_quarters_are_three_months_and_sort_as_they_come(brief: Done) -> None:
    assert quarter_of(brief.at) <= quarter_of(brief.at + timedelta(days=1))
    assert quarter_of(brief.at) < quarter_of(brief.at + timedelta(days=92))


def test_a_quarter_begins_with_its_first_instant_in_utc() -> None:
    assert quarter_of(datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)) == "2026-Q1"
    assert quarter_of(datetime(2026, 4, 1, tzinfo=UTC)) == "2026-Q2"
    assert quarter_of(datetime(2026, 12, 31, tzinfo=UTC)) == "2026-Q4"


def test_means_are_rounded_half_up() -> None:
    assert Sum.of([done("2026-01-01", score_percent=p) for p in (80, 81)]).mean_score_percent == 81


def test_it_is_told_in_sentences() -> None:
    briefs = [
        done("2026-02-01", "python", score_percent=70),
        done("2026-05-01", "python sql", score_percent=90),
        done("2026-05-02", "sql", field="design"),
    ]
    assert told(growth(briefs)) == [
        "3 briefs and 30 hours since 2026-Q1, in 2 fields.",
        "python: 2 briefs in 2 quarters, mean score from 70 to 90 of 100.",
    ]
    assert told(growth(briefs[:1])) == ["1 brief and 10 hours since 2026-Q1, in 1 field."]
    assert told([]) == []


def test_every_figure_says_how_it_is_computed() -> None:
    assert HOW.keys() == {"quarter", *Sum.model_fields}
    assert Quarter.model_fields["quarter"].description == HOW["quarter"]
    assert {name: field.description for name, field in Sum.model_fields.items()} == {
        n: HOW[n] for n in Sum.model_fields
    }
