"""Rules about what a posting says: vague words, and what a student needs to know and is not told.

They know English only. In a text of another language they say so, and nothing else.
"""

import re
from collections.abc import Callable, Iterator

from microintern.domain.contact import contacts_in
from microintern.domain.posting import Posting
from microintern.domain.quality.finding import Remark, Severity, texts_of

FEWEST_WORDS_OF_GOALS = 40
FEWEST_WORDS_OF_TITLE = 4
FEWEST_WORDS_OF_LEVEL = 3
FEWEST_WORDS_OF_DELIVERABLE = 6

_COMMON_WORDS = (
    "a an and are as at be by for from has have in is it not of on or our that the they this to we what which who will "
    "with you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_LEAST_COMMON_PERCENT = 12
"""English prose has some forty percent of these words; German, French or Spanish next to none."""
_FEWEST_TO_TELL = 20

_OWN = "website|web site|site|brand|marketing|social media|process(?:es)?|product|app|data|business|image|presence"
_MANY = "improvements|changes|things|tasks|ideas|items|posts|articles|designs|pages|documents|reports"
VAGUE = {
    rf"(?:improve|enhance|optimi[sz]e|moderni[sz]e|revamp|refresh) (?:our|the|your|my) (?:{_OWN})": (
        "Say what is wrong with it today, and by which figure or test one will see that it is better."
    ),
    r"make (?:it|things|our \w+|the \w+) (?:better|nicer|pop|work|more \w+)": (
        "Say what it must do afterwards that it does not do today."
    ),
    r"as needed|as required|as appropriate|where necessary|if necessary|when necessary|if needed": (
        "Name the cases in which it is needed: this ends in a dispute over who decides."
    ),
    r"etc\b\.?|and so on|and so forth|and more\b|and the like": (
        "List all that belongs to it, or give the rule by which one can tell."
    ),
    rf"(?:various|several|a few|some|multiple|numerous|a couple of) (?:\w+ )?(?:{_MANY})": "Give the number.",
    (
        r"(?:high|good|top)[- ]quality|modern (?:look|design|feel)|nice|beautiful|user[- ]friendly|intuitive|engaging|"
        r"eye-catching|world[- ]class|best practices?|state[- ]of[- ]the[- ]art|appealing|attractive"
    ): "Say by what somebody else would see that it is so: a number, a test, or an example.",
    (
        r"asap|as soon as possible|tbd|to be (?:decided|determined|defined|confirmed)|whatever|anything else|"
        r"help (?:us )?(?:out )?with (?:anything|everything|stuff|things)"
    ): "Decide it before posting: what is posted cannot be changed.",
}
"""What is vague, as patterns, and what to write instead."""
_VAGUE = [(re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), right) for pattern, right in VAGUE.items()]

_EMPTY_VERBS = {"improve", "help", "support", "assist", "enhance", "optimise", "optimize", "work", "do", "manage"}
_SHORT_WITH_EMPTY_VERB = 6

_PLACEHOLDER = re.compile(r"\[[^\]\n]{2,60}\]|\{\{?[^}\n]{2,60}\}|\blorem ipsum\b|\bx{3,}\b|_{3,}", re.IGNORECASE)

_TOLD: list[tuple[str, str, Severity, str, str]] = [
    (
        "no_audience",
        r"audience|readers?|users?|customers?|visitors?|clients?|members?|students?|learners?|teachers?|colleagues?|"
        r"developers?|viewers?|patients?|tenants?|households?|families|board|(?:read|used|seen) by|is meant for",
        Severity.WARNING,
        "The goals do not say for whom the work is.",
        "Say who will use or read it, what they know already, and what they do with it.",
    ),
    (
        "no_source_material",
        r"attach(?:ed|ment)?|sources?|materials?|inputs?|exports?|data ?sets?|we (?:provide|give|send|share|arrange)|"
        r"provided|guidelines?|style guide|brand guide|transcripts?|recordings?|repository|access to",
        Severity.WARNING,
        "The goals do not say what the student gets to work with.",
        "Name the files or places that the work starts from, and attach them as material before the brief opens.",
    ),
    (
        "no_examples",
        r"for example|for instance|examples?|e\.g\.|such as|samples?|instead of",
        Severity.WARNING,
        "Neither the goals nor the deliverables show an example.",
        "Show one piece of what you want, and one of what you do not want.",
    ),
    (
        "no_acceptance_criteria",
        r"(?:done|accepted|complete|finished|right) (?:when|once|if)|acceptance|must|we accept|success means",
        Severity.WARNING,
        "Nothing says when the work is done.",
        "Write “Done when:” and what you will check, so that both sides come to the same answer.",
    ),
    (
        "no_limits",
        r"not part of|out of scope|not included|excluding|except|no need|not needed|is not wanted|nothing but",
        Severity.HINT,
        "Nothing says what is not part of the work.",
        "Name the next thing somebody might expect and will not get.",
    ),
]


def check_wording(posting: Posting) -> Iterator[Remark]:
    """What is wrong with what the posting says."""
    for rule in _OF_ANY_LANGUAGE:
        yield from rule(posting)
    if not is_english(posting.goals):
        yield Remark(
            code="language_not_checked",
            field="/goals",
            severity=Severity.HINT,
            wrong="The goals are not in English, so that their wording was not checked.",
            right="Check by yourself that they name audience, material, an example, and when the work is done.",
        )
        return
    for rule in _OF_ENGLISH:
        yield from rule(posting)


def is_english(text: str) -> bool:
    """Whether a text seems to be English; of a short one, that cannot be told, so it is."""
    words = words_of(text)
    if len(words) < _FEWEST_TO_TELL:
        return True
    return 100 * sum(word in _COMMON for word in words) >= _LEAST_COMMON_PERCENT * len(words)


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return re.findall(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*", text.lower())


def _vague(posting: Posting) -> Iterator[Remark]:
    for field, text in texts_of(posting):
        for pattern, right in _VAGUE:
            if found := pattern.search(text):
                wrong = f"“{found.group()}” can mean anything."
                yield Remark(code="vague", field=field, severity=Severity.WARNING, wrong=wrong, right=right)


def _title(posting: Posting) -> Iterator[Remark]:
    words = words_of(posting.title)
    empty = bool(words) and words[0] in _EMPTY_VERBS and len(words) < _SHORT_WITH_EMPTY_VERB
    if empty or len(words) < FEWEST_WORDS_OF_TITLE:
        yield Remark(
            code="title_says_little",
            field="/title",
            severity=Severity.WARNING,
            wrong="The title does not say what will be there in the end.",
            right="Name the thing and its size, such as “Draw a set of twelve icons for our museum trail”.",
        )


def _goals_length(posting: Posting) -> Iterator[Remark]:
    count = len(words_of(posting.goals))
    if count < FEWEST_WORDS_OF_GOALS:
        yield Remark(
            code="goals_too_short",
            field="/goals",
            severity=Severity.WARNING,
            wrong=f"The goals have {count} words.",
            right=f"At least {FEWEST_WORDS_OF_GOALS}: purpose, audience, source material, an example, when it is done.",
        )


def _untold(posting: Posting) -> Iterator[Remark]:
    said = "\n".join([posting.goals, *(deliverable.description for deliverable in posting.deliverables)])
    for code, pattern, severity, wrong, right in _TOLD:
        if not re.search(rf"\b(?:{pattern})(?!\w)", said, re.IGNORECASE):
            yield Remark(code=code, field="/goals", severity=severity, wrong=wrong, right=right)


def _placeholders(posting: Posting) -> Iterator[Remark]:
    for field, text in texts_of(posting):
        if found := _PLACEHOLDER.search(text):
            yield Remark(
                code="placeholder",
                field=field,
                severity=Severity.WARNING,
                wrong=f"“{found.group()}” looks like something that was to be filled in.",
                right="Fill it in: what is posted cannot be changed.",
            )


def _contacts(posting: Posting) -> Iterator[Remark]:
    for field, text in texts_of(posting):
        for kind in contacts_in(text):
            if kind.name in ("EMAIL", "PHONE"):
                yield Remark(
                    code="contact_data",
                    field=field,
                    severity=Severity.WARNING,
                    wrong=f"There is {kind} in it, which everybody signed in can read while the brief is open.",
                    right="Leave it out: questions are asked and answered on the brief, and files come as material.",
                )


def _short_descriptions(posting: Posting) -> Iterator[Remark]:
    for i, deliverable in enumerate(posting.deliverables):
        if len(words_of(deliverable.description)) < FEWEST_WORDS_OF_DELIVERABLE:
            yield Remark(
                code="deliverable_says_little",
                field=f"/deliverables/{i}/description",
                severity=Severity.WARNING,
                wrong=f"One cannot tell from this what {deliverable.name} has to hold.",
                right="Say what is in it, how much of it, and in which form.",
            )


def _levels(posting: Posting) -> Iterator[Remark]:
    for i, criterion in enumerate(posting.rubric):
        seen: set[str] = set()
        for j, level in enumerate(criterion.levels):
            words = words_of(level.description)
            again = " ".join(words) in seen
            seen.add(" ".join(words))
            if again or len(words) < FEWEST_WORDS_OF_LEVEL:
                yield Remark(
                    code="level_says_little",
                    field=f"/rubric/{i}/levels/{j}/description",
                    severity=Severity.WARNING,
                    wrong=f"Two people would not agree when {criterion.name} is at the level “{level.label}”.",
                    right="Describe work at this level by what one can count or see in it.",
                )


Rule = Callable[[Posting], Iterator[Remark]]
_OF_ANY_LANGUAGE: tuple[Rule, ...] = (_placeholders, _contacts)
_OF_ENGLISH: tuple[Rule, ...] = (_vague, _title, _goals_length, _untold, _short_descriptions, _levels)
