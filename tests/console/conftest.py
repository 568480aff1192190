"""The console before a deployed stack with the usual windows: people take their time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from infra.local.accounts import ROLES
from infra.local.browsing import browser, chromium
from infra.local.caller import employ
from infra.local.console import Console
from infra.local.stack import LocalStack
from tests.e2e.people import People


@dataclass(frozen=True)
class Served:
    """Where the console is, and the people of the stack behind it."""

    origin: str
    stack: LocalStack
    people: People
    emails: dict[str, str]
    cohort_id: str


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    if chromium() is None:
        pytest.skip("There is no Chromium on this machine (Debian: apt-get install chromium).")
    with Console() as console, LocalStack() as stack:
        stack.deploy(web_origin=console.origin)
        console.serve(stack.outputs, stack.endpoint)
        people = People(stack)
        people.warm_up()
        cohort_id = taught(people)
        yield Served(console.origin, stack, people, named(stack), cohort_id)


def named(stack: LocalStack) -> dict[str, str]:
    """The addresses by which the people of the stack sign in, by role."""
    users = stack.client("cognito-idp").list_users(UserPoolId=stack.outputs.user_pool_id)["Users"]
    attributes = [{each["Name"]: each["Value"] for each in user["Attributes"]} for user in users]
    emails = sorted(each["email"] for each in attributes)
    return {role: next(email for email in emails if email.startswith(role)) for role in ROLES}


def taught(people: People) -> str:
    """A cohort that the student is in; its educator is among the people who sign in."""
    educator = people.someone("educator")
    at = f"/organisations/{employ(educator, people.operator, 'North City College')}/cohorts"
    today = datetime.now(UTC).date()
    period = {"starts_on": str(today), "ends_on": str(today + timedelta(days=120)), "scores": True}
    rules = {"hours_per_credit": 40, "least_score_percent": None, "most_credits": 3}
    cohort_id: str = educator.post(at, {"name": "Field work", **period, "rules": rules})["cohort_id"]
    code = educator.post(f"{at}/{cohort_id}/code")["code"]
    offer = people.student.post("/me/cohorts/preview", {"code": code})
    people.student.post("/me/cohorts", {"code": code, "terms_version": offer["terms"]["version"]})
    return cohort_id


@pytest.fixture(scope="module")
def chrome(served: Served) -> Iterator[Browser]:
    with browser() as launched:
        yield launched
