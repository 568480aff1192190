"""What a function remembers for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from microintern.web.remembered import Remembered

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_a_text_is_made_once_for_a_while() -> None:
    made: list[int] = []

    def make() -> str:
        made.append(1)
        return f"text {len(made)}"

    remembered = Remembered(60)
    assert remembered.get("a", NOW, make) == remembered.get("a", NOW + timedelta(seconds=59), make) == "text 1"
    assert remembered.get("b", NOW, make) == "text 2"
    assert remembered.get("a", NOW + timedelta(seconds=60), make) == "text 3"
    remembered.forget()
    assert remembered.get("a", NOW + timedelta(seconds=61), make) == "text 4"


def test_a_failure_is_not_remembered() -> None:
    remembered = Remembered(60)
    with pytest.raises(ZeroDivisionError):
        remembered.get("a", NOW, lambda: str(1 // 0))
    assert remembered.get("a", NOW, lambda: "text") == "text"


def test_it_remembers_no_more_than_so_much() -> None:
    remembered = Remembered(60)
    for name in range(250):
        remembered.get(str(name), NOW, lambda: "text")
    assert len(remembered._known) <= 100
