"""How recorded use is compared with what roles allow; `make permissions` does it."""

import json
from pathlib import Path

import pytest

from tests.infra.deployment import synthesized
from tests.infra.test_permissions import grants_of
from tests.infra.used_permissions import KEPT, differences, folder_of, label_of, read

ROLE = "arn:aws:sts::0:assumed-role/microintern-local-api-PayoutAccountApiRole8CFC2920-5AD8/microintern"
BRIEFS = "arn:aws:dynamodb:us-east-1:0:table/microintern-local-data-BriefsTable12AB34CD-9F"


@pytest.mark.parametrize(
    ("arn", "label"),
    [
        (BRIEFS, "table Briefs"),
        (f"{BRIEFS}/index/listing", "table Briefs by listing"),
        (f"{BRIEFS}/stream/2026", "table Briefs stream"),
        (BRIEFS.replace("data-Briefs", "payments-PaymentsSandbox"), "table Sandbox"),
        ("arn:aws:sqs:us-east-1:0:microintern-local-lifecycle-LapseDeadLetters12AB34CD-9F", "dead letters Lapse"),
        ("arn:aws:events:us-east-1:0:event-bus/default", "the account's bus"),
        ("arn:aws:ses:us-east-1:0:identity/notices@example.com", "mail's identity"),
        ("arn:aws:secretsmanager:us-east-1:0:secret:MailSecret12AB34CD-9F-x", "MailSecret"),
        ("arn:aws:logs:us-east-1:0:log-group:any", None),
    ],
)
def test_what_was_recorded_is_called_as_in_the_grants(arn: str, label: str | None) -> None:
    assert label_of(arn) == label


def test_a_role_leads_to_its_functions_folder() -> None:
    assert folder_of(ROLE) == "payout_account_api"
    with pytest.raises(ValueError, match="no function"):
        folder_of("arn:aws:iam::0:user/somebody")


def test_both_records_are_read_as_one(tmp_path: Path) -> None:
    deployed, moto = tmp_path / "deployed", tmp_path / "moto"
    deployed.write_text(json.dumps([ROLE, "dynamodb:GetItem", BRIEFS]) + "\n")
    moto.write_text(json.dumps(["payout_account_api", "PutItem", "table Briefs"]) + "\n")
    assert read(deployed, moto) == {"payout_account_api": {"table Briefs": "GetItem PutItem"}}


def test_every_function_may_do_what_it_does_and_no_more() -> None:
    deployment = synthesized("local")
    granted = {folder: grants_of(deployment, folder) for folder in deployment.functions()}
    unused, missing = differences(json.loads(KEPT.read_text(encoding="utf-8")), granted)
    assert {folder: found for folder, found in unused.items() if found} == {}
    assert {folder: found for folder, found in missing.items() if found} == {}


def test_more_and_less_than_what_was_used_is_found() -> None:
    used = {"lapse": {"table Briefs": "GetItem UpdateItem"}, "notify": {"table Accounts": "PutItem"}}
    granted = {"lapse": {"table Briefs": "GetItem", "Files": "GetObject"}, "notify": {"table Accounts": "PutItem"}}
    unused, missing = differences(used, granted)
    assert unused == {"lapse": ["GetObject on Files"], "notify": []}
    assert missing == {"lapse": ["UpdateItem on table Briefs"], "notify": []}


def test_who_redrives_treats_all_letters_alike() -> None:
    used = {"sweep": {"dead letters Lapse": "DeleteMessage", "function Lapse": "InvokeFunction"}}
    granted = {
        "sweep": {
            f"{what} {n}": a
            for n in ("Lapse", "Notify")
            for what, a in (("dead letters", "DeleteMessage"), ("function", "InvokeFunction"))
        }
    }
    assert differences(used, granted) == ({"sweep": []}, {"sweep": []})
