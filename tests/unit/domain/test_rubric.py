"""The score of a review against the rubric."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from microintern.domain.documents import Score, Scores, rubric_score_percent
from microintern.domain.problems import Invalid
from tests.unit.builders import a_posting

RUBRIC = a_posting().rubric
best = [max(criterion.levels, key=lambda level: level.points).label for criterion in RUBRIC]


def scored(*labels: str) -> list[Score]:
    """A score for each criterion of the example brief (weights 50, 30 and 20), in order."""
    return [
        Score(criterion=criterion.name, level=label, feedback="Because.")
        for criterion, label in zip(RUBRIC, labels, strict=False)
    ]


@pytest.mark.parametrize(
    ("labels", "percent"),
    [
        (("excellent", "excellent", "excellent"), 100),
        (("missing", "missing", "missing"), 0),
        (("excellent", "missing", "missing"), 50),
        (("excellent", "excellent", "good"), 95),
        (("good", "good", "good"), 75),
        (("good", "missing", "missing"), 37),
    ],
)
def test_the_score_is_weighted_and_rounded_down(labels: tuple[str, ...], percent: int) -> None:
    assert rubric_score_percent(a_posting(), scored(*labels)) == percent


levels = st.tuples(*(st.sampled_from([level.label for level in c.levels]) for c in RUBRIC))


@given(levels, st.integers(0, len(RUBRIC) - 1))
def test_a_score_lies_between_0_and_100_and_better_work_never_scores_less(labels: tuple[str, ...], i: int) -> None:
    percent = rubric_score_percent(a_posting(), scored(*labels))
    better = (*labels[:i], best[i], *labels[i + 1 :])
    assert 0 <= percent <= rubric_score_percent(a_posting(), scored(*better)) <= 100


@pytest.mark.parametrize(
    ("scores", "complaint"),
    [
        (scored("good", "good"), "missing: ['writing']"),
        (
            [*scored("good", "good", "good"), Score(criterion="charm", level="good", feedback="!")],
            "['charm']",
        ),
    ],
)
def test_each_criterion_is_scored_and_no_other(scores: list[Score], complaint: str) -> None:
    with pytest.raises(Invalid) as refused:
        rubric_score_percent(a_posting(), scores)
    assert refused.value.code == "scores_do_not_match_rubric"
    assert complaint in refused.value.detail


def test_a_level_that_the_criterion_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(Invalid) as refused:
        rubric_score_percent(a_posting(), scored("good", "splendid", "good"))
    assert refused.value.code == "unknown_level"
    assert "chart has the levels missing, good, excellent; not splendid" in refused.value.detail


def test_a_criterion_is_scored_once() -> None:
    with pytest.raises(ValidationError, match="the criterion correctness stands twice"):
        Scores(scores=scored("good") * 2)
