"""What every command on a brief shares: who may, what was answered before, and the one write that decides."""

from microintern.domain.brief import Answer, Brief, Command, changed_meanwhile
from microintern.domain.documents import Document
from microintern.domain.problems import Conflict, Forbidden, no_such
from microintern.domain.states import Role
from microintern.ports import Briefs, PayeeNotReady, Snapshot, Stale, StaleDocument


def require_role(by: Command, *roles: Role) -> None:
    """Raise Forbidden unless the caller has one of these roles."""
    if by.role not in roles:
        raise Forbidden("wrong_role", f"This is for the role {' or '.join(roles)}; you are signed in as {by.role}.")


def load(briefs: Briefs, brief_id: str, *keys: str) -> Snapshot:
    """The brief with some of its documents, in one read; NotFound when it does not exist."""
    snapshot = briefs.read(brief_id, *keys)
    if snapshot is None:
        raise no_such("brief")
    return snapshot


def require_side(brief: Brief, by: Command, *sides: Role) -> None:
    """Raise NotFound unless the caller is on one of these sides of the brief: nobody learns what is not theirs."""
    if by.role is Role.OPERATOR and Role.OPERATOR in sides:
        return
    side = brief.role_of(by.actor_id)
    if side is None or side not in sides or side is not by.role:
        raise no_such("brief")


def commit(
    briefs: Briefs, before: Brief, after: Brief, by: Command, *documents: Document, payee: str | None = None
) -> Answer:
    """Write what the command decided, if the brief is still what it was decided on.

    Two copies of one command may race: the one that loses finds its answer in what the other wrote.
    """
    try:
        briefs.save(before, after, *documents, payee=payee)
    except Stale as stale:
        if answer := stale.current.answer_to(by):
            return answer
        raise changed_meanwhile(stale.current) from stale
    except PayeeNotReady as not_ready:
        detail = "This student has no payout account that is ready; ask them to set one up, then award again."
        raise Conflict("payee_not_ready", detail, state=before.state, version=before.version) from not_ready
    except StaleDocument as stale_document:
        detail = "What the command rests on changed while you decided; read it again and decide anew."
        raise Conflict("changed_meanwhile", detail, state=before.state, version=before.version) from stale_document
    return after.answer()
