"""A role allows what its function was seen to use, all of it and no more."""

import re

import pytest

from tests.infra.deployment import synthesized
from tests.infra.test_permissions import REDRIVE, grants_of
from tests.infra.used_permissions import Used, folder_of, kept, label_of

FOLDERS = sorted(synthesized("local").functions())

FAILURES_ARE_KEPT = "GetQueueAttributes GetQueueUrl SendMessage"
"""Lambda puts there, with the function's role, what the function failed on; the local AWS asks no role."""

READ_FOR_IT: Used = {
    "brief_stream": {"table Briefs stream": "DescribeStream GetRecords GetShardIterator ListStreams"},
    "sandbox_delivery": {"queue Queue": "DeleteMessage GetQueueAttributes ReceiveMessage"},
}
"""Mappings read these, with the function's role; the local AWS asks no role."""

ONLY_BEHIND_AN_EDGE = "OriginKey"
"""The local stack has none; tests/infra/test_edge.py says who may read it."""

SHARED: dict[frozenset[str], re.Pattern[str]] = {
    # Whoever is called with a token: the same gate, which writes a count only when somebody asks often.
    frozenset(f for f in FOLDERS if f.endswith("_api")): re.compile(r"(GetItem|UpdateItem) on table Accounts"),
    # Letters are taken out and handled again by the same code.
    frozenset(REDRIVE): re.compile(r".* on (letters|handlers|queue Queue|table Briefs stream)"),
}
"""Code that several functions run, and what it uses: seen in one of them, it is needed by all."""


def pairs(grants: dict[str, str]) -> set[str]:
    """`action on resource`, each by itself."""
    return {f"{action} on {label}" for label, actions in grants.items() for action in actions.split()}


def alike(folder: str, grants: dict[str, str]) -> dict[str, str]:
    """Whoever redrives treats all queues of letters alike, and all functions that these were for."""
    if folder not in REDRIVE:
        return grants
    found: dict[str, set[str]] = {}
    for label, actions in grants.items():
        letters = label.startswith("dead letters") or label == "queue Undelivered"
        name = "letters" if letters else "handlers" if label.startswith("function") else label
        found.setdefault(name, set()).update(actions.split())
    return {label: " ".join(sorted(actions)) for label, actions in found.items()}


def seen(folder: str) -> set[str]:
    """What the function itself was seen to use."""
    own = kept().get(folder, {})
    return pairs(alike(folder, {label: actions for label, actions in own.items() if label != ONLY_BEHIND_AN_EDGE}))


def granted_to(folder: str) -> set[str]:
    """What the function's role allows."""
    return pairs(alike(folder, grants_of(synthesized("local"), folder)))


def used_by(folder: str) -> set[str]:
    """What the function used, what the code that it shares was seen to use, and what was done for it."""
    together = {
        pair
        for folders, pattern in SHARED.items()
        for other in folders
        for pair in seen(other)
        if folder in folders and pattern.fullmatch(pair)
    }
    keeps = pairs({f"dead letters {folder.title().replace('_', '')}": FAILURES_ARE_KEPT})
    for_it = pairs(READ_FOR_IT.get(folder, {})) | (keeps & granted_to(folder))
    return seen(folder) | together | for_it


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_may_do_what_it_did_and_nothing_else(folder: str) -> None:
    used, granted = used_by(folder), granted_to(folder)
    assert sorted(used - granted) == [], "it is used, and not allowed"
    assert sorted(granted - used) == [], "it is allowed, and was not used: `make permissions` records what is"


def test_the_record_is_of_functions_that_are_deployed() -> None:
    assert kept().keys() <= set(FOLDERS)
    assert {folder for folder in FOLDERS if not seen(folder)} == {"openapi"}


def test_only_settlement_was_seen_to_write_the_ledger() -> None:
    writing = ("Put", "Update", "Delete", "BatchWrite", "ConditionCheck")
    writers = {
        folder
        for folder, used in kept().items()
        for action in used.get("table Ledger", "").split()
        if action.startswith(writing)
    }
    assert writers == {"settlement"}


@pytest.mark.parametrize(
    ("arn", "label"),
    [
        ("arn:aws:dynamodb:us-east-1:0:table/microintern-local-data-BriefsTable12AB34CD-9F", "table Briefs"),
        (
            "arn:aws:dynamodb:us-east-1:0:table/microintern-local-data-LedgerTable12AB34CD-9F/index/by_work",
            "table Ledger by by_work",
        ),
        (
            "arn:aws:dynamodb:us-east-1:0:table/microintern-local-payments-PaymentsSandboxTable12AB34CD-9F",
            "table Sandbox",
        ),
        ("arn:aws:sqs:us-east-1:0:microintern-local-lifecycle-LapseDeadLetters12AB34CD-9F", "dead letters Lapse"),
        ("arn:aws:logs:us-east-1:0:log-group:any", None),
    ],
)
def test_what_was_recorded_is_called_as_in_the_grants(arn: str, label: str | None) -> None:
    assert label_of(arn) == label


def test_a_role_leads_to_its_functions_folder() -> None:
    role = "arn:aws:sts::0:assumed-role/microintern-local-api-PayoutAccountApiRole8CFC2920-5AD8/microintern"
    assert folder_of(role) == "payout_account_api"
    with pytest.raises(ValueError, match="no function"):
        folder_of("arn:aws:iam::0:user/somebody")
