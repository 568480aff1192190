"""The console before a deployed stack with the usual windows: people take their time."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from infra.local.accounts import ROLES
from infra.local.browsing import browser, chromium
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


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    if chromium() is None:
        pytest.skip("There is no Chromium on this machine (Debian: apt-get install chromium).")
    with Console() as console, LocalStack() as stack:
        stack.deploy(web_origin=console.origin)
        console.serve(stack.outputs, stack.endpoint)
        people = People(stack)
        people.warm_up()
        yield Served(console.origin, stack, people, named(stack))


def named(stack: LocalStack) -> dict[str, str]:
    """The addresses by which the people of the stack sign in, by role."""
    users = stack.client("cognito-idp").list_users(UserPoolId=stack.outputs.user_pool_id)["Users"]
    attributes = [{each["Name"]: each["Value"] for each in user["Attributes"]} for user in users]
    emails = sorted(each["email"] for each in attributes)
    return {role: next(email for email in emails if email.startswith(role)) for role in ROLES[:2] + ROLES[3:]}


@pytest.fixture(scope="module")
def chrome(served: Served) -> Iterator[Browser]:
    with browser() as launched:
        yield launched
