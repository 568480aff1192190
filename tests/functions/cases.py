"""For each sample: the state in which it finds the brief, and what its function makes of it."""

from typing import NamedTuple

from microintern.domain.states import Action, Role, State
from tests.functions.world import World, documents_of, the_brief


class Case(NamedTuple):
    """`state` None: nothing is there yet. `status` is that of an HTTP answer."""

    state: State | None
    status: int = 200
    further: tuple[Action, ...] = ()


S = State
AGAIN = (Action.REQUEST_CHANGES, Action.SUBMIT)

COMMANDS: dict[str, Case] = {
    "briefs_api/post_brief": Case(None, 201),
    "briefs_api/fund_brief": Case(S.POSTED, 202),
    "briefs_api/cancel_brief": Case(S.OPEN),
    "briefs_api/apply": Case(S.OPEN, 201),
    "briefs_api/withdraw_application": Case(S.OPEN),
    "briefs_api/award_brief": Case(S.OPEN),
    "briefs_api/withdraw_award": Case(S.AWARDED),
    "briefs_api/submit": Case(S.AWARDED, 201),
    "briefs_api/approve": Case(S.SUBMITTED, 200, AGAIN),
    "briefs_api/request_changes": Case(S.SUBMITTED, 201),
    "briefs_api/open_dispute": Case(S.SUBMITTED, 201),
    "briefs_api/answer_dispute": Case(S.DISPUTED, 201),
    "briefs_api/resolve_dispute": Case(S.DISPUTED),
    "files_api/announce": Case(S.AWARDED, 201),
    "accounts_api/save_profile": Case(None),
    "accounts_api/save_payout_account": Case(S.AWARDED),
    "roles_api/assign_role": Case(None),
}
"""The requests that change something."""

READS: dict[str, Case] = {
    **{f"browse_api/{name}": Case(S.OPEN) for name in ("browse", "read_brief", "my_briefs", "applications")},
    **{f"browse_api/{name}": Case(S.AWARDED) for name in ("files", "timeline", "ledger_of", "submissions")},
    "browse_api/pay_floor": Case(None),
    "browse_api/reviews": Case(S.APPROVED),
    "browse_api/dispute": Case(S.DISPUTED),
    "browse_api/disputes": Case(S.DISPUTED),
    "files_api/download": Case(S.AWARDED),
    "accounts_api/me": Case(S.AWARDED),
    "accounts_api/notices": Case(None),
    "accounts_api/record": Case(None),
    "openapi/read_description": Case(None),
}
HTTP = COMMANDS | READS

ALLOWED: dict[str, tuple[Role, ...]] = {
    **dict.fromkeys(
        [f"briefs_api/{n}" for n in ("post_brief", "fund_brief", "cancel_brief", "award_brief", "approve")],
        (Role.EMPLOYER,),
    ),
    "briefs_api/request_changes": (Role.EMPLOYER,),
    "browse_api/applications": (Role.EMPLOYER,),
    **dict.fromkeys(
        [f"briefs_api/{n}" for n in ("apply", "withdraw_application", "withdraw_award", "submit")], (Role.STUDENT,)
    ),
    "accounts_api/save_payout_account": (Role.STUDENT,),
    "accounts_api/record": (Role.STUDENT,),
    **dict.fromkeys(
        ["briefs_api/open_dispute", "briefs_api/answer_dispute", "files_api/announce", "browse_api/my_briefs"],
        (Role.EMPLOYER, Role.STUDENT),
    ),
    **dict.fromkeys(["briefs_api/resolve_dispute", "browse_api/disputes", "roles_api/assign_role"], (Role.OPERATOR,)),
}
"""Who may; what is not named is open to every role."""


def prepare(world: World, name: str) -> None:
    """Seed what an HTTP sample needs."""
    case = HTTP[name]
    if case.state is not None:
        world.seed(the_brief(case.state, *case.further), *documents_of(case.state))
