"""The console before a deployed stack with the usual windows: people take their time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from infra.local.accounts import ROLES
from infra.local.browsing import browser, chromium
from infra.local.caller import Caller, employ
from infra.local.console import Console
from infra.local.stack import LocalStack
from tests.console.visitors import Served
from tests.e2e.people import People

# One stack for all of this folder, gone before the next folder's begins: hence `package`, and the folder's __init__.py.


@pytest.fixture(scope="package")
def served() -> Iterator[Served]:
    if chromium() is None:
        pytest.skip("There is no Chromium on this machine (Debian: apt-get install chromium).")
    with Console() as console, LocalStack() as stack:
        stack.deploy(web_origin=console.origin)
        console.serve(stack.outputs, stack.endpoint)
        people = People(stack)
        people.warm_up()
        educator = people.someone("educator")
        cohort_id = taught(people, educator)
        yield Served(console.origin, stack, people, educator, named(stack), cohort_id)


def named(stack: LocalStack) -> dict[str, str]:
    """The addresses by which the people of the stack sign in, by role."""
    users = stack.client("cognito-idp").list_users(UserPoolId=stack.outputs.user_pool_id)["Users"]
    attributes = [{each["Name"]: each["Value"] for each in user["Attributes"]} for user in users]
    emails = sorted(each["email"] for each in attributes)
    return {role: next(email for email in emails if email.startswith(role)) for role in ROLES}


def taught(people: People, educator: Caller) -> str:
    """A cohort that the student is in."""
    at = f"/organisations/{employ(educator, people.operator, 'North City College')}/cohorts"
    today = datetime.now(UTC).date()
    period = {"starts_on": str(today), "ends_on": str(today + timedelta(days=120)), "scores": True}
    rules = {"hours_per_credit": 40, "least_score_percent": None, "most_credits": 3}
    cohort_id: str = educator.post(at, {"name": "Field work", **period, "rules": rules})["cohort_id"]
    code = educator.post(f"{at}/{cohort_id}/code")["code"]
    offer = people.student.post("/me/cohorts/preview", {"code": code})
    people.student.post("/me/cohorts", {"code": code, "terms_version": offer["terms"]["version"]})
    return cohort_id


@pytest.fixture(scope="package")
def chrome(served: Served) -> Iterator[Browser]:
    with browser() as launched:
        yield launched


@pytest.fixture(scope="package")
def awarded(served: Served) -> str:
    """A brief that is being worked on."""
    return served.people.awarded()


@pytest.fixture(scope="package")
def paid(served: Served) -> str:
    """A brief that came to its good end: the student has a credential of it, and both sides are asked for feedback."""
    brief_id = served.people.submitted()
    served.people.approve(brief_id)
    served.people.settled(brief_id)
    served.people.credited(brief_id)
    return brief_id
