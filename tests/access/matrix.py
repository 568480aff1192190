"""Every route by every kind of caller, on a deployed stack, against the table of expectations."""

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import httpx

from infra.local.steps import ROOT
from tests.access.expectations import OF_TOKENS, OPEN_TO_SUSPENDED, Row, rows
from tests.access.scene import ONE_BY_ONE, PEOPLE, Scene, Thing, body_of

DOCUMENT: dict[str, Any] = json.loads((ROOT / "functions/openapi/openapi.json").read_text(encoding="utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
CALLERS = [*OF_TOKENS, *PEOPLE]
ABREAST = 3
"""Rows that are tried at once. Each more has every function started once more, which takes long here."""
NOT_THERE = "nnnnnnnnnnnnnnnnnnnnnnnnnn"
"""An id as ids are, of nothing."""


@dataclass(frozen=True)
class Cell:
    """What somebody should get from an operation, and what they got."""

    operation: str
    caller: str
    wanted: str
    got: str

    @property
    def wrong(self) -> bool:
        """Whether somebody got another answer than they should."""
        return self.wanted != self.got


def success_of(operation: str) -> str:
    """The status that the document gives to an operation that went well."""
    (status,) = (status for status in OPERATIONS[operation]["responses"] if status[0] in "23")
    return str(status)


def is_public(operation: str) -> bool:
    """Whether the document says that an operation needs no token."""
    return OPERATIONS[operation].get("security") == []


class Matrix:
    """Tries rows, several at once."""

    def __init__(self, scene: Scene, say: Callable[[str], None] = lambda text: None) -> None:
        self.scene, self.say = scene, say
        self.http = httpx.Client(base_url=scene.stack.outputs.api_url, timeout=60)

    def cells(self) -> list[Cell]:
        """Everything, row by row in the table's order."""
        with self.http, ThreadPoolExecutor(ABREAST) as pool:
            return [cell for cells in pool.map(self._row, rows()) for cell in cells]

    def _row(self, row: Row) -> list[Cell]:
        with self.scene.one_by_one if row.on in ONE_BY_ONE else nullcontext():
            return self._tried(row)

    def _tried(self, row: Row) -> list[Cell]:
        thing = self.scene.thing(row.on)
        # Those who may come last: it is then certain that nobody's refused request has changed anything.
        order = sorted(PEOPLE, key=lambda kind: row.wanted[kind] == "ok")
        found = [*self._without_good_token(row, thing), *(self._cell(row, thing, kind) for kind in order)]
        self.say(f"  {row.operation:<52}{'wrong' if any(cell.wrong for cell in found) else 'as it should be'}")
        return sorted(found, key=lambda cell: CALLERS.index(cell.caller))

    def _without_good_token(self, row: Row, thing: Thing) -> Iterator[Cell]:
        """Bad tokens in the name of somebody who may: nothing but the token, or its owner's standing, is the reason."""
        rightful = (row.allowed or list(PEOPLE))[0]
        tokens = self.scene.forger.tokens_of(self.scene.accounts[rightful])
        tokens["suspended"] = self.scene.suspended[PEOPLE[rightful]].access_token
        for caller, token in tokens.items():
            wanted = row.wanted[rightful] if is_public(row.operation) else OF_TOKENS[caller]
            if caller == "suspended":
                wanted = OPEN_TO_SUSPENDED.get(row.operation, wanted)
            yield self._compared(row, thing, rightful, caller, token, wanted)

    def _cell(self, row: Row, thing: Thing, kind: str) -> Cell:
        token = self.scene.accounts[kind].access_token
        cell = self._compared(row, thing, kind, kind, token, row.wanted[kind])
        if kind not in row.hidden_from or cell.wrong:
            return cell
        theirs, nobodys = self._send(row, thing, kind, token), self._send(row, _nothing(thing), kind, token)
        return cell if _told(theirs) == _told(nobodys) else replace(cell, got="not as if there were nothing")

    def _compared(self, row: Row, thing: Thing, sender: str, caller: str, token: str | None, wanted: str) -> Cell:
        answer = self._send(row, thing, sender, token)
        expected = success_of(row.operation) if wanted == "ok" else wanted
        return Cell(row.operation, caller, expected, _outcome(answer))

    def _send(self, row: Row, thing: Thing, sender: str, token: str | None) -> httpx.Response:
        named = (
            *("brief_id", "application_id", "file_id", "organisation_id", "search_id", "cohort_id"),
            *("invitation_id", "credential_id", "endpoint_id", "delivery_id", "handle"),
        )
        ids: dict[str, Any] = {name: getattr(thing, name) for name in named}
        account_id = thing.account_id or self.scene.spare.account_id
        ids |= {"account_id": account_id, "student_id": account_id}
        ids["number"] = 0 if "/status-lists/" in row.path else 1  # lists begin with 0, submissions with 1
        ids["token"] = self.scene.link_for(sender)
        path = row.path.format(**ids, place="US-NY-NYC", template_id="clean-a-table")
        needed = {p["name"] for p in OPERATIONS[row.operation].get("parameters", []) if p["in"] == "query"}
        headers = {"Idempotency-Key": str(uuid.uuid4())} if row.method != "GET" else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        body = body_of(row.operation, thing, sender)
        given = {"year": "2026", "day": "2026-12-01", "place": "US-NY-NYC", "student": [account_id, thing.rival_id]}
        params = {name: value for name, value in given.items() if name in needed}
        return self.http.request(row.method, path, params=params, headers=headers, json=body)


def _nothing(thing: Thing) -> Thing:
    ids = ("brief_id", "organisation_id", "credential_id", "search_id", "cohort_id")
    return replace(thing, **dict.fromkeys(ids, NOT_THERE))


def _outcome(answer: httpx.Response) -> str:
    """The status, and the code where our own code refused."""
    if answer.headers.get("content-type") == "application/problem+json":
        return f"{answer.status_code}:{answer.json()['code']}"
    return str(answer.status_code)


def _told(answer: httpx.Response) -> dict[str, Any]:
    """A problem without what differs from request to request."""
    problem = answer.json()
    return {name: value for name, value in problem.items() if name not in ("instance", "request_id")}


def summary(cells: list[Cell]) -> dict[str, int]:
    """How much was tried, and how much of it was wrong."""
    return {
        "routes": len({cell.operation for cell in cells}),
        "callers": len({cell.caller for cell in cells}),
        "cells": len(cells),
        "wrong": sum(cell.wrong for cell in cells),
    }


def table(cells: list[Cell]) -> str:
    """What everybody got, a line per route; what is wrong stands between exclamation marks."""
    got = {(cell.operation, cell.caller): f"!{cell.got}!" if cell.wrong else cell.got for cell in cells}
    widths = {caller: max(len(caller), *(len(got[row.operation, caller]) for row in rows())) for caller in CALLERS}
    lines = [f"{'':<52}" + "  ".join(f"{caller:<{widths[caller]}}" for caller in CALLERS)]
    for row in rows():
        answers = (f"{got[row.operation, caller]:<{widths[caller]}}" for caller in CALLERS)
        lines.append(f"{row.operation:<52}" + "  ".join(answers))
    return "\n".join(line.rstrip() for line in lines)
