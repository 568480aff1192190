"""What every command on a brief shares: who may, what was answered before, and the one write that decides."""

from microintern.domain.brief import Answer, Brief, Command, changed_meanwhile
from microintern.domain.documents import Document
from microintern.domain.problems import Conflict, Forbidden, no_such
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.conditions import (
    NOTHING_ELSE,
    EmployerAddressMissing,
    Needs,
    OrganisationNotApproved,
    PayeeNotReady,
    SelfDealing,
    Stale,
    StaleDocument,
    StudentAddressMissing,
    StudentNotActive,
)

_UNMET: dict[type[Exception], tuple[str, str]] = {
    PayeeNotReady: (
        "payee_not_ready",
        "This student has no payout account that is ready; ask them to set one up, then award again.",
    ),
    StudentNotActive: ("student_not_active", "This student's account may not act at present; pick another."),
    SelfDealing: (
        "self_dealing",
        "This student belongs to your organisation, or did until lately; nobody can be on both sides of a brief.",
    ),
    StudentAddressMissing: (
        "student_address_missing",
        "The law of the place of work asks for mailing addresses in the agreement; the student must give one first.",
    ),
    EmployerAddressMissing: (
        "employer_address_missing",
        "The law of the place of work asks for mailing addresses in the agreement; an owner must give your "
        "organisation's first, with PUT /organisations/{id}/address.",
    ),
    OrganisationNotApproved: (
        "organisation_not_approved",
        "An operator must approve your organisation before its briefs can be funded; see its state.",
    ),
}
"""What a write can need of other things, and what is said when that does not hold."""


def require_role(by: Command, *roles: Role) -> None:
    """Raise Forbidden unless the caller has one of these roles."""
    if by.role not in roles:
        raise Forbidden("wrong_role", f"This is for the role {' or '.join(roles)}; you are signed in as {by.role}.")


def load(briefs: Briefs, brief_id: str, *keys: str, desk_of: str | None = None) -> Snapshot:
    """The brief with some of its documents, in one read; NotFound when it does not exist."""
    snapshot = briefs.read(brief_id, *keys, desk_of=desk_of)
    if snapshot is None:
        raise no_such("brief")
    return snapshot


def require_side(brief: Brief, by: Command, *sides: Role) -> None:
    """Raise NotFound unless the caller is on one of these sides of the brief: nobody learns what is not theirs."""
    if by.role is Role.OPERATOR and Role.OPERATOR in sides:
        return
    if brief.side_of(by) not in sides:
        raise no_such("brief")


def commit(
    briefs: Briefs, before: Brief, after: Brief, by: Command, *documents: Document, needs: Needs = NOTHING_ELSE
) -> Answer:
    """Write what the command decided, if the brief is still what it was decided on.

    Two copies of one command may race: the one that loses finds its answer in what the other wrote.
    """
    try:
        briefs.save(before, after, *documents, needs=needs)
    except Stale as stale:
        if answer := stale.current.answer_to(by):
            return answer
        raise changed_meanwhile(stale.current) from stale
    except tuple(_UNMET) as unmet:
        code, detail = _UNMET[type(unmet)]
        raise Conflict(code, detail, state=before.state, version=before.version) from unmet
    except StaleDocument as stale_document:
        detail = "What the command rests on changed while you decided; read it again and decide anew."
        raise Conflict("changed_meanwhile", detail, state=before.state, version=before.version) from stale_document
    return after.answer()
