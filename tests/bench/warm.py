"""How long a warm call of a route takes, as a ratio to a bare function that makes the same calls to AWS.

Both go through the local HTTP API, in turns; the medians are compared. Only routes that can be called over and over are
measured so: of the commands, those that make something new each time.
"""

import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from infra.local.caller import posting
from tests.bench.lifecycle import Line, Meter
from tests.bench.peer import Peer, calls_of
from tests.e2e.people import ONE_DELIVERABLE, People

CALLS = 200
WARM_UP = 5

Route = Callable[[], Any]


def routes_of(people: People) -> dict[str, Route]:
    """By route: a call of it."""
    brief_id = people.submitted()
    at, employer, student = f"/briefs/{brief_id}", people.employer, people.student
    return {
        "GET /briefs/{brief_id}": lambda: student.get(at),
        "GET /briefs/{brief_id}/applications": lambda: employer.get(f"{at}/applications"),
        "GET /briefs/{brief_id}/files": lambda: employer.get(f"{at}/files"),
        "GET /briefs/{brief_id}/submissions": lambda: employer.get(f"{at}/submissions"),
        "GET /briefs/{brief_id}/timeline": lambda: student.get(f"{at}/timeline"),
        "GET /briefs/{brief_id}/ledger": lambda: employer.get(f"{at}/ledger"),
        "GET /briefs": lambda: student.get("/briefs?field=data&limit=10"),
        "GET /me": lambda: student.get("/me"),
        "GET /me/notices": lambda: student.get("/me/notices"),
        "PUT /me/profile": lambda: student.put("/me/profile", {"name": f"Name {uuid4().hex[:8]}"}),
        "POST /briefs": lambda: employer.post("/briefs", posting(deliverables=ONE_DELIVERABLE)),
    }


def warm_ratios(people: People, peer: Peer, meter: Meter, say: Callable[[str], None]) -> dict[str, float]:
    """By route."""
    ratios = {}
    for name, route in routes_of(people).items():
        for _ in range(WARM_UP):
            answer = route()
        meter.lines()
        route()
        bare = _like(meter.lines(), answer)
        ours_s, bare_s = [], []
        for _ in range(CALLS):
            ours_s.append(_took_s(route))
            bare_s.append(_took_s(partial(peer.ask, *bare)))
        ratios[name] = round(statistics.median(ours_s) / statistics.median(bare_s), 2)
        say(f"  warm: {name} {ratios[name]}")
    return ratios


def _like(lines: list[Line], answer: Any) -> tuple[Any, str]:
    """The calls that the route itself made, and a text as long as its answer; what is new each time, is so here too."""
    # How the caller stands is looked up once in a while only.
    own = [line for line in lines if "Api" in line["caller"] and line.get("items") != ["standing"]]
    calls = json.dumps(calls_of(own))
    if isinstance(answer, dict) and "transact_write_items" in calls:
        made = sorted({i["Put"]["Item"]["pk"]["S"] for _, p in calls_of(own) for i in p["TransactItems"] if "Put" in i})
        for brief_id in made:
            calls = calls.replace(brief_id, "{fresh}")
    return json.loads(calls), json.dumps(answer)


def _took_s(call: Callable[[], Any]) -> float:
    start_s = time.perf_counter()
    call()
    return time.perf_counter() - start_s
