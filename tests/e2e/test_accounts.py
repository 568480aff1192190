"""Accounts on the deployed stack: who can sign in, and what becomes of those who may not act any more."""

import json

import pytest

from infra.local.accounts import PASSWORD, create_account, sign_in
from infra.local.caller import Caller, Refused
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack


def refusal(call: object, *given: object) -> tuple[int, str | None]:
    """How a call is refused: status and code."""
    assert callable(call)
    with pytest.raises(Refused) as refused:
        call(*given)
    return refused.value.status, refused.value.problem.get("code")


@pytest.mark.parametrize("role", ["educator", "operator", "", "server"])
def test_nobody_signs_up_for_a_role_that_operators_give(people: People, role: str) -> None:
    attributes = [{"Name": "email", "Value": "sneaky@example.com"}]
    attributes += [{"Name": "custom:role", "Value": role}] if role else []
    client_id = people.stack.outputs.user_pool_client_id
    with pytest.raises(Exception, match="operator assigns the other roles"):
        people.stack.client("cognito-idp").sign_up(
            ClientId=client_id, Username="sneaky@example.com", Password=PASSWORD, UserAttributes=attributes
        )


def test_who_has_not_confirmed_cannot_sign_in(people: People) -> None:
    idp, outputs, email = people.stack.client("cognito-idp"), people.stack.outputs, "unconfirmed@example.com"
    attributes = [{"Name": "email", "Value": email}, {"Name": "custom:role", "Value": "student"}]
    idp.sign_up(ClientId=outputs.user_pool_client_id, Username=email, Password=PASSWORD, UserAttributes=attributes)
    with pytest.raises(idp.exceptions.UserNotConfirmedException):
        sign_in(people.stack, email)
    idp.admin_confirm_sign_up(UserPoolId=outputs.user_pool_id, Username=email)
    account = sign_in(people.stack, email)
    assert Caller(outputs.api_url, account.access_token).get("/me")["role"] == "student"


def test_a_suspended_account_is_out_at_once_with_the_token_that_it_has_and_back_when_reinstated(
    people: People,
) -> None:
    account = create_account(people.stack, "student", "to-be-suspended@example.com")
    person = Caller(people.stack.outputs.api_url, account.access_token)
    person.put("/me/profile", {"name": "Somebody"})
    at = f"/accounts/{account.account_id}/standing"
    people.operator.put(at, {"state": "suspended", "reason": "Sent spam."})

    def is_refused() -> bool:
        try:
            person.get("/me/notices")
        except Refused as refused:
            return (refused.status, refused.problem["code"]) == (403, "account_suspended")
        return False

    person.wait_until("it is refused", is_refused, 5)
    assert refusal(person.put, "/me/profile", {"name": "Still here"}) == (403, "account_suspended")
    assert person.get("/me")["standing"]["reason"] == "Sent spam."
    with pytest.raises(Exception, match="NotAuthorized"):
        sign_in(people.stack, "to-be-suspended@example.com")
    people.operator.put(at, {"state": "active", "reason": "It was a mistake."})
    person.wait_until("it is let in", lambda: not is_refused(), 5)
    sign_in(people.stack, "to-be-suspended@example.com")


def test_only_operators_suspend(people: People) -> None:
    account_id = people.student.get("/me")["account_id"]
    at = f"/accounts/{account_id}/standing"
    assert refusal(people.employer.get, at) == (403, "wrong_role")
    assert refusal(people.employer.put, at, {"state": "suspended", "reason": "Spam."}) == (403, "wrong_role")
    assert people.operator.get(at)["state"] == "active"


def test_who_is_forgotten_is_out_at_once_and_gone_from_tables_files_and_the_pool(people: People) -> None:
    email = "zq-forgotten@example.com"
    account = create_account(people.stack, "student", email)
    person = Caller(people.stack.outputs.api_url, account.access_token, "somebody")
    person.put("/me/profile", {"name": "Zq Forgotten", "about": "Zq about me."})
    person.put("/me/payout-account", {"destination": "sandbox-account"})
    brief_id = people.awarded(person)
    request = (person.post, "/me/erasure", {"account_id": account.account_id})
    assert refusal(*request) == (409, "briefs_under_way")
    people.hand_in(brief_id, person)
    people.approve(brief_id)
    people.settled(brief_id)
    shown = person.get("/me/export")
    assert (shown["account"]["profile"]["name"], len(shown["briefs"])) == ("Zq Forgotten", 1)
    assert [row["name"] for row in shown["account"]["statement"]] == ["release", "payout"]
    money = people.money(brief_id)
    person.post("/me/erasure", {"account_id": account.account_id})
    person.wait_until("the person is out", lambda: is_erased(person), 5)
    people.stack.client("lambda").invoke(FunctionName=people.stack.outputs.function_erase, Payload=b"{}")
    left = json.dumps(people.stack.client("dynamodb").scan(TableName=people.stack.outputs.account_table)["Items"])
    left += json.dumps(people.stack.client("dynamodb").scan(TableName=people.stack.outputs.brief_table)["Items"])
    assert [text for text in ("Zq Forgotten", "Zq about", email) if text in left] == []
    prefix = f"briefs/{brief_id}/"
    versions = people.stack.client("s3").list_object_versions(Bucket=people.stack.outputs.files_bucket, Prefix=prefix)
    assert versions.get("Versions", []) == []
    with pytest.raises(Exception, match=r"UserNotFound|NotAuthorized"):
        sign_in(people.stack, email)
    assert people.money(brief_id) == money


def is_erased(person: Caller) -> bool:
    """Whether somebody is refused because their account is gone."""
    try:
        person.get("/me")
    except Refused as refused:
        return refused.problem.get("code") == "account_erased"
    return False
