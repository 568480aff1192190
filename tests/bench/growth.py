"""How what a route costs, and how long it takes, grows with the platform: at 100, 1,000 and 10,000 briefs.

The handlers run in this process on the local AWS, whose tables are filled directly; capacity is metered there. The
slope is that of the logarithms: 0 is flat, 1 grows as fast as the platform does.
usage: python -m tests.bench.growth ENDPOINT METER
"""

import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from microintern.adapters import aws
from microintern.adapters.briefs import control_item, document_item
from microintern.adapters.dynamo import put_many
from microintern.adapters.organisations import DynamoOrganisations
from microintern.domain.base import derived_id
from microintern.domain.brief import Brief
from microintern.domain.documents import Content
from microintern.domain.organisations import MemberRole, Membership, Organisation, OrganisationState
from microintern.domain.posting import FieldOfWork
from microintern.domain.states import State
from tests.bench.lifecycle import Line, read_units, write_units
from tests.contract import tables
from tests.functions.world import BRIEF, EMPLOYER, ENVIRONMENT, ORGANISATION, application, command, the_brief
from tests.unit.builders import NOW, a_posting
from tools.generate import import_handler

SIZES = (100, 1_000, 10_000)
APPLICATIONS = 1_000
"""On one of the briefs, from the first size on: what one brief has must not weigh on it."""
CALLS = 21
LEAST_CHARGE = 0.5
"""No call is charged less: half a read unit. That a caller is counted once a minute is less than this for each call."""
_FIELDS = list(FieldOfWork)

Row = dict[str, float]


def main(endpoint: str, meter: str) -> None:
    """Print, by route and size, the units and the median milliseconds of a call."""
    os.environ |= {**ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint}
    client = aws.client("dynamodb")
    tables.make(client)
    _employ()
    handlers = {name: import_handler(name) for name in ("briefs_api", "browse_api", "accounts_api")}
    filled, table = 0, dict[str, dict[int, Row]]()
    for size in SIZES:
        _fill(client, filled, size)
        filled = size
        for route, events in _routes(size):
            folder = route.partition("/")[0]
            table.setdefault(route, {})[size] = _measured(handlers[folder].handler, events, Path(meter))
        print(f"  growth: {size} briefs", file=sys.stderr, flush=True)
    print(json.dumps(table))


def _measured(handler: Callable[[Any, Any], Any], events: Iterator[Any], meter: Path) -> Row:
    took_s, start = [], meter.stat().st_size
    for _ in range(CALLS):
        event = next(events)
        start_s = time.perf_counter()
        answer = handler(event, _Context())
        took_s.append(time.perf_counter() - start_s)
        if answer["statusCode"] >= 300:
            raise AssertionError(answer["body"])
    with meter.open(encoding="utf-8") as written:
        written.seek(start)
        lines: list[Line] = [json.loads(line) for line in written]
    read, write = read_units(lines) / CALLS, sum(write_units(lines).values()) / CALLS
    return {"read": round(read, 2), "write": round(write, 2), "ms": round(statistics.median(took_s) * 1_000, 2)}


class _Context:
    function_name = memory_limit_in_mb = aws_request_id = invoked_function_arn = "any"


def _routes(size: int) -> Iterator[tuple[str, Iterator[Any]]]:
    for name in ("read_brief", "browse", "applications", "my_briefs"):
        yield f"browse_api/{name}", _repeated(f"browse_api/{name}")
    yield "browse_api/browse, no filter", _repeated("browse_api/browse", query={"limit": "20"})
    yield "browse_api/browse, one in a thousand", _repeated("browse_api/browse", query={"skill": "rare", "limit": "1"})
    yield "accounts_api/me", _repeated("accounts_api/me")
    yield "briefs_api/post_brief", _keyed("briefs_api/post_brief", size)
    yield "briefs_api/apply", _keyed("briefs_api/apply", size, as_others=True)
    yield "accounts_api/save_profile", _keyed("accounts_api/save_profile", size)


def _repeated(name: str, **changes: Any) -> Iterator[Any]:
    while True:
        yield command(name, **changes)


def _keyed(name: str, size: int, *, as_others: bool = False) -> Iterator[Any]:
    """A command anew each time; of others each time, if it is one that each may do once."""
    for number in range(CALLS):
        own = {"sub": derived_id("account", str(size), str(number))} if as_others else {}
        yield command(name, key=f"key-{size}-{number:04d}", **own)


def _fill(client: Any, since: int, until: int) -> None:
    rows: list[Any] = []
    if since == 0:
        rows += _rows(_open(0))
        rows += [document_item(BRIEF, application(derived_id("account", str(n)))) for n in range(APPLICATIONS)]
    for number in range(max(since, 1), until):
        rows += _rows(_open(number))
    put_many(client, tables.BRIEFS, rows)


def _rows(brief: Brief) -> list[Any]:
    return [control_item(brief), document_item(brief.brief_id, Content(posting=a_posting()))]


def _open(number: int) -> Brief:
    """The samples' brief, and others that differ in what they are searched by."""
    brief = the_brief(State.OPEN)
    soon = datetime.now(UTC) + timedelta(days=7, minutes=number)
    open_until = {"due_at": soon, "lapse_at": soon, "applications_close_at": soon}
    if number == 0:
        return brief.model_copy(update=open_until)
    skills = ["charts", "rare"] if number % 1_000 == 999 else ["charts", "python"]
    own = {"brief_id": derived_id("brief", str(number)), "field": _FIELDS[number % len(_FIELDS)], "skills": skills}
    return brief.model_copy(update={**own, **open_until, "pay_minor": 10_000 + number})


def _employ() -> None:
    organisations = DynamoOrganisations(aws.client("dynamodb"), tables.ACCOUNTS)
    named: dict[str, Any] = {"name": "Open Wages Institute", "founded_by": EMPLOYER, "body": "body"}
    founded = Organisation(organisation_id=ORGANISATION, since=NOW, founded_at=NOW, **named)
    owner = Membership(organisation_id=ORGANISATION, account_id=EMPLOYER, role=MemberRole.OWNER, since=NOW)
    organisations.found(founded, owner)
    organisations.decide(founded.model_copy(update={"state": OrganisationState.APPROVED, "version": 2}))


def slopes(table: dict[str, dict[int, Row]]) -> dict[str, dict[str, float]]:
    """By route: how read and write units grow, and the milliseconds."""
    least, most = SIZES[0], SIZES[-1]
    return {
        route: {name: _slope(rows[least][name], rows[most][name], least, most) for name in ("read", "write", "ms")}
        for route, rows in table.items()
    }


def _slope(at_least: float, at_most: float, least: int, most: int) -> float:
    """The exponent of the size; what is less than the least that a call costs is as good as nothing."""
    grown = max(at_most, LEAST_CHARGE) / max(at_least, LEAST_CHARGE)
    return round(math.log(grown) / math.log(most / least), 2)


if __name__ == "__main__":
    main(*sys.argv[1:3])
