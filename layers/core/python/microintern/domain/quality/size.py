"""Rules about how much a posting asks for: against its hours, its timeline, its rubric and its size limits."""

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from microintern.domain.media_types import Kind, kind_of
from microintern.domain.posting import Deliverable, Posting
from microintern.domain.quality.finding import Remark, Severity
from microintern.domain.quality.wording import words_of

HOURS_A_WEEK = 20
"""What students work beside their studies, at most."""
_DAYS_TO_AWARD = 1
_LEAST_DAYS_TO_APPLY = 2

_LEAST_MINUTES = {"video": 240, "audio": 120, "image": 60, "archive": 120, "slides": 120, "text": 90, "table": 60}
"""What making one file of a kind takes somebody who knows how; carefully low, so that nobody is warned for nothing."""
_TABLES = ("csv", "spreadsheet", "excel", "json", "xml", "sql", "yaml", "sqlite3")

UNIT_MINUTES = {
    "case study": 240,
    "chapter": 240,
    "lesson": 240,
    "video": 240,
    "article": 180,
    "blog post": 180,
    "logo": 180,
    "interview": 90,
    "illustration": 90,
    "mockup": 90,
    "newsletter": 60,
    "screen": 60,
    "chart": 45,
    "wireframe": 45,
    "worksheet": 45,
    "icon": 30,
    "page": 30,
    "post": 30,
    "study": 30,
    "slide": 15,
}
"""What one more of these takes at least, where a number of them is asked for."""
_MINUTES_PER_WORD = 0.12

_TO_TWENTY = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_NUMBERS = {word: number for number, word in enumerate(_TO_TWENTY.split(), start=1)}
_NUMBERS |= {"thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}
_PLURALS = {"case study": "case studies", "study": "studies"}
_UNITS = {_PLURALS.get(unit, f"{unit}s"): unit for unit in UNIT_MINUTES} | {unit: unit for unit in UNIT_MINUTES}
_COUNTED = re.compile(
    r"(?P<bound>(?:at most|up to|no more than|maximum(?: of)?|max\.?|under|fewer than|less than)\s+)?"
    rf"\b(?P<number>\d[\d,]{{0,6}}|{'|'.join(_NUMBERS)})"
    rf"(?:\s+(?:[\w-]+\s+)??(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))}|words?)\b"
    r"|-(?P<length>word|page)\b)",
    re.IGNORECASE,
)

_LEAST_BYTES = {"video": 5 * 1_048_576, "audio": 1_048_576, "image": 51_200, "archive": 51_200, "slides": 102_400}
_LEAST_BYTES_OF_PDF = 102_400
_LEAST_BYTES_OF_TEXT = 1_024

_EMPTY_WORDS = (
    "also always among another because been before beside between both cannot choose could does done each else ever "
    "every five following four from give given have here into itself less like made make many more most much must "
    "named names need never nothing only other over rather same says should show shows some such than that their them "
    "then there these they this those three time under used uses very well what when where which while whole will "
    "with within without work works would your quality good best result"
)
_SAYS_NOTHING = frozenset(_EMPTY_WORDS.split())


def check_size(posting: Posting, now: datetime) -> Iterator[Remark]:
    """What is too much, too little or belongs to nothing."""
    yield from _effort(posting)
    yield from _timeline(posting, now)
    yield from _rubric(posting)
    yield from _limits(posting)


def least_hours(posting: Posting) -> float:
    """What the deliverables take at least, by their kinds and by the numbers that they and the title name."""
    by_deliverable = sum(_least_minutes(deliverable) for deliverable in posting.deliverables if deliverable.required)
    return max(by_deliverable, _counted_minutes(posting.title)) / 60


def _least_minutes(deliverable: Deliverable) -> float:
    by_kind = min(_LEAST_MINUTES[_sort_of(media_type)] for media_type in deliverable.media_types)
    return max(by_kind, _counted_minutes(deliverable.description))


def _counted_minutes(text: str) -> float:
    """What the things take that a text asks for a number of; “at most five pages” asks for none.

    After a hyphen stands how long one thing is: a 900-word article is 900 words, a 90-minute lesson is one lesson.
    """
    minutes = 0.0
    for found in _COUNTED.finditer(text):
        if found["bound"]:
            continue
        number = _NUMBERS.get(found["number"].lower()) or int(found["number"].replace(",", ""))
        unit = (found["unit"] or found["length"]).lower()
        minutes += number * (_MINUTES_PER_WORD if unit.startswith("word") else UNIT_MINUTES[_UNITS[unit]])
    return minutes


def _sort_of(media_type: str) -> str:
    """In which of the sorts of `_LEAST_MINUTES` a file of this type is."""
    main, _, sub = media_type.partition("/")
    if main in ("video", "audio", "image"):
        return main
    if "presentation" in sub or "powerpoint" in sub:
        return "slides"
    if any(word in sub for word in _TABLES):
        return "table"
    return "archive" if kind_of(media_type) in (Kind.ZIP, Kind.TAR, Kind.GZIP) else "text"


def _effort(posting: Posting) -> Iterator[Remark]:
    least = math.ceil(least_hours(posting))
    if least > posting.hours:
        names = ", ".join(deliverable.name for deliverable in posting.deliverables if deliverable.required)
        yield Remark(
            code="too_much_for_hours",
            field="/hours",
            severity=Severity.WARNING,
            wrong=f"What is asked for ({names}) takes at least some {least} hours; the brief has {posting.hours}.",
            right=f"Ask for less, or pay for {least} hours; what takes more than 40 is several briefs.",
        )


def _timeline(posting: Posting, now: datetime) -> Iterator[Remark]:
    closes_at, due_at = posting.timeline.applications_close_at, posting.timeline.submission_due_at
    needed = timedelta(days=_DAYS_TO_AWARD + math.ceil(posting.hours * 7 / HOURS_A_WEEK))
    if due_at - closes_at < needed:
        yield Remark(
            code="too_little_time",
            field="/timeline/submission_due_at",
            severity=Severity.WARNING,
            wrong=f"{posting.hours} hours do not fit between the closing of applications and the day the work is due.",
            right=f"Leave {needed.days} days: one to pick somebody, and a week for each {HOURS_A_WEEK} hours.",
        )
    if closes_at - now < timedelta(days=_LEAST_DAYS_TO_APPLY):
        yield Remark(
            code="little_time_to_apply",
            field="/timeline/applications_close_at",
            severity=Severity.HINT,
            wrong="Applications close within two days; most students will not have seen the brief by then.",
            right="Leave applications open for about a week.",
        )


def _rubric(posting: Posting) -> Iterator[Remark]:
    delivered = [_content(f"{each.name} {each.description}") for each in posting.deliverables]
    judged = [_content(f"{each.name} {each.description}") for each in posting.rubric]
    for i, words in enumerate(judged):
        if not words & set[str]().union(*delivered):
            name = posting.rubric[i].name
            yield Remark(
                code="criterion_without_deliverable",
                field=f"/rubric/{i}",
                severity=Severity.WARNING,
                wrong=f"Nothing that is delivered shows how well {name} was done.",
                right="Name the deliverable that it is judged by, or take the criterion out.",
            )
    for i, (deliverable, words) in enumerate(zip(posting.deliverables, delivered, strict=True)):
        if deliverable.required and not words & set[str]().union(*judged):
            yield Remark(
                code="deliverable_without_criterion",
                field=f"/deliverables/{i}",
                severity=Severity.HINT,
                wrong=f"No criterion of the rubric is about {deliverable.name}: it counts for nothing.",
                right="Name it in the criterion that judges it, or do not ask for it.",
            )
    if len(posting.rubric) == 1:
        yield Remark(
            code="one_criterion",
            field="/rubric",
            severity=Severity.HINT,
            wrong="Everything is judged by one criterion.",
            right="Two to four criteria tell the student what matters how much.",
        )


def _content(text: str) -> set[str]:
    """The words of a text that say what it is about, without their plural."""
    return {_singular(word) for word in words_of(text) if len(word) > 3 and word not in _SAYS_NOTHING}


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word.removesuffix("ies") + "y"
    return word.removesuffix("s") if not word.endswith("ss") else word


def _limits(posting: Posting) -> Iterator[Remark]:
    for i, deliverable in enumerate(posting.deliverables):
        least = min(map(_least_bytes, deliverable.media_types))
        if deliverable.most_bytes < least:
            yield Remark(
                code="limit_too_small",
                field=f"/deliverables/{i}/most_bytes",
                severity=Severity.WARNING,
                wrong=f"Hardly any file for {deliverable.name} has as few as {deliverable.most_bytes} bytes.",
                right=f"Accept at least {least} bytes; a larger limit costs nothing.",
            )


def _least_bytes(media_type: str) -> int:
    by_text = _LEAST_BYTES_OF_TEXT if kind_of(media_type) is Kind.TEXT else _LEAST_BYTES_OF_PDF
    return by_text if kind_of(media_type) is Kind.TEXT else _LEAST_BYTES.get(_sort_of(media_type), by_text)
