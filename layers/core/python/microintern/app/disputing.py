"""A side disputes, the other is heard, an operator divides the escrow."""

from microintern.app.commands import commit, load, require_role, require_side
from microintern.app.requests import DisputeRequest, ResolutionRequest
from microintern.domain import lifecycle
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.documents import Statement, StoredFile
from microintern.domain.policy import Policy
from microintern.domain.problems import Invalid
from microintern.domain.states import Role
from microintern.ports import Briefs, Clock, Snapshot


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


def resolve(by: Command, brief_id: str, request: ResolutionRequest, *, briefs: Briefs, clock: Clock) -> Answer:
    """Decide a dispute by a split that adds up to the escrow, with a written reason."""
    require_role(by, Role.OPERATOR)
    brief = load(briefs, brief_id).brief
    if answer := brief.answer_to(by):
        return answer
    after = lifecycle.resolve(brief, request.split, by, clock.now())
    statement = Statement(role=Role.OPERATOR, reason=request.reason, at=after.event.at)
    return commit(briefs, brief, after, by, statement)


def _as_party(by: Command, brief_id: str, request: DisputeRequest, briefs: Briefs) -> Snapshot:
    require_role(by, Role.EMPLOYER, Role.STUDENT)
    keys = [StoredFile.key_of(file_id) for file_id in request.file_ids]
    snapshot = load(briefs, brief_id, *dict.fromkeys(keys))
    require_side(snapshot.brief, by, Role.EMPLOYER, Role.STUDENT)
    return snapshot


def _statement(snapshot: Snapshot, after: Brief, request: DisputeRequest) -> Statement:
    for i, file_id in enumerate(request.file_ids):
        if snapshot.find(StoredFile, StoredFile.key_of(file_id)) is None:
            raise Invalid.field("unknown_file", f"/file_ids/{i}", f"There is no file {file_id} on this brief.")
    return Statement(role=after.event.role, reason=request.reason, file_ids=request.file_ids, at=after.event.at)
