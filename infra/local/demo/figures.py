"""What the demo came to: timeline, ledger, records, and whether it is what it must be."""

import time
from typing import Any

from infra.local.caller import posting
from infra.local.demo.stage import Stage
from infra.local.inspection import transitions
from infra.local.steps import StepFailed

MOST_TRANSITIONS = 7
"""The states that the workflow enters for a brief with one revision; fewer when a decision outruns it."""


def figures(on: Stage) -> dict[str, Any]:
    """Print the timeline and the ledger; what the demo came to."""
    brief = on.student.get(on.at(""))
    ledger = on.student.get(on.at("ledger"))
    show_timeline(on)
    print("\nLedger")
    for transfer in ledger["transfers"]:
        way = f"{transfer['debit'][:34]:36} → {transfer['credit'][:34]:36}"
        print(f"  {transfer['name']:8} {transfer['phase']:8} {way} {transfer['amount']['written']:>12}")
    records(on)
    posted = [t for t in ledger["transfers"] if t["phase"] == "posted"]
    paid = sum(t["amount"]["amount_minor"] for t in posted if t["name"] == "payout")
    return {
        "brief_id": on.brief_id,
        "state": brief["state"],
        "paid_minor": paid,
        "currency": brief["pay"]["currency"],
        "transfers": len(posted),
        "balanced": ledger["balanced"],
        "revisions": brief["progress"]["rounds_used"],
        "feedback": len(on.student.get(on.at("feedback"))["given"]),
        "credential": on.credential_url,
        "transitions": transitions(on.stack, on.brief_id),
        "seconds": round(time.monotonic() - on.started_s, 1),
    }


def records(on: Stage) -> dict[str, dict[str, Any]]:
    """Wait until everything was counted, and print what each side's record says that is not nothing."""
    on.student.wait_until("the records are up to date", lambda: _counted(on)["ratings counted"])
    print("\nRecords")
    found = _counted(on)
    for side in ("employer", "student"):
        figures = {f["name"]: f for f in found[side]["figures"] if f["value"]}
        print(f"  {side:9} " + ", ".join(f"{name} {figure['value']}" for name, figure in figures.items()))
    hidden = [f["name"] for side in ("employer", "student") for f in found[side]["figures"] if f["value"] is None]
    print(f"  shown once three briefs stand behind them: {', '.join(dict.fromkeys(hidden))}"[:170])
    return found


def _counted(on: Stage) -> dict[str, Any]:
    """Both records as they are now, and whether what both sides rated stands in them."""
    employer = on.student.get(f"/organisations/{on.organisation_id}/record")
    student = on.student.get(f"/students/{on.student_id}/record")
    rated = [f["briefs"] for record in (employer, student) for f in record["figures"] if "rating_" in f["name"]]
    return {"employer": employer, "student": student, "ratings counted": all(rated)}


def show_timeline(on: Stage) -> None:
    """Every step with its exact time, and the deadline that began to run."""
    print("\nTimeline")
    for step in on.student.pages(on.at("timeline")):
        deadline = step["deadline"]
        then = f"until {deadline['local']}: else {deadline['then']}" if deadline else ""
        print(f"  {step['local']}  {step['by']:8} {step['type']:25} {then}"[:170])


def check(figures: dict[str, Any]) -> None:
    """Raise with the reason unless the brief ended as it must."""
    pay = posting()["pay"]
    expected = {
        "state": "paid",
        "paid_minor": pay["amount_minor"],
        "currency": pay["currency"],
        "transfers": 4,
        "balanced": True,
        "revisions": 1,
        "feedback": 2,
    }
    if figures["transitions"] > MOST_TRANSITIONS:
        raise StepFailed(f"The workflow entered {figures['transitions']} states, not {MOST_TRANSITIONS} at most.")
    wrong = [f"{name} is {figures[name]}, not {value}" for name, value in expected.items() if figures[name] != value]
    if wrong:
        raise StepFailed("The demo went wrong: " + "; ".join(wrong))
