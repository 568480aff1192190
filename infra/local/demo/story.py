"""The steps, one after the other."""

from datetime import UTC, datetime
from typing import Any

from infra.local.caller import body_of
from infra.local.demo.afterwards import credit, give_feedback, hear, read_mail, shortlist, show, teach
from infra.local.demo.figures import figures
from infra.local.demo.posting import (
    agree,
    apply_and_award,
    ask_and_answer,
    connect,
    find,
    post_and_fund,
    start_from_template,
)
from infra.local.demo.stage import Stage
from infra.local.demo.working import approve, hand_in, refuse_malware
from infra.local.receiver import Receiver
from infra.local.sample.work import first_attempt, revision


def carry(on: Stage, receiver: Receiver) -> dict[str, Any]:
    """Carry the brief to payout, heard of by a system of the employer's own; the figures at its end."""
    connect(on, receiver)
    on.student.put("/me/strengths", {"skills": ["python", "charts"], "hours_per_week": 6})
    on.student.post("/me/searches", {"name": "Charts", "text": "charts of pay floors"})
    on.say("student", "saves a search, and says which skills and hours she has", "")
    start_from_template(on)
    post_and_fund(on)
    find(on)
    ask_and_answer(on)
    apply_and_award(on)
    agree(on)
    today = datetime.now(UTC).date()
    refuse_malware(on)
    hand_in(on, first_attempt(today))
    on.employer.post(on.at("change-requests"), body_of("change-requests"))
    on.say("employer", "asks for changes to the chart, citing the rubric", "changes_requested")
    hand_in(on, revision(today))
    approve(on)
    give_feedback(on)
    credit(on)
    teach(on)
    show(on)
    shortlist(on)
    hear(on, receiver)
    read_mail(on)
    return figures(on)
