"""How briefs on the deployed stack must have ended: moved once, in the ledger as at the provider, with nothing left."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from infra.local.inspection import execution_status
from tests.e2e.people import People
from tests.faults.deployed import Deployed

PAY, FEE = 30_000, 3_000
KILL_FEE = PAY // 4
Money = dict[str, int]

PAID: Money = {"fund": PAY + FEE, "release": PAY, "fee": FEE, "payout": PAY}
BACK: Money = {"fund": PAY + FEE, "refund": PAY + FEE}
KILLED: Money = {"fund": PAY + FEE, "release": KILL_FEE, "payout": KILL_FEE, "refund": PAY + FEE - KILL_FEE}

MONEY: dict[str, list[Money]] = {
    "approved": [PAID],
    "approved_by_silence": [PAID],
    "cancelled_after_award": [KILLED],
    "employer_won": [BACK],
    "not_awarded": [BACK],
    "not_funded": [{}, BACK],
    "not_submitted": [BACK],
}
"""What each outcome moves. Money can come after a brief has ended unfunded, and goes back then."""

_BY_PROVIDER = ("fund", "payout", "refund")
_ENDS = ("brief.approved", "brief.cancelled", "brief.expired", "brief.resolved")
_SETTLED = ("brief.paid", "brief.settled")


def wrong_endings(
    people: People, deployed: Deployed, brief_ids: Iterable[str], limit_s: float = 240
) -> dict[str, list[str]]:
    """Wait until all have ended; what is wrong, by brief, where something is."""
    ids, until_s = list(brief_ids), time.monotonic() + limit_s
    wait_until_ended(people, deployed, ids, until_s)
    with ThreadPoolExecutor(4) as pool:
        asked, noted = deployed.asked_of_provider(), _noted(people)
        found = pool.map(partial(_wrong_with, people, asked, noted), ids)
        return {brief_id: wrong for brief_id, wrong in zip(ids, found, strict=True) if wrong}


def wait_until_ended(people: People, deployed: Deployed, brief_ids: Iterable[str], until_s: float) -> None:
    """Wait until the money of all has moved and their workflows have ended; no longer than that."""
    for brief_id in brief_ids:
        while not _has_ended(people, deployed, brief_id) and time.monotonic() < until_s:
            time.sleep(0.2)


def _has_ended(people: People, deployed: Deployed, brief_id: str) -> bool:
    return "settled_at" in deployed.item(brief_id) and _workflow(people, brief_id) == "SUCCEEDED"


def _brief(people: People, brief_id: str) -> dict[str, Any]:
    brief: dict[str, Any] = people.operator.get(f"/briefs/{brief_id}")
    return brief


def _workflow(people: People, brief_id: str) -> str:
    try:
        return execution_status(people.stack, brief_id)
    except people.stack.client("stepfunctions").exceptions.ExecutionDoesNotExist:
        return "never started"


def _noted(people: People) -> list[str]:
    entries = people.operator.pages("/audit", needs_person="true", limit=100)
    return [f"{entry['subject']}: {entry['finding']}: {entry['reason']}" for entry in entries]


def _wrong_with(people: People, asked: dict[str, Money], noted: list[str], brief_id: str) -> list[str]:
    brief, ledger = _brief(people, brief_id), people.operator.get(f"/briefs/{brief_id}/ledger")
    if not brief["progress"]["settled_at"]:
        return [f"still {brief['state']}, not settled; {[(t['name'], t['phase']) for t in ledger['transfers']]}"]
    wrong = [note for note in noted if note.startswith(brief_id)]
    if (status := _workflow(people, brief_id)) != "SUCCEEDED":
        wrong.append(f"the workflow is {status}")
    posted = [(t["name"], t["amount"]["amount_minor"]) for t in ledger["transfers"] if t["phase"] == "posted"]
    money, outcome = dict(posted), brief["progress"]["outcome"]
    if not ledger["balanced"] or len(posted) != len(money) or money not in MONEY.get(outcome, []):
        wrong.append(f"{outcome}, and the ledger has {posted}, balanced: {ledger['balanced']}")
    expected = {f"{brief_id}#{name}": amount for name, amount in money.items() if name in _BY_PROVIDER}
    if asked.get(brief_id, {}) != expected:
        wrong.append(f"the ledger has {expected}, the provider was asked for {asked.get(brief_id, {})}")
    steps = [step["type"] for step in people.operator.pages(f"/briefs/{brief_id}/timeline")]
    if [sum(step in once for step in steps) for once in (_ENDS, _SETTLED)] != [1, 1]:
        wrong.append(f"it ended otherwise than once: {steps}")
    return wrong
