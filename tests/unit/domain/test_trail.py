"""The chain of hashes: whatever is done to what was kept of a brief's life, the recomputation notices."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from microintern.domain.brief import Brief
from microintern.domain.documents import Application
from microintern.domain.states import Action, Role, State
from microintern.domain.trail import BRIEF, ON_ITS_WAY_S, Break, Entry, Fault, verify
from tests.unit.builders import (
    BRIEF as BRIEF_ID,
)
from tests.unit.builders import EMPLOYER, NOW, STUDENT, a_brief, an_application, command, student, take

LIFE = [
    Action.REQUEST_FUNDING,
    Action.OPEN,
    Action.AWARD,
    Action.SUBMIT,
    Action.REQUEST_CHANGES,
    Action.SUBMIT,
    Action.DISPUTE,
    Action.ANSWER_DISPUTE,
    Action.RESOLVE,
    Action.REOPEN,
    Action.RESOLVE,
    Action.LAPSE,
    Action.SETTLE,
]
LONG_AFTER = NOW + timedelta(days=1)


def life() -> list[Brief]:
    """Every version of a brief that saw nearly everything."""
    versions = [a_brief()]
    for action in LIFE:
        versions.append(take(action, versions[-1]))
    return versions


def application_of(brief: Brief) -> list[Application]:
    """An application that was made for this brief, and taken back."""
    applied = an_application().model_copy(update={"event": student().did("application.received", NOW, brief.entry)})
    event = student().did("application.withdrawn", NOW, applied.entry)
    return [applied, applied.model_copy(update={"version": 2, "withdrawn_at": NOW, "event": event})]


VERSIONS = life()
APPLIED = application_of(VERSIONS[2])
ENTRIES = [*(brief.entry for brief in VERSIONS), *(application.entry for application in APPLIED)]
HEADS = [VERSIONS[-1].entry, APPLIED[-1].entry]


def broken(entries: list[Entry], heads: list[Entry] | None = None, now: datetime = LONG_AFTER) -> Break | None:
    return verify(BRIEF_ID, entries, HEADS if heads is None else heads, now).broken


def test_a_whole_life_holds_together() -> None:
    verdict = verify(BRIEF_ID, ENTRIES, HEADS, LONG_AFTER)
    assert (verdict.entries, verdict.on_their_way, verdict.broken) == (len(LIFE) + 3, 0, None)
    assert [entry.version for entry in ENTRIES[: len(VERSIONS)]] == list(range(1, len(VERSIONS) + 1))


def test_an_entry_says_who_did_what_when_and_by_which_request() -> None:
    by = command(Role.EMPLOYER, EMPLOYER)
    event = by.did("brief.cancelled", NOW, VERSIONS[0].entry, {"outcome": "not_funded"})
    assert (event.role, event.actor_id, event.request_id) == (Role.EMPLOYER, EMPLOYER, by.request_id)
    assert (event.at, event.facts, event.previous) == (NOW, {"outcome": "not_funded"}, VERSIONS[0].entry.hash)


def test_what_the_server_did_by_itself_says_for_what() -> None:
    triggers = {step.event.type: step.event.trigger for step in VERSIONS if step.event.role is Role.SERVER}
    assert triggers == {"brief.opened": "money", "brief.resolved": "deadline", "brief.settled": "money"}
    assert all(step.event.request_id for step in VERSIONS if step.event.role is not Role.SERVER)


def places(value: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Where an entry has something that could be changed."""
    if isinstance(value, dict) and value:
        return [place for name, inner in value.items() for place in places(inner, (*at, name))]
    return [at]


OTHERWISE: dict[str, Any] = {
    "role": lambda value: "educator",
    "state": lambda value: "expired",
    "trigger": lambda value: "payee",
    "previous": lambda value: "x" * 43,
    "due_at": lambda value: "2031-01-01T00:00:00.000Z",
    "lapse_at": lambda value: "2031-01-01T00:00:00.000Z",
    "at": lambda value: "2031-01-01T00:00:00.000Z",
    "facts": lambda value: {"more": 1},
    "request_id": lambda value: "another-request",
    "actor_id": lambda value: "somebody-else-1",
}
"""Something else that could stand there; for what is not named, the same and a bit more."""


def more(value: Any) -> Any:
    return [*value, "more"] if isinstance(value, list) else value + (1 if isinstance(value, int) else "x")


def tampered(entry: Entry, at: tuple[str, ...]) -> Entry:
    """The entry as somebody leaves it who can write to the table."""
    raw = entry.model_dump(mode="json")
    inner = raw
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = OTHERWISE.get(at[-1], more)(inner[at[-1]])
    return Entry.model_validate(raw)


TAMPERED = [(i, at) for i, entry in enumerate(ENTRIES) for at in places(entry.model_dump(mode="json"))]


@pytest.mark.parametrize(("i", "at"), TAMPERED, ids=lambda value: ".".join(value) if isinstance(value, tuple) else None)
def test_whatever_is_changed_in_an_entry_is_noticed_there_or_right_after(i: int, at: tuple[str, ...]) -> None:
    entries = [*ENTRIES[:i], tampered(ENTRIES[i], at), *ENTRIES[i + 1 :]]
    assert broken(entries)


@pytest.mark.parametrize("i", range(len(ENTRIES)))
def test_an_entry_that_was_taken_out_is_noticed_where_it_was(i: int) -> None:
    found = broken(ENTRIES[:i] + ENTRIES[i + 1 :])
    assert found == Break(subject=ENTRIES[i].subject, version=ENTRIES[i].version, fault=Fault.MISSING)


@pytest.mark.parametrize("i", range(len(ENTRIES) - 1))
def test_two_entries_that_were_swapped_are_noticed(i: int) -> None:
    one, two = ENTRIES[i], ENTRIES[i + 1]
    swapped = [*ENTRIES[:i], two, one, *ENTRIES[i + 2 :]]
    if one.subject == two.subject:
        assert broken(swapped)


def test_an_entry_that_stands_twice_is_noticed() -> None:
    found = broken([*ENTRIES[:3], ENTRIES[2], *ENTRIES[3:]])
    assert found == Break(subject=BRIEF, version=4, fault=Fault.OUT_OF_PLACE)


def rewritten(start: int) -> list[Brief]:
    """The brief's life from one version on with another actor in it, every hash made anew to fit."""
    versions = VERSIONS[: start - 1]
    for brief in VERSIONS[start - 1 :]:
        changes: dict[str, Any] = {"previous": versions[-1].entry.hash if versions else None}
        if brief.version == start:
            changes["actor_id"] = "somebody-else-1"
        versions.append(brief.model_copy(update={"event": brief.event.model_copy(update=changes)}))
    return versions


@pytest.mark.parametrize("start", range(1, len(VERSIONS) + 1))
def test_a_tail_that_was_rewritten_does_not_end_at_what_the_brief_is(start: int) -> None:
    entries = [brief.entry for brief in rewritten(start)]
    assert verify(BRIEF_ID, entries, [entries[-1]], LONG_AFTER).broken is None, "it fits in itself"
    found = broken([*entries, *ENTRIES[len(VERSIONS) :]])
    assert found == Break(subject=BRIEF, version=len(VERSIONS), fault=Fault.NOT_AS_IT_IS)


def test_the_brief_cannot_be_rewritten_without_what_hangs_on_it() -> None:
    entries = [brief.entry for brief in rewritten(2)]
    found = broken([*entries, *ENTRIES[len(VERSIONS) :]], [entries[-1], HEADS[1]])
    assert found == Break(subject=APPLIED[0].key, version=1, fault=Fault.NOT_LINKED)


def test_what_belongs_to_a_brief_hangs_on_one_of_its_steps() -> None:
    loose = APPLIED[0].model_copy(update={"event": student().did("application.received", NOW)})
    found = broken([*ENTRIES[: len(VERSIONS)], loose.entry], [HEADS[0], loose.entry])
    assert found == Break(subject=loose.key, version=1, fault=Fault.NOT_LINKED)


def test_an_entry_of_another_brief_is_out_of_place() -> None:
    moved = ENTRIES[0].model_copy(update={"scope": "brief-0000000002"}).sealed()
    assert broken([moved, *ENTRIES[1:]]) == Break(subject=BRIEF, version=1, fault=Fault.OUT_OF_PLACE)


@pytest.mark.parametrize(("entries", "fault"), [(ENTRIES[:-3], Fault.MISSING), ([], Fault.MISSING)])
def test_what_is_long_missing_at_the_end_was_taken_out(entries: list[Entry], fault: Fault) -> None:
    found = broken(entries)
    assert found is not None
    assert (found.subject, found.fault) == (BRIEF, fault)


def test_what_has_just_happened_may_be_on_its_way() -> None:
    soon = NOW + timedelta(seconds=ON_ITS_WAY_S)
    for entries in ([], ENTRIES[:1], ENTRIES[: len(VERSIONS) - 1]):
        verdict = verify(BRIEF_ID, entries, HEADS[:1], soon)
        assert (verdict.broken, verdict.on_their_way) == (None, len(VERSIONS) - len(entries))
    assert verify(BRIEF_ID, ENTRIES[:1], HEADS[:1], soon + timedelta(milliseconds=1)).broken


def test_a_newest_step_that_does_not_follow_is_noticed_though_its_entry_is_on_its_way() -> None:
    other = rewritten(3)[-1].entry
    found = broken(ENTRIES[: len(VERSIONS) - 1], [other], NOW)
    assert found == Break(subject=BRIEF, version=len(VERSIONS), fault=Fault.NOT_LINKED)


def test_more_entries_than_the_thing_has_versions_are_noticed() -> None:
    found = broken(ENTRIES[: len(VERSIONS)], [VERSIONS[-2].entry])
    assert found == Break(subject=BRIEF, version=len(VERSIONS), fault=Fault.OUT_OF_PLACE)


def test_what_was_erased_leaves_a_chain_that_still_fits() -> None:
    assert broken(ENTRIES, HEADS[:1]) is None
    assert broken([*ENTRIES[:-1], ENTRIES[-1].model_copy(update={"hash": "x"})], HEADS[:1])


def test_what_was_rewritten_without_a_step_is_still_at_the_step_before() -> None:
    erased = APPLIED[-1].model_copy(update={"version": 3}).entry
    assert broken(ENTRIES, [HEADS[0], erased]) is None
    assert broken(ENTRIES[:-1], [HEADS[0], erased]), "but not at one that was taken out"
    assert broken(ENTRIES, [VERSIONS[-1].model_copy(update={"version": 99}).entry, HEADS[1]]), "a brief has steps only"


def test_a_hash_does_not_depend_on_what_is_absent_or_on_parts_of_milliseconds() -> None:
    entry = ENTRIES[0]
    exact = entry.event.model_copy(update={"at": entry.event.at + timedelta(microseconds=999)})
    assert entry.model_copy(update={"event": exact}).recomputed == entry.hash
    assert Entry.model_validate_json(entry.model_dump_json(exclude_none=True)) == entry


@pytest.mark.parametrize("state", State)
def test_every_state_is_sealed(state: State) -> None:
    assert ENTRIES[0].model_copy(update={"state": state}).recomputed != ENTRIES[0].hash or state is State.POSTED


def test_the_applicant_stands_in_the_applications_entries() -> None:
    assert {step.entry.event.actor_id for step in APPLIED} == {STUDENT}
    assert [step.entry.event.type for step in APPLIED] == ["application.received", "application.withdrawn"]
