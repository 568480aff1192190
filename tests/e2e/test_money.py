"""Money on the deployed stack when something goes otherwise: the provider, the payee, an event, a decision."""

import csv
import io
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.caller import Caller, Refused, body_of
from infra.local.inspection import control_item, execution_names, execution_status
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

PAY, FEE = 30_000, 3_000
PAID = {"fund": PAY + FEE, "release": PAY, "fee": FEE, "payout": PAY}


def _phases(people: People, brief_id: str, name: str) -> list[tuple[str, str]]:
    transfers = people.operator.get(f"/briefs/{brief_id}/ledger")["transfers"]
    return [(t["transfer_id"].partition("#")[2], t["phase"]) for t in transfers if t["name"] == name]


def _found(people: People, brief_id: str, *, needs_person: bool = True) -> list[str]:
    entries = people.operator.pages("/audit", needs_person=str(needs_person).lower(), limit=100)
    return [entry["finding"] for entry in entries if entry["subject"].startswith(brief_id)]


@pytest.mark.parametrize("method", ["sandbox-late", "sandbox-twice"])
def test_a_provider_that_is_late_or_tells_twice_collects_once(people: People, method: str) -> None:
    brief_id = people.posted()
    people.fund(brief_id, method)
    people.employer.wait_for(brief_id, "open")
    assert people.money(brief_id) == {"fund": PAY + FEE}
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    people.settled(brief_id)


def test_what_the_provider_never_tells_the_sweeper_finds(people: People) -> None:
    brief_id = people.posted()
    people.fund(brief_id, "sandbox-silent")

    def swept_open() -> bool:
        people.sweep()
        return people.employer.state(brief_id) == "open"

    people.employer.wait_until("the sweeper has found the money", swept_open)
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    people.settled(brief_id)


@pytest.mark.parametrize("method", ["sandbox-other-amount", "sandbox-other-currency"])
def test_money_that_differs_opens_nothing_and_calls_for_a_person(people: People, method: str) -> None:
    brief_id = people.posted()
    people.fund(brief_id, method)
    people.operator.wait_until("it is in the audit trail", lambda: "amount_differs" in _found(people, brief_id))
    assert people.employer.state(brief_id) == "posted"
    assert people.money(brief_id) == {}


def test_money_that_comes_after_the_cancellation_goes_back(people: People) -> None:
    brief_id = people.posted()
    people.fund(brief_id, "sandbox-late")
    people.operator.wait_until("it was asked for", lambda: bool(_phases(people, brief_id, "fund")))
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    assert people.settled(brief_id)["state"] == "cancelled"
    assert people.money(brief_id) == {"fund": PAY + FEE, "refund": PAY + FEE}


def test_a_payout_that_fails_waits_for_another_account_and_is_paid_once(people: People) -> None:
    student = people.payable_student()
    student.put("/me/payout-account", {"destination": "sandbox-declined-account"})
    brief_id = people.submitted(student)
    people.approve(brief_id)
    # Changed before the payout: it has to stand for a while, then it fails, and then the account is blocked.
    people.operator.wait_until("the payout is held", lambda: bool(_held(people, brief_id)))
    people.operator.wait_until("the payout has failed", lambda: _swept_held(people, brief_id, "blocked"))
    assert student.get("/me")["payout_status"] == "blocked"
    assert "payout.held" in [n["type"] for n in student.pages("/me/notices")]
    student.put("/me/payout-account", {"destination": "sandbox-account"})
    people.operator.wait_until("it is paid", lambda: _swept_state(people, brief_id) == "paid")
    assert people.money(brief_id) == PAID
    assert _phases(people, brief_id, "payout") == [
        ("payout", "pending"),
        ("payout", "voided"),
        ("payout#2", "pending"),
        ("payout#2", "posted"),
    ]
    assert _held(people, brief_id) == []
    people.settled(brief_id)


def test_an_account_that_is_checked_first_can_be_awarded_once_it_is_ready(people: People) -> None:
    student = people.someone("student")
    assert student.get("/me")["payout_status"] == "missing"
    student.put("/me/payout-account", {"destination": "sandbox-pending-account"})
    assert student.get("/me")["payout_status"] == "pending"
    brief_id = people.opened()
    application_id = people.applied(brief_id, student)
    with pytest.raises(Refused, match="payout account"):
        people.employer.post(f"/briefs/{brief_id}/award", {"application_id": application_id})
    student.wait_until("the provider says it is ready", lambda: student.get("/me")["payout_status"] == "ready")
    people.employer.post(f"/briefs/{brief_id}/award", {"application_id": application_id})
    people.employer.post(f"/briefs/{brief_id}/cancellation")
    people.settled(brief_id)


def test_a_decision_can_be_reopened_once_before_it_is_final(people: People) -> None:
    brief_id = people.submitted()
    people.dispute(people.employer, brief_id)
    people.dispute(people.student, brief_id, "dispute/answer")
    path = f"/briefs/{brief_id}/dispute"
    shares = {"shares": {"student": 0, "employer": 1}, "reason": "Nothing is as it should be."}
    people.operator.post(f"{path}/resolution", shares)
    people.operator.post(f"{path}/reopening", body_of("dispute/reopening"))
    people.operator.post(f"{path}/resolution", {"shares": {"student": 1, "employer": 1}, "reason": "Half of it is."})
    with pytest.raises(Refused, match="once"):
        people.operator.post(f"{path}/reopening", body_of("dispute/reopening"))
    assert people.settled(brief_id)["progress"]["outcome"] == "split"
    assert people.money(brief_id) == {"fund": 33_000, "release": 16_500, "payout": 16_500, "refund": 16_500}
    for late in ("resolution", "reopening"):
        with pytest.raises(Refused) as refused:
            people.operator.post(f"{path}/{late}", body_of(f"dispute/{late}"))
        assert (refused.value.status, refused.value.problem["code"]) == (409, "wrong_state")
    said = [statement["role"] for statement in people.student.pages(path)]
    assert said == ["employer", "student", "operator", "operator", "operator"]


def test_a_workflow_that_died_is_revived_and_ends(people: People) -> None:
    brief_id = people.submitted()
    arn = people.stack.outputs.state_machine_arn.replace(":stateMachine:", ":execution:")
    people.stack.client("stepfunctions").stop_execution(executionArn=f"{arn}:{brief_id}")
    people.approve(brief_id)
    people.operator.wait_until("the sweeper moves it on", lambda: _swept_state(people, brief_id) == "paid")
    people.operator.wait_until(
        "another execution ends",
        lambda: [execution_status(people.stack, name) for name in _revived(people, brief_id)] == ["SUCCEEDED"],
    )
    # The sweeper also runs by itself: it may have come before the approval, and revived an earlier version.
    assert int(_revived(people, brief_id)[0].removeprefix(f"{brief_id}-")) < int(
        control_item(people.stack, brief_id)["version"]
    )
    assert people.money(brief_id) == PAID


def _revived(people: People, brief_id: str) -> list[str]:
    """The names of the executions that took the place of the brief's first."""
    return [name for name in execution_names(people.stack) if name.startswith(f"{brief_id}-")]


def test_statements_and_totals_tell_what_was_paid(people: People) -> None:
    student = people.payable_student()
    brief_id = people.submitted(student)
    people.approve(brief_id)
    people.settled(brief_id)
    year = datetime.now(UTC).year
    earned = list(student.pages("/me/statement", year=year))
    assert sorted((row["name"], row["amount"]["amount_minor"]) for row in earned) == [("payout", PAY), ("release", PAY)]
    charged = [row["name"] for row in people.employer.pages("/me/statement", year=year) if row["brief_id"] == brief_id]
    assert sorted(charged) == ["fee", "fund"]
    rows = list(csv.DictReader(io.StringIO(_text(student, f"/me/statement.csv?year={year}"))))
    assert {row["amount_written"] for row in rows} == {"300.00 USD"}
    totals = {t["account_id"]: t for t in people.operator.pages("/payees", year=year)}
    mine = totals[student.get("/me")["account_id"]]
    assert (mine["paid"]["amount_minor"], mine["threshold_minor"], mine["reportable"]) == (PAY, 200_000, False)
    with pytest.raises(Refused) as refused:
        student.get("/payees", year=year)
    assert refused.value.status == 403


def test_an_unsigned_webhook_is_refused_and_leaves_a_trace(people: People) -> None:
    url = f"{people.stack.outputs.api_url}/webhooks/payments"
    body = json.dumps({"type": "operation.updated", "account": "microintern-local", "data": {"key": "nobody#fund"}})
    request = urllib.request.Request(url, data=body.encode(), headers={"content-type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 400
    assert json.loads(refused.value.read())["code"] == "webhook_refused"
    entries = people.operator.pages("/audit", needs_person="false", limit=100)
    assert any(e["finding"] == "webhook_refused" and e["reason"] == "it is not signed" for e in entries)


def test_ledger_and_provider_agree_but_for_what_is_in_the_audit_trail(people: People) -> None:
    brief_id = people.submitted()
    people.approve(brief_id)
    people.settled(brief_id)
    found = people.reconcile()
    assert found["operations"] >= 2
    assert _found(people, brief_id) == []
    assert people.reconcile()["differences"] == found["differences"]


def _held(people: People, brief_id: str) -> list[str]:
    return [hold["reason"] for hold in people.operator.pages("/holds") if hold["brief_id"] == brief_id]


def _swept_held(people: People, brief_id: str, word: str) -> bool:
    people.sweep()
    return any(word in reason for reason in _held(people, brief_id))


def _swept_state(people: People, brief_id: str) -> str:
    people.sweep()
    return people.operator.state(brief_id)


def _text(who: Caller, path: str) -> str:
    headers = {"authorization": f"Bearer {who.token}"}
    with urllib.request.urlopen(urllib.request.Request(who.api_url + path, headers=headers), timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def test_what_the_ledger_says_of_a_brief_can_be_read_as_a_table(people: People) -> None:
    brief_id = people.opened()
    rows: list[dict[str, Any]] = list(
        csv.DictReader(io.StringIO(_text(people.employer, f"/briefs/{brief_id}/ledger.csv")))
    )
    assert [(row["name"], row["phase"], row["amount_amount_minor"]) for row in rows] == [
        ("fund", "pending", "33000"),
        ("fund", "posted", "33000"),
    ]
    people.employer.post(f"/briefs/{brief_id}/cancellation")
