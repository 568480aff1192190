"""For each sample: the state in which it finds the brief, and what its function makes of it."""

from collections.abc import Callable
from typing import NamedTuple

from microintern.domain.states import Action, Role, State
from tests.functions.world import World, documents_of, the_brief, the_submission


class Case(NamedTuple):
    """`state` None: nothing is there yet. `status` is that of an HTTP answer."""

    state: State | None
    status: int = 200
    further: tuple[Action, ...] = ()


S = State
ANSWERS = ("accept_offer", "refuse_offer")
MEMBERS = ("appoint_member", "remove_member")
PAGE_COMMANDS = ("save_portfolio", "share_portfolio", "unshare_portfolio", "show_brief", "decide_consent")
PAGE_READS = ("own_portfolio", "completed_briefs", "own_growth", "own_resume")
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
    "briefs_api/reopen_dispute": Case(S.DISPUTED, 200, (Action.RESOLVE,)),
    "amendments_api/propose_amendment": Case(S.AWARDED, 201),
    **{f"amendments_api/{n}_amendment": Case(S.AWARDED) for n in ("accept", "refuse", "withdraw")},
    "messages_api/ask": Case(S.OPEN, 201),
    "messages_api/write_message": Case(S.AWARDED, 201),
    "messages_api/check_in": Case(S.AWARDED, 201),
    "messages_api/name_mentor": Case(S.AWARDED),
    "files_api/announce": Case(S.AWARDED, 201),
    "feedback_api/give_feedback": Case(S.PAID),
    "accounts_api/save_profile": Case(None),
    "accounts_api/save_notice_settings": Case(None),
    "search_api/save_search": Case(None, 201),
    "search_api/remove_search": Case(None),
    "search_api/save_strengths": Case(None),
    "payout_account_api/save_payout_account": Case(S.AWARDED),
    "roles_api/assign_role": Case(None),
    "roles_api/set_standing": Case(None),
    "organisations_api/found_organisation": Case(None, 201),
    "organisations_api/join_organisation": Case(None, 201),
    "credentials_api/choose": Case(None),
    "credentials_api/revoke": Case(None),
    **{f"portfolio_api/{name}": Case(None) for name in PAGE_COMMANDS},
    "talent_api/offer_brief": Case(S.OPEN, 201),
    **{f"talent_api/{n}": Case(S.OPEN) for n in ("move_candidate", "remove_candidate", "withdraw_offer", *ANSWERS)},
    **{f"organisations_api/{n}": Case(None) for n in ("decide_organisation", *MEMBERS, "revoke_invitation")},
    **{f"cohorts_api/{n}": Case(None, 201) for n in ("make_cohort", "join")},
    **{
        f"cohorts_api/{n}": Case(None) for n in ("change_cohort", "remove_student", "renew_consent", "withdraw_consent")
    },
    "credits_api/grant_credit": Case(None, 201),
    "credits_api/revoke_credit": Case(None),
    "organisations_api/save_address": Case(None),
    "webhooks_api/create_webhook": Case(None, 201),
    **{f"webhooks_api/{name}": Case(None) for name in ("change_webhook", "remove_webhook", "rotate_webhook")},
    **{f"webhooks_api/{name}": Case(None, 202) for name in ("test_webhook", "replay_webhook", "replay_delivery")},
}
"""The requests that change something."""

OF_CREDENTIALS = ("own_credentials", "own_credential", "own_badge")
PUBLIC_OF_CREDENTIALS = ("public_credential", "public_badge", "verification", "verify", "issuer_document")
OF_COHORTS = ("list_cohorts", "read_cohort", "totals", "students", "students_csv", "student")
OF_STUDENT_IN_COHORT = ("preview_cohort", "join", "own_cohorts", "seen_of_me", "renew_consent")
REPORTS = ("organisation_report", "organisation_report_csv", "platform_report", "platform_report_csv")
OF_ORGANISATION = ("read_organisation", "members", "invitations")
OF_TALENT = (
    *("candidates", "candidates_csv", "candidate", "comparison", "offers_to"),
    *("compare_applicants", "own_offers"),
)
READS: dict[str, Case] = {
    **{f"browse_api/{name}": Case(S.OPEN) for name in ("browse", "read_brief", "my_briefs", "applications")},
    **{f"browse_api/{name}": Case(S.AWARDED) for name in ("files", "timeline", "brief_trail", "submissions")},
    "browse_api/pay_floor": Case(None),
    "search_api/search_briefs": Case(S.OPEN),
    **{f"search_api/{name}": Case(None) for name in ("my_searches", "read_strengths")},
    **{f"drafting_api/{name}": Case(None) for name in ("templates", "read_template", "check_posting")},
    "messages_api/questions": Case(S.OPEN),
    "messages_api/messages": Case(S.AWARDED),
    "messages_api/mentor": Case(S.AWARDED),
    "messages_api/check_ins": Case(S.AWARDED),
    "money_api/ledger_of": Case(S.AWARDED),
    "money_api/ledger_csv": Case(S.AWARDED),
    **{f"money_api/{name}": Case(None) for name in ("statement", "statement_csv", "payees", "payees_csv")},
    "operations_api/holds": Case(None),
    "operations_api/audit_trail": Case(None),
    "operations_api/commands_of_day": Case(None),
    "browse_api/reviews": Case(S.APPROVED),
    "browse_api/dispute": Case(S.DISPUTED),
    "browse_api/disputes": Case(S.DISPUTED),
    "files_api/download": Case(S.AWARDED),
    "files_api/parts": Case(S.AWARDED),
    "files_api/preview": Case(S.AWARDED),
    "accounts_api/me": Case(S.AWARDED),
    "accounts_api/notices": Case(None),
    "accounts_api/record": Case(None),
    "accounts_api/notice_settings": Case(None),
    "unsubscribe/ask_to_unsubscribe": Case(None),
    "roles_api/account_standing": Case(None),
    "personal_data_api/export": Case(S.AWARDED),
    **{f"organisations_api/{name}": Case(None) for name in ("organisations_in_state", *OF_ORGANISATION)},
    **{f"credentials_api/{name}": Case(None) for name in OF_CREDENTIALS},
    **{f"public_credentials/{name}": Case(None) for name in PUBLIC_OF_CREDENTIALS},
    "status_lists/status_list": Case(None),
    **{f"portfolio_api/{name}": Case(None) for name in (*PAGE_READS, "read_consent")},
    "resume_api/printed_resume": Case(None),
    "public_portfolios/public_portfolio": Case(None),
    "portfolio_files/public_file": Case(None, 303),
    **{f"webhooks_api/{name}": Case(None) for name in ("webhooks", "webhook_deliveries")},
    **{f"talent_api/{name}": Case(S.OPEN) for name in OF_TALENT},
    **{f"cohorts_api/{n}": Case(None) for n in (*OF_COHORTS, "preview_cohort", "own_cohorts", "seen_of_me")},
    **{f"credits_api/{n}": Case(None) for n in ("granted_credits", "granted_credits_csv")},
    "openapi/read_description": Case(None),
    "agreements_api/contract": Case(S.OPEN),
    "agreements_api/agreement": Case(S.AWARDED),
    "amendments_api/amendments": Case(S.AWARDED),
    "manifest_api/signed_manifest": Case(S.SUBMITTED),
    "signing_keys/read_signing_keys": Case(None),
    "feedback_api/read_feedback": Case(S.PAID),
    "records_api/organisation_record": Case(None),
    **{f"records_api/{name}": Case(None) for name in REPORTS},
    "records_api/student_record": Case(None),
    "records_api/applicant_record": Case(S.AWARDED),
}
OTHERS: dict[str, Case] = {
    "operations_api/redrive": Case(None),
    "organisations_api/invite": Case(None, 201),
    "cohorts_api/issue_code": Case(None, 201),
    **{f"personal_data_api/{name}": Case(None, 202) for name in ("erase_me", "erase_account")},
    "payments_webhook/payments_webhook": Case(S.POSTED, 202, (Action.REQUEST_FUNDING,)),
    "unsubscribe/unsubscribe": Case(None),
    "files_api/link_parts": Case(S.AWARDED),
    "files_api/complete_upload": Case(S.AWARDED, 202),
}
"""Done anew each time they are asked for, or (uploads in parts) kept by S3 alone; the webhook has only a signature."""
IN_PARTS = ("files_api/link_parts", "files_api/parts", "files_api/complete_upload")
HTTP = COMMANDS | READS | OTHERS

_ACTS = (Role.EMPLOYER, Role.EDUCATOR)
"""Who acts for an organisation."""
_EMPLOYER, _OPERATOR = (Role.EMPLOYER,), (Role.OPERATOR,)
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
    "payout_account_api/save_payout_account": (Role.STUDENT,),
    **dict.fromkeys(["money_api/statement", "money_api/statement_csv"], (Role.EMPLOYER, Role.STUDENT)),
    **dict.fromkeys(["money_api/payees", "money_api/payees_csv"], (Role.OPERATOR,)),
    **dict.fromkeys(
        [f"operations_api/{n}" for n in ("holds", "audit_trail", "commands_of_day", "redrive")], (Role.OPERATOR,)
    ),
    "accounts_api/record": (Role.STUDENT,),
    **dict.fromkeys(IN_PARTS, (Role.STUDENT, Role.EMPLOYER)),
    **dict.fromkeys(
        ["briefs_api/open_dispute", "briefs_api/answer_dispute", "files_api/announce", "browse_api/my_briefs"],
        (Role.EMPLOYER, Role.STUDENT),
    ),
    **dict.fromkeys([f"briefs_api/{n}" for n in ("resolve_dispute", "reopen_dispute")], (Role.OPERATOR,)),
    "browse_api/disputes": (Role.OPERATOR,),
    **dict.fromkeys([f"messages_api/{n}" for n in ("ask", "write_message")], (Role.STUDENT, Role.EMPLOYER)),
    **dict.fromkeys(
        [f"amendments_api/{n}_amendment" for n in ("propose", "accept", "refuse", "withdraw")],
        (Role.STUDENT, Role.EMPLOYER),
    ),
    "messages_api/name_mentor": (Role.EMPLOYER,),
    "messages_api/check_in": (Role.STUDENT,),
    **dict.fromkeys([f"roles_api/{n}" for n in ("assign_role", "account_standing", "set_standing")], (Role.OPERATOR,)),
    "personal_data_api/erase_account": (Role.OPERATOR,),
    "feedback_api/give_feedback": (Role.STUDENT, Role.EMPLOYER),
    "records_api/organisation_record": (Role.STUDENT, Role.EMPLOYER, Role.OPERATOR),
    "records_api/student_record": (Role.STUDENT, Role.OPERATOR),
    "records_api/applicant_record": (Role.EMPLOYER,),
    **{f"records_api/{name}": _OPERATOR if "platform" in name else _EMPLOYER for name in REPORTS},
}
ALLOWED |= {
    **dict.fromkeys([f"credentials_api/{n}" for n in (*OF_CREDENTIALS, "choose")], (Role.STUDENT,)),
    "credentials_api/revoke": _OPERATOR,
    **dict.fromkeys([f"portfolio_api/{n}" for n in (*PAGE_READS, *PAGE_COMMANDS)], (Role.STUDENT,)),
    "portfolio_api/decide_consent": _EMPLOYER,
    "resume_api/printed_resume": (Role.STUDENT,),
    **dict.fromkeys(
        [
            f"search_api/{n}"
            for n in ("my_searches", "save_search", "remove_search", "read_strengths", "save_strengths")
        ],
        (Role.STUDENT,),
    ),
    **dict.fromkeys([f"organisations_api/{n}" for n in ("organisations_in_state", "decide_organisation")], _OPERATOR),
    **dict.fromkeys([f"organisations_api/{n}" for n in ("read_organisation", "members")], (*_ACTS, *_OPERATOR)),
    **dict.fromkeys(
        [
            f"organisations_api/{n}"
            for n in (
                "found_organisation",
                "join_organisation",
                "invite",
                "invitations",
                "revoke_invitation",
                *MEMBERS,
            )
        ],
        _ACTS,
    ),
    "organisations_api/save_address": _ACTS,
    **dict.fromkeys([name for name in HTTP if name.startswith("webhooks_api/")], _EMPLOYER),
}
ALLOWED |= {
    **dict.fromkeys([f"talent_api/{n}" for n in ("own_offers", *ANSWERS)], (Role.STUDENT,)),
    **dict.fromkeys(
        [
            f"talent_api/{n}"
            for n in ("move_candidate", "remove_candidate", "offer_brief", "withdraw_offer", *OF_TALENT[:-1])
        ],
        _EMPLOYER,
    ),
}
ALLOWED |= {
    **dict.fromkeys([name for name in HTTP if name.startswith(("cohorts_api/", "credits_api/"))], (Role.EDUCATOR,)),
    **dict.fromkeys([f"cohorts_api/{n}" for n in OF_STUDENT_IN_COHORT], (Role.STUDENT,)),
}
# What somebody once let be seen they can take back, whatever role they have by now.
for _name in ("cohorts_api/withdraw_consent", "portfolio_api/unshare_portfolio"):
    del ALLOWED[_name]
"""Who may; what is not named is open to every role."""


def _organised(world: World, name: str) -> None:
    world.invite()
    if name in MEMBERS:
        world.join()


def _uploading(world: World, name: str) -> None:
    large = world.begin_upload()
    if name == "complete_upload":
        world.send_parts(large)


SEEDS: dict[str, Callable[[World, str], object]] = {
    "organisations_api": _organised,
    "search_api": lambda world, name: world.watch() if name == "remove_search" else None,
    "webhooks_api": lambda world, name: None if name == "create_webhook" else world.queued(),
}
"""By function: what a sample needs besides a brief, before it."""
MORE: dict[str, Callable[[World, str], object]] = {
    "messages_api": lambda world, name: world.until_asked() if name == "check_in" else None,
    "amendments_api": lambda world, name: None if name == "propose_amendment" else world.amend(),
    "credentials_api": lambda world, _: world.credit(public=False),
    "public_credentials": lambda world, _: world.credit(public=True),
    "cohorts_api": lambda world, name: world.follow(joined=name not in ("preview_cohort", "join")),
    "credits_api": lambda world, name: world.follow(granted=name != "grant_credit"),
    "talent_api": lambda world, name: world.meet(offered=name != "offer_brief"),
    "status_lists": lambda world, _: world.credit(public=False),
    **dict.fromkeys(
        ("portfolio_api", "resume_api", "public_portfolios", "portfolio_files"), lambda world, _: world.show()
    ),
    "manifest_api": lambda world, _: world.seed(the_brief(S.SUBMITTED), *documents_of(S.SUBMITTED), the_submission()),
    "files_api": lambda world, name: _uploading(world, name) if f"files_api/{name}" in IN_PARTS else None,
}
"""And after it."""


def prepare(world: World, name: str) -> None:
    """Seed what an HTTP sample needs."""
    case, (function, _, operation) = HTTP[name], name.partition("/")
    if seed := SEEDS.get(function):
        seed(world, operation)
    if case.state is not None:
        world.seed(the_brief(case.state, *case.further), *documents_of(case.state))
    if more := MORE.get(function):
        more(world, operation)
