"""A page as a résumé that other programs read: JSON Resume 1.0.0 (jsonresume.org/schema)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from microintern.domain.base import iso
from microintern.domain.growth import Sum
from microintern.domain.portfolio import Exhibit

SCHEMA = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"
LABEL = "Micro-internships: paid, and accepted by the employer"
UNNAMED_EMPLOYER = "An employer on Microintern"


def resume(name: str, about: str | None, url: str | None, shown: Sequence[Exhibit], at: datetime) -> dict[str, Any]:
    """What is on the page, as JSON Resume; `url` is the page's address, if it has one."""
    basics = {"name": name, "label": LABEL, "summary": about, "url": url}
    return {
        "$schema": SCHEMA,
        "basics": {key: value for key, value in basics.items() if value},
        "projects": [_project(exhibit) for exhibit in shown],
        "skills": [_skill(skill, total) for skill, total in _totals(shown).items()],
        "references": [
            {"name": exhibit.quote.by or UNNAMED_EMPLOYER, "reference": exhibit.quote.text}
            for exhibit in shown
            if exhibit.quote
        ],
        "meta": {"canonical": SCHEMA, "version": "v1.0.0", "lastModified": iso(at)[:19]},
    }


def _project(exhibit: Exhibit) -> dict[str, Any]:
    facts = exhibit.facts
    project: dict[str, Any] = {
        "name": facts.title,
        "description": facts.goals,
        "highlights": highlights(exhibit),
        "keywords": list(facts.skills),
        "endDate": f"{facts.accepted_at:%Y-%m-%d}",
        "roles": ["Micro-intern"],
        "type": "micro-internship",
    }
    return project | ({"entity": facts.employer_name} if facts.employer_name else {})


def highlights(exhibit: Exhibit) -> list[str]:
    """What can be said of it in a line each."""
    facts = exhibit.facts
    lines = [f"{facts.hours} hours, paid", "Accepted without objection" if facts.by_silence else "Accepted"]
    if facts.score_percent is not None:
        lines.append(f"Score by the rubric: {facts.score_percent} of 100")
    return lines + [f"{criterion}: {level}" for criterion, level in facts.scores.items()]


def _totals(shown: Sequence[Exhibit]) -> dict[str, Sum]:
    """Each skill over all quarters."""
    skills = sorted({skill for exhibit in shown for skill in exhibit.facts.skills})
    return {skill: Sum.of([e.done for e in shown if skill in e.facts.skills]) for skill in skills}


def _skill(skill: str, total: Sum) -> dict[str, Any]:
    scored = f", mean score {total.mean_score_percent} of 100" if total.scored else ""
    briefs = "1 brief" if total.briefs == 1 else f"{total.briefs} briefs"
    return {"name": skill, "level": f"{briefs}, {total.hours} hours{scored}"}
