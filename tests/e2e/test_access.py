"""Who is not let in, on the deployed stack with its real authorizer."""

import httpx
import pytest

from infra.local.accounts import create_account, sign_in, sign_up
from infra.local.caller import Caller, Refused, body_of, posting
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack


@pytest.fixture(scope="module")
def brief_id(people: People) -> str:
    return people.awarded()


def _forged(token: str) -> str:
    head, payload, signature = token.split(".")
    return ".".join((head, payload, signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")))


def test_without_a_good_token_nobody_gets_in(people: People, brief_id: str) -> None:
    good = people.employer.token or ""
    url = people.stack.outputs.api_url
    for token in (None, "nonsense", _forged(good)):
        with pytest.raises(Refused) as refused:
            Caller(url, token).get(f"/briefs/{brief_id}")
        assert refused.value.status == 401


def test_an_id_token_is_not_an_access_token(people: People) -> None:
    account = create_account(people.stack, "student", "id-token@example.com")
    with pytest.raises(Refused) as refused:
        Caller(people.stack.outputs.api_url, account.id_token).get("/me")
    assert (refused.value.status, refused.value.problem["code"]) == (403, "not_an_access_token")


def test_somebody_elses_brief_looks_as_if_it_were_not_there(people: People, brief_id: str) -> None:
    for stranger in (people.someone("student"), people.someone("employer"), people.someone("educator")):
        for part in ("", "/timeline", "/files", "/submissions", "/reviews", "/dispute", "/ledger"):
            with pytest.raises(Refused) as refused:
                stranger.get(f"/briefs/{brief_id}{part}")
            assert refused.value.status == 404, part
    with pytest.raises(Refused) as refused:
        people.someone("employer").post(f"/briefs/{brief_id}/cancellation")
    assert refused.value.status == 404
    assert people.employer.state(brief_id) == "awarded"


def test_a_wrong_role_is_told_so(people: People) -> None:
    with pytest.raises(Refused) as refused:
        people.student.post("/briefs", posting())
    assert (refused.value.status, refused.value.problem["code"]) == (403, "wrong_role")
    open_id = people.opened()
    with pytest.raises(Refused) as refused:
        people.employer.post(f"/briefs/{open_id}/applications", body_of("applications"))
    assert refused.value.status == 403
    people.employer.post(f"/briefs/{open_id}/cancellation")


def test_nobody_signs_up_as_an_operator(people: People) -> None:
    with pytest.raises(Exception, match="operator assigns the other roles"):
        sign_up(people.stack, "operator", "sneaky@example.com")


def test_an_operator_makes_an_educator(people: People) -> None:
    account = create_account(people.stack, "student", "to-be-educator@example.com")
    answer = people.operator.put(f"/accounts/{account.account_id}/role", {"role": "educator"})
    assert answer == {"account_id": account.account_id, "role": "educator"}
    again = sign_in(people.stack, "to-be-educator@example.com")
    assert Caller(people.stack.outputs.api_url, again.access_token).get("/me")["role"] == "educator"
    with pytest.raises(Refused) as refused:
        people.employer.put(f"/accounts/{account.account_id}/role", {"role": "operator"})
    assert refused.value.status == 403


def test_the_description_needs_no_token(people: People) -> None:
    answer = httpx.get(people.stack.outputs.api_url + "/openapi.json", timeout=30)
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
