"""Contracts and agreements through their functions: who sees which, and what is refused."""

import hashlib
import json
from typing import Any

import pytest

from microintern.adapters.papers import paper_key
from microintern.domain.accounts import Profile
from microintern.domain.audit import Finding
from microintern.domain.states import State
from tests.functions.test_bad_input import refused
from tests.functions.world import (
    APPLICATION,
    BRIEF,
    BUCKET,
    EMPLOYER,
    NEWCOMER,
    OPERATOR,
    RIVAL,
    STRANGER,
    STUDENT,
    World,
    command,
    documents_of,
    the_brief,
)

CONTRACT, AGREEMENT, ADDRESS = "agreements_api/contract", "agreements_api/agreement", "organisations_api/save_address"
APPLY, AWARD, DRAW = "briefs_api/apply", "briefs_api/award_brief", "draw_agreement/brief_awarded"


@pytest.fixture
def awarded(world: World) -> World:
    """The student was awarded the brief, and both have given addresses."""
    world.accounts.save_profile(Profile(account_id=STUDENT, name="Amara Okafor", mailing_address="7 Elm St, Albany"))
    assert world.call(ADDRESS)["statusCode"] == 200
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    world.call(DRAW)
    return world


def read(world: World, name: str, sub: str, role: str) -> dict[str, Any]:
    answer = world.call(name, command(name, sub=sub, role=role))
    assert answer["statusCode"] == 200, answer["body"]
    told: dict[str, Any] = json.loads(answer["body"])
    return told


def test_the_parties_alone_have_the_paper_and_its_hash(awarded: World) -> None:
    paper = awarded.clients["s3"].get_object(Bucket=BUCKET, Key=paper_key(BRIEF, APPLICATION, 4))["Body"].read()
    for sub, role in ((STUDENT, "student"), (EMPLOYER, "employer")):
        told = read(awarded, AGREEMENT, sub, role)
        (edition,) = told["editions"]
        assert edition["sha256"] == hashlib.sha256(paper).hexdigest()
        assert f"agreements/{BRIEF}/{APPLICATION}/000004.pdf?" in edition["url"]
    for sub, role in ((RIVAL, "student"), (STRANGER, "employer"), (STRANGER, "educator"), (OPERATOR, "operator")):
        refused(awarded, AGREEMENT, command(AGREEMENT, sub=sub, role=role), 404, "not_found")


def test_an_operator_has_it_while_the_brief_is_disputed_and_that_is_written_down(awarded: World) -> None:
    awarded.seed(the_brief(State.DISPUTED), *documents_of(State.DISPUTED))
    assert read(awarded, AGREEMENT, OPERATOR, "operator")["editions"]
    (noted,) = awarded.findings(needs_person=False)
    assert (noted.finding, noted.subject, noted.facts["operator_id"]) == (Finding.EVIDENCE_READ, BRIEF, OPERATOR)


def test_addresses_are_nowhere_but_with_their_owner_and_in_the_agreement(awarded: World) -> None:
    for name in ("browse_api/read_brief", "browse_api/applications", "browse_api/my_briefs", CONTRACT, AGREEMENT):
        for sub, role in ((EMPLOYER, "employer"), (STUDENT, "student")):
            body = awarded.call(name, command(name, sub=sub, role=role))["body"]
            assert "Elm St" not in body
            assert "120 Broadway" not in body
    assert read(awarded, "accounts_api/me", STUDENT, "student")["profile"]["mailing_address"] == "7 Elm St, Albany"


def test_before_an_award_there_is_a_contract_and_no_agreement(world: World) -> None:
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    for sub, role in ((NEWCOMER, "student"), (EMPLOYER, "employer"), (OPERATOR, "operator")):
        assert read(world, CONTRACT, sub, role)["contract"]["terms_version"] == 1
    refused(world, AGREEMENT, command(AGREEMENT, sub=EMPLOYER, role="employer"), 404, "not_awarded")
    world.seed(the_brief(State.AWARDED), *documents_of(State.AWARDED))
    refused(world, CONTRACT, command(CONTRACT, sub=NEWCOMER), 404, "not_found")
    assert read(world, CONTRACT, RIVAL, "student")["brief_id"] == BRIEF


def test_who_applies_or_awards_can_say_which_contract_they_read(world: World) -> None:
    world.seed(the_brief(State.OPEN), *documents_of(State.OPEN))
    sha256 = read(world, CONTRACT, NEWCOMER, "student")["contract"]["sha256"]
    for name, key in ((APPLY, "apply-with-hash"), (AWARD, "award-with-hash")):
        body = json.loads(command(name)["body"])
        problem = refused(
            world, name, command(name, key=key, body=body | {"contract_sha256": "0" * 64}), 409, "another_contract"
        )
        assert problem["contract_sha256"] == sha256
        answer = world.call(name, command(name, key=key, body=body | {"contract_sha256": sha256}))
        assert answer["statusCode"] < 300, answer["body"]
    assert world.control(BRIEF)["event"]["M"]["facts"]["M"]["contract_sha256"] == {"S": sha256}


def test_only_owners_give_the_address_of_an_organisation(world: World) -> None:
    world.invite()
    world.join()
    refused(world, ADDRESS, command(ADDRESS, sub=NEWCOMER), 403, "not_an_owner")
    refused(world, ADDRESS, command(ADDRESS, sub=STRANGER), 404, "not_found")
    empty = command(ADDRESS, body={"mailing_address": "  "})
    refused(world, ADDRESS, empty, 422, "invalid", "/mailing_address")
    first, again = world.call(ADDRESS), world.call(ADDRESS)
    assert json.loads(first["body"]) == json.loads(again["body"])
    assert json.loads(first["body"])["mailing_address"].startswith("Open Wages Institute\n120 Broadway")
