"""A side disputes, the other is heard, an operator divides the escrow."""

from microintern.app.commands import commit, load, require_role, require_side
from microintern.app.requests import DisputeRequest, ReopeningRequest, ResolutionRequest
from microintern.domain import lifecycle
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.documents import Statement, StoredFile
from microintern.domain.files import require_usable
from microintern.domain.payout_matrix import split_by_shares
from microintern.domain.policy import Policy
from microintern.domain.problems import Invalid
from microintern.domain.states import Role
from microintern.ports.briefs import Briefs, Snapshot
from microintern.ports.clock import Clock


def dispute(
    by: Command, brief_id: str, request: DisputeRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Answer:
    """Open a dispute with a reason; files already on the brief are the evidence."""
    snapshot = _as_party(by, brief_id, request, briefs)
    brief = snapshot.brief
    if answer := brief.answer_to(by):
        return answer
    after = lifecycle.dispute(brief, by, clock.now(), policy)
    return commit(briefs, brief, after, by, _statement(snapshot, after, request))


def answer_dispute(
    by: Command, brief_id: str, request: DisputeRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Answer:
    """Be heard as the other side; an operator then decides."""
    snapshot = _as_party(by, brief_id, request, briefs)
    brief = snapshot.brief
    if answer := brief.answer_to(by):
        return answer
    after = lifecycle.answer_dispute(brief, by, clock.now(), policy)
    return commit(briefs, brief, after, by, _statement(snapshot, after, request))


def resolve(
    by: Command, brief_id: str, request: ResolutionRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Answer:
    """Decide a dispute by a split that adds up to the escrow, with a written reason."""
    brief = _as_operator(by, brief_id, briefs)
    if answer := brief.answer_to(by):
        return answer
    split = request.split
    if request.shares is not None:
        split = split_by_shares(brief.escrow_minor, list(request.shares.model_dump().values()))
    assert split is not None  # the request has one of the two
    after = lifecycle.resolve(brief, split, by, clock.now(), policy)
    return commit(briefs, brief, after, by, _written(after, request.reason))


def reopen(
    by: Command, brief_id: str, request: ReopeningRequest, *, briefs: Briefs, clock: Clock, policy: Policy
) -> Answer:
    """Take a decision back before it is final, with a written reason."""
    brief = _as_operator(by, brief_id, briefs)
    if answer := brief.answer_to(by):
        return answer
    after = lifecycle.reopen(brief, by, clock.now(), policy)
    return commit(briefs, brief, after, by, _written(after, request.reason))


def _as_operator(by: Command, brief_id: str, briefs: Briefs) -> Brief:
    require_role(by, Role.OPERATOR)
    return load(briefs, brief_id).brief


def _as_party(by: Command, brief_id: str, request: DisputeRequest, briefs: Briefs) -> Snapshot:
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    keys = [StoredFile.key_of(file_id) for file_id in request.file_ids]
    snapshot = load(briefs, brief_id, *dict.fromkeys(keys))
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT)
    return snapshot


def _statement(snapshot: Snapshot, after: Brief, request: DisputeRequest) -> Statement:
    for i, file_id in enumerate(request.file_ids):
        file = snapshot.find(StoredFile, StoredFile.key_of(file_id))
        if file is None:
            raise Invalid.field("unknown_file", f"/file_ids/{i}", f"There is no file {file_id} on this brief.")
        require_usable(file, named_by=f"/file_ids/{i}")
    return _written(after, request.reason, request.file_ids)


def _written(after: Brief, reason: str, file_ids: list[str] | None = None) -> Statement:
    return Statement(
        version=after.version, role=after.event.role, reason=reason, file_ids=file_ids or [], at=after.event.at
    )
