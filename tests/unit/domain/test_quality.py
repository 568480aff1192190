"""The check of a posting: each rule with what trips it and what does not, and laws that all of them keep."""

import copy
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from microintern.app import posting as app
from microintern.domain.posting import Posting
from microintern.domain.problems import Invalid
from microintern.domain.quality import Remark, Severity, check_posting
from microintern.domain.quality.size import UNIT_MINUTES, least_hours
from microintern.domain.quality.wording import VAGUE, is_english
from microintern.domain.templates import all_templates
from tests.twins.briefs import MemoryBriefs
from tests.twins.clock import MemoryClock
from tests.unit.builders import NOW, POLICY, employer

GOOD = all_templates()[0].posting("US-NY-NYC", "America/New_York", NOW.date())[0].model_dump(mode="json")
"""A posting that nothing is wrong with."""


def changed(**changes: Any) -> Posting:
    """The good posting, with values at JSON pointers (an underscore for each slash) set anew."""
    body = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *parents, last = [int(part) if part.isdigit() else part for part in path.split("__")]
        place: Any = body
        for part in parents:
            place = place[part]
        place[last] = value
    return Posting.model_validate(body)


def check(posting: Posting) -> list[Remark]:
    return check_posting(posting, NOW, POLICY)


def codes(posting: Posting) -> set[str]:
    return {finding.code for finding in check(posting)}


def goals(*leave_out: str, add: str = "") -> str:
    """The good goals without the paragraphs that begin so."""
    kept = [part for part in GOOD["goals"].split("\n\n") if not part.startswith(leave_out or ("\0",))]
    return "\n\n".join([*kept, *([add] if add else [])])


def test_a_good_posting_has_no_findings() -> None:
    assert check(changed()) == []


def test_a_posting_that_says_nothing_is_told_so_in_every_way() -> None:
    poor = changed(
        title="Improve our website",
        goals="Improve our website as needed, make it nice, etc.",
        deliverables=[
            {"name": "work", "description": "The work.", "media_types": ["application/pdf"], "most_bytes": 10}
        ],
        rubric=[
            {
                "name": "communication",
                "description": "Answers fast.",
                "weight": 100,
                "levels": [
                    {"label": "good", "description": "Good.", "points": 1},
                    {"label": "bad", "description": "Bad.", "points": 0},
                ],
            }
        ],
        hours=5,
        pay__amount_minor=1,
    )
    assert codes(poor) >= {
        *("pay_under_floor", "vague", "title_says_little", "goals_too_short", "no_audience", "no_source_material"),
        *("no_examples", "no_acceptance_criteria", "no_limits", "deliverable_says_little", "level_says_little"),
        *("criterion_without_deliverable", "one_criterion", "limit_too_small"),
    }


TRIPS: dict[str, dict[str, Any]] = {
    "title_says_little": {"title": "Website improvements"},
    "goals_too_short": {"goals": "Clean the attached table for our users, for example its dates. Done when all are."},
    "no_audience": {"goals": goals("Audience", "Purpose").replace("customer", "company")},
    "no_limits": {"goals": goals("Not part")},
    "no_acceptance_criteria": {
        "goals": goals("Done when", "Source"),
        "deliverables__0__description": "The cleaned table: one row for each row that we sent, with the same id.",
    },
    "no_source_material": {
        "goals": "Purpose: we want to count repeat orders of our customers by their names. Example: two spellings are "
        "one customer. Done when no key stands for two customers. Not part of the work: charts and "
        "diagrams that one could draw of it, on paper or on a screen, now or in the year to come.",
        "deliverables__2__description": "The script that makes the cleaned table, with the command that runs it.",
        "deliverables__0__description": "The cleaned table: one row for each row that we sent, with the same id.",
    },
    "no_examples": {
        "goals": goals("Example", "Done when", add="Done when each row is found again."),
        "deliverables__1__description": "Each rule that was applied, and how many rows it changed.",
    },
    "deliverable_says_little": {"deliverables__0__description": "The cleaned table."},
    "level_says_little": {"rubric__0__levels__0__description": "Very good."},
    "placeholder": {"goals": goals(add="Our colours are [insert colours].")},
    "contact_data": {"goals": goals(add="Ask noor@example.com about it.")},
    "criterion_without_deliverable": {
        "rubric__2__name": "punctuality",
        "rubric__2__description": "Answers arrive quickly, and politely.",
    },
    "deliverable_without_criterion": {
        "deliverables__1__name": "poster",
        "deliverables__1__description": "Printed advertisement, A2, glossy paper, for an example hung outside.",
    },
    "too_much_for_hours": {"deliverables__1__description": "Twenty articles on what was changed, with an example."},
    "limit_too_small": {"deliverables__1__most_bytes": 500, "deliverables__1__media_types": ["application/pdf"]},
    "too_little_time": {"timeline__submission_due_at": "2027-02-28T17:00:00-05:00"},
    "little_time_to_apply": {"timeline__applications_close_at": "2027-02-21T17:00:00-05:00"},
    "language_not_checked": {
        "goals": "Wir wollen Bestellungen zählen und können es nicht, solange ein Kunde unter vielen Schreibweisen in "
        "der Tabelle steht. Die Tabelle liegt bei, ein Beispiel auch, und fertig ist es, wenn jede Zeile stimmt."
    },
    "pay_under_floor": {"pay__amount_minor": 20_399},
    "currency_not_of_place": {"pay__currency": "EUR"},
    "pay_floor_unknown": {"place_of_work": "ZZ"},
    "too_many_rounds": {"revision_rounds": 5},
    "deadline_in_the_past": {"timeline__applications_close_at": "2027-02-01T17:00:00-05:00"},
    "deadline_too_far": {"timeline__submission_due_at": "2027-12-01T17:00:00-05:00"},
}
BESIDES = {
    "goals_too_short": {"no_limits"},
    "deadline_in_the_past": {"little_time_to_apply"},
    "criterion_without_deliverable": {"deliverable_without_criterion"},
}
"""What else is found then, as it must."""


@pytest.mark.parametrize("code", TRIPS)
def test_a_rule_is_tripped_by_what_it_is_about_and_by_nothing_else(code: str) -> None:
    found = codes(changed(**TRIPS[code]))
    assert code in found
    assert found - {code} <= BESIDES.get(code, set())


VAGUE_SENTENCES = {
    "Improve our website.": "Every page of the shop loads in under two seconds on a phone.",
    "Please make it better.": "The form can be sent with a keyboard alone.",
    "Add captions where necessary.": "Add captions to all pictures of people.",
    "Colours, fonts, etc.": "Colours and fonts as in the brand guide.",
    "Write several short posts.": "Write three posts of at most 80 words.",
    "We expect high-quality work.": "At most one error in a sample of 50 rows.",
    "The topic is TBD.": "The topic is the new opening hours.",
}


@pytest.mark.parametrize("sentence", VAGUE_SENTENCES)
def test_vague_words_are_pointed_out_wherever_they_stand_and_clear_ones_are_not(sentence: str) -> None:
    for path in (
        "goals",
        "deliverables__0__description",
        "rubric__1__description",
        "rubric__1__levels__0__description",
    ):
        before: Any = GOOD
        for part in path.split("__"):
            before = before[int(part) if part.isdigit() else part]
        found = [f for f in check(changed(**{path: f"{before} {sentence}"})) if f.code == "vague"]
        assert [f.field for f in found] == ["/" + path.replace("__", "/")]
        assert found[0].right in VAGUE.values()
        assert "vague" not in codes(changed(**{path: f"{before} {VAGUE_SENTENCES[sentence]}"}))


def test_every_kind_of_vagueness_has_an_example_here() -> None:
    advice = {f.right for s in VAGUE_SENTENCES for f in check(changed(goals=goals(add=s))) if f.code == "vague"}
    assert advice == set(VAGUE.values())


@pytest.mark.parametrize(
    ("title", "description", "hours"),
    [
        ("Write a thing that is new", "A text.", 1.5),
        ("Write thirty articles on our town", "A text.", 90),
        ("Write articles on our town", "Four articles.", 12),
        ("Write articles on our town", "At most four articles.", 1.5),
        ("Write articles on our town", "Up to 40 articles.", 1.5),
        ("Write one article of 900 words", "A 5,000-word report.", 10),
        ("Give one 90-minute lesson to us", "A plan.", 4),
        ("Write a 10-page report on us", "A text.", 5),
        ("Read ten long studies on us", "A text.", 5),
        ("Answer 600 survey questions on us", "A text.", 1.5),
    ],
)
def test_work_is_estimated_from_below_by_the_numbers_that_are_named(title: str, description: str, hours: float) -> None:
    one = {"name": "text", "description": description, "media_types": ["application/pdf"], "most_bytes": 10**6}
    assert least_hours(changed(title=title, deliverables=[one])) == pytest.approx(hours)


def test_what_need_not_be_delivered_costs_no_hours() -> None:
    before = least_hours(changed())
    film = {"name": "film", "description": "Ten videos.", "media_types": ["video/mp4"], "most_bytes": 10**9}
    assert least_hours(changed(deliverables=[*GOOD["deliverables"], {**film, "required": False}])) == before
    assert least_hours(changed(deliverables=[*GOOD["deliverables"], film])) == before + 40


def test_findings_come_with_what_would_be_refused_first() -> None:
    found = check(changed(pay__amount_minor=1, title="Help", goals=goals("Not part")))
    order = [list(Severity).index(finding.severity) for finding in found]
    assert order == sorted(order)
    assert found[0].severity is Severity.REFUSED
    assert "204.00 USD" in found[0].wrong


def test_english_is_told_from_other_languages() -> None:
    assert all(is_english(template.brief["goals"]) for template in all_templates())
    assert is_english("Kurz.")
    for text in (
        "Nous voulons compter les commandes répétées, et nous ne pouvons pas le faire tant qu'un client figure dans le "
        "tableau sous plusieurs orthographes différentes.",
        "Queremos contar los pedidos repetidos y no podemos hacerlo mientras un cliente esté en la tabla con varias "
        "grafías distintas, como en el ejemplo adjunto.",
    ):
        assert not is_english(text)


WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="<"), min_size=1, max_size=300
).filter(lambda text: text.strip())
ANY = st.fixed_dictionaries(
    {},
    optional={
        "title": WORDS.map(lambda text: text[:120]).filter(lambda text: text.strip()),
        "goals": WORDS,
        "deliverables__0__description": WORDS,
        "rubric__0__description": WORDS,
        "rubric__0__levels__1__description": WORDS,
        "hours": st.integers(5, 40),
        "pay__amount_minor": st.integers(1, 10**7),
        "revision_rounds": st.integers(0, 5),
        "place_of_work": st.sampled_from(["US", "US-NY-NYC", "DE", "GB", "ZZ"]),
    },
)


@given(ANY)
def test_whatever_is_posted_each_finding_points_at_something_and_says_what_would_be_right(
    values: dict[str, Any],
) -> None:
    posting = changed(**values)
    body = posting.model_dump(mode="json")
    found = check(posting)
    for finding in found:
        place: Any = body
        for part in finding.field.strip("/").split("/"):
            place = place[int(part) if part.isdigit() else part]
        assert finding.wrong
        assert finding.right
        assert finding.code in TRIPS.keys() | {"vague", "one_criterion"}
    assert check(posting) == found
    places = [(finding.code, finding.field, finding.wrong) for finding in found]
    assert len(places) == len(set(places))


@given(ANY, st.integers(5, 40), st.integers(5, 40))
def test_more_hours_are_never_too_few(values: dict[str, Any], fewer: int, more: int) -> None:
    assume(fewer <= more)
    if "too_much_for_hours" in codes(changed(**values | {"hours": more})):
        assert "too_much_for_hours" in codes(changed(**values | {"hours": fewer}))


@given(st.integers(5, 40), st.integers(1, 60), st.integers(1, 60))
def test_more_days_are_never_too_few(hours: int, fewer: int, more: int) -> None:
    assume(fewer <= more)
    closes_at = changed().timeline.applications_close_at

    def due_after(days: int) -> Posting:
        return changed(hours=hours, timeline__submission_due_at=(closes_at + timedelta(days=days)).isoformat())

    if "too_little_time" in codes(due_after(more)):
        assert "too_little_time" in codes(due_after(fewer))
    assert "too_little_time" not in codes(due_after(1 + -(-hours * 7 // 20)))


@given(st.sampled_from(sorted(UNIT_MINUTES)), st.integers(2, 99))
def test_one_more_of_anything_is_never_less_work(unit: str, number: int) -> None:
    def hours(count: int) -> float:
        plural = {"case study": "case studies", "study": "studies"}.get(unit, f"{unit}s")
        return least_hours(changed(title=f"Make {count} {plural} for our town"))

    assert hours(number) <= hours(number + 1)
    assert hours(99) >= 99 * UNIT_MINUTES[unit] / 60


@given(ANY, st.sampled_from(sorted(VAGUE_SENTENCES)))
def test_adding_a_vague_sentence_is_always_noticed(values: dict[str, Any], sentence: str) -> None:
    posting = changed(**{**values, "goals": goals(add=sentence)})
    assert "/goals" in {finding.field for finding in check(posting) if finding.code == "vague"}


@given(ANY)
def test_what_the_check_would_refuse_posting_refuses_and_the_other_way_round(values: dict[str, Any]) -> None:
    posting = changed(**values)
    refused = {finding.code for finding in check(posting) if finding.severity is Severity.REFUSED}
    assert bool(refused) == (code_of_refusal(posting) is not None)
    assert refused >= ({code_of_refusal(posting)} - {None})


def code_of_refusal(posting: Posting) -> str | None:
    """What posting it says; None when it is accepted."""
    try:
        app.post(employer(), posting, briefs=MemoryBriefs(), clock=MemoryClock(NOW), policy=POLICY)
    except Invalid as invalid:
        return invalid.code
    return None


@pytest.mark.parametrize("part", ["a", "a.", "1 ", "1,", "one ", "1 a-", "[", "{", "_", "x", "help us out ", "a few "])
def test_pages_of_anything_are_checked_at_once(part: str) -> None:
    posting = changed(goals=(part * 6_000)[:6_000].strip())
    started_s = time.process_time()
    check(posting)
    assert time.process_time() - started_s < 2
