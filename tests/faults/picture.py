"""How everything stands, as far as people could tell: without times, and without what only says how often was tried."""

import re
from typing import Any

from pydantic import BaseModel

from microintern.domain.amendments import Amendments
from microintern.domain.check_ins import CheckIns
from microintern.domain.credentials import Credential, credential_id_of
from microintern.domain.documents import Application, Document, StoredFile
from microintern.domain.feedback import Feedback
from microintern.domain.ledger import Book, Hold, Phase
from microintern.domain.mentors import Mentor
from microintern.domain.messages import Message
from microintern.domain.organisations import Organisation, OrganisationState
from microintern.domain.portfolio import Kept
from microintern.domain.reports import shards
from microintern.domain.standing import Standing
from microintern.domain.states import Role
from microintern.domain.trail import verify
from microintern.domain.workflow import step_of
from tests.faults.plant import Plant
from tests.faults.sides import ROLES, every

PUBLISHED = ("brief.", "application.", "feedback.")
_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
"""Of a step, and so of its time."""

_TOLD = ("brief.", "application.", "feedback.", "credential.")
"""How the types of the events begin that must be published whatever happens."""

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def picture_of(plant: Plant) -> dict[str, Any]:
    """Everything that must be the same however it came about."""
    audit = plant.side.plain.audit
    found = every(lambda after: audit.entries(needs_person=True, limit=100, after=after))
    ledger = plant.side.plain.ledger
    holds: list[Hold] = every(lambda after: ledger.holds(100, after))
    return {
        "briefs": {brief_id: _brief(brief_id, plant) for brief_id in plant.brief_ids},
        "provider": sorted(_operation(asked.at(plant.clock.now())) for asked in plant.side.operations()),
        "people": {account_id: _person(account_id, plant) for account_id in people_in(plant)},
        "organisations": {found.organisation_id: _organisation(found, plant) for found in _organisations(plant)},
        "records": {party_id: _record(party_id, plant) for party_id in people_in(plant)},
        "reports": [_report(scope, plant) for scope in (*_employers(plant), *shards())],
        "holds": sorted((hold.brief_id, hold.name, hold.reason) for hold in holds),
        "for a person": sorted((entry.finding, entry.subject, entry.reason) for entry in found),
        "published": sorted({event["id"] for event in plant.events if event["type"].startswith(_TOLD)}),
        "deadlines": sorted(brief_id for brief_id, _ in plant.side.schedules()),
        "executions": plant.machine.picture(),
        "dead letters": sorted(letter.task for letter in plant.dead),
        "pending": sorted(delivery.task for delivery in plant.pending),
    }


def _employers(plant: Plant) -> list[str]:
    return sorted(found.organisation_id for found in _organisations(plant))


def _report(scope: str, plant: Plant) -> dict[str, dict[str, int]]:
    """What is reported; how long something took says how often it was tried."""
    found = plant.side.plain.records.report_of(scope, "2000-01", "2999-12")
    return {
        month: {name: count for name, count in sorted(counts.items()) if count and not name.endswith("_s")}
        for month, counts in found.items()
    }


def people_in(plant: Plant) -> list[str]:
    """Everybody who has to do with the briefs or their applications."""
    ids: set[str] = set(ROLES)
    for brief_id in plant.brief_ids:
        snapshot = plant.side.plain.briefs.read(brief_id)
        assert snapshot is not None
        ids |= {snapshot.brief.employer_id, snapshot.brief.student_id or ""}
        ids |= {getattr(document, "student_id", None) or "" for document in plant.side.documents(brief_id).values()}
    return sorted(ids - {""})


def _organisations(plant: Plant) -> list[Organisation]:
    """Every organisation there is."""
    organisations = plant.side.plain.organisations
    return [found for state in OrganisationState for found in organisations.in_state(state, 100).items]


def _organisation(organisation: Organisation, plant: Plant) -> dict[str, Any]:
    organisations, at = plant.side.plain.organisations, organisation.organisation_id
    return {
        "itself": _timeless(organisation),
        "members": [_timeless(member) for member in organisations.members(at)],
        # Asked for once more, one is issued anew.
        "invitations": [{**_timeless(it), "version": None} for it in organisations.invitations(at)],
        "candidates": [_timeless(it) for it in plant.side.plain.talent.list_candidates(at, None, 100).items],
    }


def _brief(brief_id: str, plant: Plant) -> dict[str, Any]:
    snapshot = plant.side.plain.briefs.read(brief_id)
    assert snapshot is not None
    ledger, wait = plant.side.plain.ledger, plant.side.wait_of(brief_id)
    transfers = ledger.transfers(brief_id)
    return {
        "itself": _timeless(snapshot.brief),
        "documents": {key: _document(found) for key, found in sorted(plant.side.documents(brief_id).items())},
        "transfers": [(t.transfer_id, t.phase, t.amount_minor, t.currency, t.debit, t.credit) for t in transfers],
        "balances": {account: minor for account, minor in sorted(ledger.balances(brief_id).items()) if minor},
        "trail": [_timeless(entry) for entry in plant.side.plain.trail.entries(brief_id)],
        "trail breaks": broken_trail(brief_id, plant),
        "credential": _credential(plant.side.plain.credentials.read(credential_id_of(brief_id))),
        "papers": _papers(brief_id, plant),
        "waits in": step_of(wait.state) if wait else None,
    }


def _papers(brief_id: str, plant: Plant) -> list[int]:
    """The editions of its agreement. What they say is of the time, too."""
    documents = plant.side.documents(brief_id).values()
    awarded = [found.application_id for found in documents if isinstance(found, Application) and found.awarded_at]
    return [paper.edition for found in awarded for paper in plant.side.plain.papers.editions(brief_id, found)]


def _credential(credential: Credential | None) -> dict[str, Any] | None:
    # The signature is of the time, too.
    return {**_timeless(credential), "signed": bool(credential.signed)} if credential else None


def _document(document: Document) -> dict[str, Any]:
    # S3 names a version and an upload anew each time, and how often a file was written says how often was tried.
    told: dict[str, Any] = _without(_without(_timeless(document), "version_id"), "upload_id")
    if isinstance(document, StoredFile | Feedback):
        told = _without(_without(told, "version"), "rescans")
    return told


def _record(party_id: str, plant: Plant) -> dict[str, Any]:
    """What is counted of somebody, and whether it is what their briefs come to."""
    # How often it was written, and how long something took, says how often it was tried.
    record = plant.side.plain.records.read(party_id, Role.STUDENT)
    timeless = {name: count for name, count in sorted(record.counts.items()) if not name.endswith("_s")}
    return {"counts": timeless, "erased": record.erased}


def _page(kept: Kept) -> list[Any]:
    return [kept.portfolio, *kept.shown.values(), *kept.consents.values()]


def _person(account_id: str, plant: Plant) -> dict[str, Any]:
    accounts = plant.side.plain.accounts
    notices = every(lambda after: accounts.notices(account_id, 100, after))
    account = accounts.payout_account(account_id)
    profile = accounts.profile(account_id)
    return {
        "notices": sorted(
            (notice.type, notice.brief_id, _INSTANT.sub("", notice.notice_id), _INSTANT.sub("", notice.text))
            for notice in notices
        ),
        "offers": [_timeless(offer) for offer in plant.side.plain.talent.offers(account_id, 100).items],
        "marks": [(mark.brief_id, mark.reason) for mark in accounts.marks(account_id)],
        "payout account": _timeless(account) if account else None,
        "profile": _timeless(profile) if profile else None,
        "desk": _timeless(accounts.desk(account_id).model_copy(update={"version": 0})),
        "standing": _standing(plant.side.plain.standings.read(account_id)),
        "page": [_timeless(it) for it in _page(plant.side.plain.portfolios.read(account_id))],
        "searches": [_timeless(search) for search in plant.side.plain.searches.of(account_id).searches],
        # Of which version of a brief something was noted says how late it was heard of.
        "known of": [
            _without(_timeless(found), "version") for found in plant.side.plain.students.known_of(account_id) if found
        ],
        "role": _timeless(role) if (role := accounts.assignment(account_id)) else None,
    }


def _standing(standing: Standing) -> dict[str, Any]:
    left = sorted(entry.partition("#")[0] for entry in standing.left)
    return {**_timeless(standing), "left": left}


def _operation(operation: Any) -> tuple[str, ...]:
    said = (operation.key, operation.kind, operation.status, operation.amount_minor, operation.currency)
    return tuple(str(part) for part in said)


def _timeless(model: BaseModel) -> dict[str, Any]:
    """A model's fields, instants only as whether there are any; no hashes, which instants are part of."""
    fields: dict[str, Any] = _without(_veiled(model.model_dump()), "previous")
    return fields


def _veiled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _veiled(found) for name, found in value.items()}
    if isinstance(value, list):
        return [_veiled(item) for item in value]
    if isinstance(value, str) and _HASH.fullmatch(value):
        return "some hash"
    return _INSTANT.sub("some time", value) if isinstance(value, str) else value


def _without(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(found, name) for key, found in value.items() if key != name}
    return [_without(item, name) for item in value] if isinstance(value, list) else value


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two pictures differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            found
            for name in sorted({*one, *other}, key=str)
            for found in differences(one.get(name), other.get(name), f"{where}/{name}")
        ]
    if isinstance(one, list) and isinstance(other, list):
        gone = [item for item in one if one.count(item) > other.count(item)]
        new = [item for item in other if other.count(item) > one.count(item)]
        return [f"{where}: without {gone}, with {new} instead"] if one != other else []
    return [] if one == other else [f"{where}: {one!r} became {other!r}"]


def wrongs(plant: Plant) -> list[str]:
    """What must never be, whatever happened."""
    found: list[str] = []
    for brief_id in plant.brief_ids:
        snapshot = plant.side.plain.briefs.read(brief_id)
        assert snapshot is not None
        ledger = plant.side.plain.ledger
        book = Book(ledger.transfers(brief_id))
        if not book.is_balanced(settled=snapshot.brief.settled_at is not None):
            found.append(f"{brief_id}: the book is not balanced: {book.balances}")
        kept = {account: minor for account, minor in ledger.balances(brief_id).items() if minor}
        if kept != {account: minor for account, minor in book.held.items() if minor}:
            found.append(f"{brief_id}: kept {kept}, rebuilt {book.held}")
        found += _unlike_provider(book, plant)
    return found


def broken_trail(brief_id: str, plant: Plant) -> list[str]:
    """Where the chain of hashes does not lead, from posting, to what the brief and its applications are."""
    plain = plant.side.plain
    snapshot = plain.briefs.read(brief_id)
    assert snapshot is not None
    kinds = Application | StoredFile | Message | Mentor | Amendments | CheckIns
    tracked = [d for d in plant.side.documents(brief_id).values() if isinstance(d, kinds)]
    heads = [snapshot.brief.entry, *(entry for document in tracked if (entry := document.entry) is not None)]
    verdict = verify(brief_id, plain.trail.entries(brief_id), heads, plant.clock.now())
    return [f"{brief_id}: the trail breaks: {verdict.broken}"] if verdict.broken else []


def asked_again(plant: Plant) -> list[str]:
    """Where the provider was not asked first what became of it."""
    return [f"{key}: asked for though the provider had it" for key in plant.side.asked_again()]


def _unlike_provider(book: Book, plant: Plant) -> list[str]:
    """What is posted here settled there, with the same amount."""
    now = plant.clock.now()
    theirs = {asked.key: asked.at(now) for asked in plant.side.operations()}
    posted = [t for t in book.transfers if t.phase is Phase.POSTED and t.name in ("fund", "payout", "refund")]
    return [
        f"{t.transfer_id}: {t.amount_minor} {t.currency} here, {theirs.get(t.transfer_id)} there"
        for t in posted
        if (there := theirs.get(t.transfer_id)) is None
        or (there.status, there.amount_minor, there.currency) != ("settled", t.amount_minor, t.currency)
    ]
