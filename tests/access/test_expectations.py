"""The matrix has a row for every operation, and a cell for everybody."""

import pytest

from tests.access import expectations
from tests.access.expectations import rows
from tests.access.matrix import CALLERS, OPERATIONS, Cell, is_public, summary, table
from tests.access.scene import PEOPLE, STATES


def test_every_operation_has_one_row_and_every_row_an_operation() -> None:
    assert sorted(row.operation for row in rows()) == sorted(OPERATIONS)


def test_every_row_says_what_everybody_gets() -> None:
    for row in rows():
        assert row.wanted.keys() == PEOPLE.keys(), row.operation
        assert row.on in {*STATES, "paid", "shown"}, row.operation


def test_somebody_may_do_everything_that_is_not_for_a_machine() -> None:
    # Everybody here who may found or join an organisation belongs to one; tests/e2e/test_organisations.py has others.
    # Nobody here is to be erased by themselves: they name somebody else's account.
    # How the work is going is asked days after the award; tests/e2e/test_agreements.py waits for a short one.
    later = ["POST /briefs/{brief_id}/check-ins"]
    belonging = ["POST /organisations", "POST /me/organisation", "POST /me/erasure"]
    assert [row.operation for row in rows() if not row.allowed] == ["POST /webhooks/payments", *later, *belonging]


def test_without_a_token_everybody_gets_the_same() -> None:
    for row in rows():
        if is_public(row.operation):
            assert len(set(row.wanted.values())) == 1, row.operation


def test_nothing_of_a_brief_is_for_those_who_have_nothing_to_do_with_it() -> None:
    applying = {"POST /briefs/{brief_id}/applications", "POST /briefs/{brief_id}/applications/withdrawal"}
    applying |= {"POST /briefs/{brief_id}/questions"}  # whoever may apply may ask first
    for row in rows():
        if "{brief_id}" in row.path and row.operation not in applying:
            for stranger in ("employer_b", "student_c", "educator"):
                assert row.wanted[stranger] in ("404:not_found", "403:wrong_role"), row.operation
                hides = row.wanted[stranger] == "404:not_found"
                assert hides == (stranger in row.hidden_from), row.operation


def test_an_operation_without_a_row_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = expectations.TABLE.splitlines()
    fewer = [line for line in lines if not line.startswith("GET /holds")]
    monkeypatch.setattr(expectations, "TABLE", "\n".join(fewer))
    assert OPERATIONS.keys() - {row.operation for row in rows()} == {"GET /holds"}


def test_a_wrong_answer_is_counted_and_shown() -> None:
    cells = [Cell(row.operation, caller, "401", "401") for row in rows() for caller in CALLERS]
    assert summary(cells)["wrong"] == 0
    cells[7] = Cell(cells[7].operation, cells[7].caller, "401", "200")
    assert summary(cells) == {"routes": len(rows()), "callers": len(CALLERS), "cells": len(cells), "wrong": 1}
    assert table(cells).count("!200!") == 1
