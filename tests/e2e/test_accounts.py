"""Accounts on the deployed stack: who can sign in, and what becomes of those who may not act any more."""

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
