"""What one brief costs in things that AWS counts: three applicants, one revision, a file in each submission.

`make bench` shows the same with prices, and what is not exact. How often the function of the stream runs, and with it
how many rows its journal gets, depends on how the writes fall into batches; who asks how often whether something has
happened yet is up to them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.inspection import sent_mail
from infra.local.stack import LocalStack
from tests.bench.lifecycle import Crew, Meter, count_transitions, measured, read_units, short_name, write_units
from tests.e2e.people import People

pytestmark = pytest.mark.local_stack

TRANSITIONS = 7
WRITE_UNITS = {
    "Audit": 2,
    "Audit/newest": 2,
    "Briefs": 74,
    "Briefs/by_employer": 1,
    "Briefs/by_student": 3,
    "Briefs/listing": 2,
    "Briefs/unsettled": 20,
    "Credentials/by_student": 1,
    "Ledger/by_month": 4,
    "Ledger/by_party": 4,
    "Ledger/by_payee": 1,
    "PaymentsSandbox": 2,
    "PaymentsSandbox/by_day": 2,
    "Records": 42,
    "Search": 43,
}
OF_FEEDBACK: dict[str, float] = {"Briefs": 3, "Records": 12, "Records/waiting": 2}
"""What it costs besides when both sides say what they think."""
MOST_NOTICES_OF_FEEDBACK = 6
"""Four, and what still comes of the brief itself, such as the row for a summary by e-mail."""
MOST_OF_BATCHES = {"Accounts": 66, "Ledger": 23 + 4 * 2, "Trail": 18 + 18, "Credentials": 13}
"""What a student did is noted as events come: one that comes late changes nothing.

The trail's journal gets a row for each batch, so one for each of its 18 steps at most; each of the four that settle
may be the one that looks, in both places, for what was held back. How large a credential is depends on how long the
public address is, which it holds in many places."""
INVOCATIONS = {"BriefsApi": 10, "FilesApi": 2, "FileReceived": 2, "Scan": 2, "ScanResult": 2, "Preview": 2}
MOST_READ_UNITS = 300
MOST_MAILS = 13
"""Eleven are of the brief; some of the one before may come late."""


@pytest.fixture
def metered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Crew, Meter]]:
    """A stack of its own, on which nothing else happens; warmed up, so that nothing is done twice."""
    meter = Meter(tmp_path / "metered.jsonl")
    monkeypatch.setenv("METER", str(meter.path))
    with LocalStack() as stack:
        stack.deploy()
        crew = Crew.of(People(stack))
        crew.carry()
        yield crew, meter


def test_a_brief_costs_no_more_than_this(metered: tuple[Crew, Meter]) -> None:
    crew, meter = metered
    before = len(sent_mail(crew.people.stack))
    brief_id, lines = measured(meter, crew.carry)
    mails = len(sent_mail(crew.people.stack)) - before
    units = {short_name(table): used for table, used in write_units(lines).items()}
    invoked = Counter(short_name(line["function"]) for line in lines if line["service"] == "lambda")
    print(f"{mails} e-mails, {units['Accounts']:.0f} write units of accounts, {invoked['SendMail']} calls to send")
    print(f"{sum(units.values()):.0f} write and {read_units(lines):.0f} read units, {invoked.total()} invocations")
    assert count_transitions(crew, brief_id) == TRANSITIONS
    exact = {table: used for table, used in units.items() if table not in MOST_OF_BATCHES}
    assert exact == WRITE_UNITS
    assert {table: most for table, most in MOST_OF_BATCHES.items() if units[table] > most} == {}
    assert {name: invoked[name] for name in INVOCATIONS} == INVOCATIONS
    assert read_units(lines) <= MOST_READ_UNITS
    assert 0 < mails <= MOST_MAILS
    _, lines_of_feedback = measured(meter, lambda: crew.give_feedback(brief_id))
    of_feedback = {short_name(table): used for table, used in write_units(lines_of_feedback).items()}
    print(f"feedback: {sum(of_feedback.values()):.0f} write and {read_units(lines_of_feedback):.0f} read units")
    notices = of_feedback.pop("Accounts")
    assert {table: used for table, used in of_feedback.items() if table != "Trail"} == OF_FEEDBACK
    assert notices <= MOST_NOTICES_OF_FEEDBACK
    lines += lines_of_feedback
    assert not [line for line in lines if re.search("scan$", line["action"]) and line["service"] == "dynamodb"]
