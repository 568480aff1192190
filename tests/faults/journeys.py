"""What people and time do to a brief: together, these take every command and every function's every way."""

from collections.abc import Callable
from typing import Any, NamedTuple

from microintern.domain.documents import ScanStatus
from microintern.domain.organisations import MemberRole
from microintern.domain.states import Role
from microintern.domain.talent import Stage
from tests.faults.people import EMPLOYER, MEDIA, RIVAL, STUDENT, People
from tests.faults.plant import Delivery


class Step(NamedTuple):
    """One thing that somebody does; the name says all of it, so that two steps of one name are the same."""

    name: str
    do: Callable[[People], object]


def _step(name: str, method: Callable[..., object], *given: Any, **named: Any) -> Step:
    said = [*map(str, given), *(f"{key}={value}" for key, value in named.items())]
    return Step(f"{name}({', '.join(said)})", lambda people: method(people, *given, **named))


def _does(name: str, *given: Any, **named: Any) -> Step:
    return _step(name, getattr(People, name), *given, **named)


def _after(**by: float) -> Step:
    return _step("after", lambda people, **span: people.plant.pass_time(**span), **by)


def _half_way(people: People) -> None:
    if due_at := people.brief.due_at:
        people.plant.pass_time(seconds=(due_at - people.plant.clock.now()).total_seconds() / 2)


def _until_deadline(people: People) -> None:
    if lapse_at := people.brief.lapse_at:
        people.plant.pass_time(seconds=(lapse_at - people.plant.clock.now()).total_seconds() + 1)


def _lose_letter(people: People) -> None:
    """What was to open the brief lies with the dead letters."""
    payload = {"brief_id": people.plant.brief_id}
    people.plant.dead.append(Delivery(task="settle", payload=payload, due_at=people.plant.clock.now()))


def _upload_unreported(people: People) -> None:
    """S3 has the file, and what says so gets lost."""
    people.upload("report")
    lost = ("receive", "judge")
    people.plant.pending = [waiting for waiting in people.plant.pending if waiting.task not in lost]


def _upload_unscanned(people: People) -> None:
    people.plant.scanner_works = False
    people.upload("chart")
    people.plant.scanner_works = True


def _upload_infected(people: People) -> None:
    people.plant.scanner_says = ScanStatus.INFECTED
    people.upload("cleaned-table")
    people.plant.scanner_says = ScanStatus.CLEAN


def _keep_ledger(people: People) -> None:
    people.plant.kept = people.plant.side.keep_ledger()


def _restore_ledger(people: People) -> None:
    people.plant.side.restore_ledger(people.plant.kept)


def _applications_close(people: People) -> None:
    closes_at = people.brief.applications_close_at
    people.plant.pass_time(seconds=(closes_at - people.plant.clock.now()).total_seconds() + 1)


DEADLINE = _step("until deadline", _until_deadline)
HALF_WAY = _step("half-way", _half_way)
TIDY = _step("tidy", lambda people: people.plant.tidy())
SWEEP = _step("sweep", lambda people: people.plant.sweep())
COUNT = _step("count", lambda people: people.plant.count_shown())
SOON = _after(seconds=130)
LATER = _after(hours=1, minutes=5)

FILES_ARE_CHASED = [_after(minutes=16), _after(minutes=17), _after(minutes=18)]
"""Long enough for what is asked for again to be lost once more."""

PAYABLE = _does("be_payable")
OPEN = [PAYABLE, _does("post"), _does("fund")]
AWARDED = [*OPEN, _does("apply"), _does("award")]
WORK = [_does("upload", name) for name in MEDIA]
SUBMITTED = [*AWARDED, *WORK, _does("submit")]
CHANGES = [*SUBMITTED, _does("request_changes")]
DISPUTED = [*SUBMITTED, _does("dispute")]
AS_RIVAL = {"actor_id": RIVAL}
UNSETTLING_REFUND = {"amount_minor": 21_060, "currency": "USD", "exponent": 2}
"""Of this pay, a kill fee leaves a refund that the sandbox declines by its amount."""

JOURNEYS: dict[str, list[Step]] = {
    "paid after a revision": [
        *CHANGES,
        _does("upload", "chart"),
        _does("submit"),
        _does("approve"),
    ],
    "another student is picked, and silence approves": [
        *OPEN,
        _does("apply"),
        _does("be_payable", **AS_RIVAL),
        _does("apply", **AS_RIVAL),
        _does("withdraw_application", **AS_RIVAL),
        _does("apply", **AS_RIVAL),
        _does("award"),
        _does("give_back"),
        _does("award", RIVAL),
        *(_does("upload", name, **AS_RIVAL) for name in MEDIA),
        _does("submit", **AS_RIVAL),
        DEADLINE,
    ],
    "given back when it is too late for another": [
        *AWARDED,
        _step("applications close", _applications_close),
        _does("give_back"),
    ],
    "declined, tried again, cancelled while open": [
        _does("post"),
        _does("fund", "sandbox-declined"),
        _does("fund"),
        _does("cancel"),
    ],
    "cancelled before it was funded": [_does("post"), _does("cancel")],
    "large materials, one of them too late": [
        _does("post"),
        _does("upload_large", "first"),
        _does("begin_large", "second"),
        _does("cancel"),
        _does("link", "second"),
    ],
    "cancelled after the award": [*AWARDED, _does("cancel")],
    "cancelled while the money was late": [_does("post"), _does("fund", "sandbox-late"), _does("cancel"), LATER],
    "expired while the money was late": [
        _does("post"),
        _after(days=2, hours=23, minutes=40),
        _does("fund", "sandbox-late"),
        DEADLINE,
        LATER,
    ],
    "cancelled while a card was being declined": [
        _does("post"),
        _does("fund", "sandbox-declined"),
        _does("fund", "sandbox-late-902"),
        _does("cancel"),
        LATER,
    ],
    "expired unfunded": [_does("post"), DEADLINE],
    "expired while open": [*OPEN, _does("apply"), DEADLINE],
    "expired without work": [*AWARDED, DEADLINE],
    "decided, reopened, decided again": [
        *DISPUTED,
        _does("answer_dispute"),
        _does("read_evidence"),
        _does("write"),
        _does("read_messages"),
        _does("resolve"),
        _does("reopen"),
        _does("resolve", 3, 1, 1),
        DEADLINE,
    ],
    "the student disputes and nobody answers": [*CHANGES, _does("dispute", Role.STUDENT, STUDENT), DEADLINE, DEADLINE],
    "a revision never comes": [*CHANGES, DEADLINE, DEADLINE, DEADLINE],
    "both are heard and nobody decides": [*DISPUTED, _does("answer_dispute"), DEADLINE, DEADLINE],
    "paid once the account is ready again": [
        *SUBMITTED,
        _does("be_payable", destination="sandbox-blocked"),
        _does("approve"),
        _does("be_payable", destination="sandbox-other"),
        _after(days=3, hours=1),
    ],
    "paid once the account is another": [
        _does("be_payable", destination="sandbox-declined-1"),
        *SUBMITTED[1:],
        _does("approve"),
        SOON,
        _does("be_payable", destination="sandbox-other"),
        _after(days=3, hours=1),
    ],
    "an account that is checked first": [
        _does("be_payable", destination="sandbox-pending-1"),
        _does("post"),
        _does("fund", "sandbox-twice"),
        LATER,
        _does("apply"),
        _does("award"),
        _does("be_payable", destination="sandbox-pending-2"),
        _does("cancel"),
        _after(days=3, hours=1),
    ],
    "a refund that fails": [
        PAYABLE,
        _does("post", pay=UNSETTLING_REFUND),
        _does("fund"),
        _does("apply"),
        _does("award"),
        _does("cancel"),
        SOON,
        _after(days=1, hours=1),
        SOON,
        _after(days=1, hours=1),
    ],
    "nobody is told, the sweeper finds it": [
        _does("be_payable", destination="sandbox-silent-1"),
        _does("post"),
        _does("fund", "sandbox-silent"),
        SOON,
        _does("apply"),
        _does("award"),
        _does("cancel"),
        SOON,
    ],
    "nobody is told, the reconciliation finds it": [
        _does("be_payable", destination="sandbox-late-1"),
        _does("post"),
        _does("fund", "sandbox-silent"),
        _step("reconcile", lambda people: people.plant.reconcile()),
        _does("apply"),
        _does("award"),
        _does("cancel"),
        LATER,
        _step("reconcile", lambda people: people.plant.reconcile()),
    ],
    "the ledger is restored to before it all was paid": [
        *AWARDED,
        _step("keep the ledger", _keep_ledger),
        _does("cancel"),
        _does("be_payable", destination="sandbox-blocked"),
        _step("restore the ledger", _restore_ledger),
        _step("reconcile", lambda people: people.plant.reconcile()),
    ],
    "files are infected, unreported, unscanned, never sent": [
        *AWARDED,
        _step("upload what is infected", _upload_infected),
        _does("upload", "cleaned-table"),
        _step("upload without a report", _upload_unreported),
        _step("upload without a scan", _upload_unscanned),
        _step("announce only", lambda people: people.announce("chart")),
        *FILES_ARE_CHASED,
        _does("submit"),
        _does("approve"),
        _after(days=2),
        _step("send again what came", lambda people: people.send_again("report")),
        _after(days=2),
        TIDY,
        _after(days=366),
        TIDY,
        TIDY,
    ],
    "executions are stopped": [
        *OPEN,
        _step("stop", lambda people: people.plant.stop_executions()),
        _does("apply"),
        SWEEP,
        _does("award"),
        _does("cancel"),
        SOON,
    ],
    "an organisation, and who belongs to it": [
        _does("decide_organisation", "approved"),
        _does("save_address"),
        _does("invite"),
        _does("accept"),
        _does("appoint", MemberRole.OWNER),
        _does("appoint", MemberRole.MEMBER),
        _does("invite"),
        _does("revoke"),
        _does("post"),
        _does("cancel"),
        _does("leave"),
        _does("found_organisation"),
    ],
    "both sides say what they think, one of them twice": [
        *SUBMITTED,
        _does("approve"),
        SOON,
        _does("give_feedback"),
        _does("give_feedback"),
        _does("give_feedback", Role.EMPLOYER, EMPLOYER),
    ],
    "one side says what it thinks, and it is shown all the same": [
        *AWARDED,
        DEADLINE,
        SOON,
        _does("give_feedback", Role.EMPLOYER, EMPLOYER),
        _after(days=8),
        COUNT,
    ],
    "rehired by an offer": [
        *SUBMITTED,
        _does("approve"),
        SOON,
        _does("move_candidate", Stage.SHORTLISTED),
        *OPEN,
        _does("offer"),
        _does("refuse_offer"),
        _does("accept_too_late"),
        _does("offer"),
        _does("withdraw_offer"),
        _does("offer"),
        _does("accept_offer"),
        _does("cancel"),
        SOON,
        _does("remove_candidate"),
    ],
    "forgotten once it is over": [
        *OPEN,
        _does("ask"),
        _does("answer", 1),
        _does("ask", **AS_RIVAL),
        _does("apply"),
        _does("answer", None),
        _does("name_mentor"),
        _does("award"),
        _does("name_mentor"),
        _does("write"),
        _does("write", Role.EMPLOYER, EMPLOYER),
        *WORK,
        _does("submit"),
        _does("approve"),
        SOON,
        _does("give_feedback"),
        _does("save_search"),
        _does("share_page"),
        _does("consent"),
        _does("erase", STUDENT),
        _does("erase_for"),
        _does("erase", EMPLOYER, Role.EMPLOYER),
        _does("finish_erasures"),
    ],
    "what was agreed is changed, once accepted": [
        *AWARDED,
        _does("amend"),
        _does("withdraw_amendment", 1),
        _does("amend"),
        _does("refuse_amendment", 2),
        _does("amend"),
        _does("accept_amendment", 3),
        HALF_WAY,
        _does("check_in"),
        *WORK,
        _does("submit"),
        _does("approve"),
        SOON,
    ],
    "a credential is shown, hidden and revoked": [
        _does("save_profile"),
        *SUBMITTED,
        _does("approve"),
        SOON,
        _does("choose"),
        _does("choose", public=False),
        _does("revoke_credential"),
    ],
    "a page of what was completed": [
        _does("save_profile"),
        *SUBMITTED,
        _does("approve"),
        SOON,
        _does("save_page"),
        _does("share_page"),
        _does("show_brief"),
        _does("consent"),
        _does("share_page", "amara-o"),
        _does("consent", files=False),
        _does("show_brief", public=False),
        _does("unshare_page"),
    ],
    "a brief that somebody looks for": [
        _does("save_strengths"),
        _does("save_search"),
        _does("save_search", "logos"),
        *AWARDED,
        _does("give_back"),
        _does("remove_search"),
        _does("cancel"),
    ],
    "what operators and people do besides": [
        _does("save_profile"),
        _does("save_profile", EMPLOYER, Role.EMPLOYER),
        _does("assign_role"),
        _does("set_standing", "suspended"),
        _does("set_standing", "active"),
        _does("post"),
        _does("fund", "sandbox-silent"),
        _step("lose a letter", _lose_letter),
        _does("redrive"),
        _does("cancel"),
    ],
}


class Ends(NamedTuple):
    """How a journey is to end: the brief's outcome, and what the provider then has done."""

    outcome: str
    collected: int = 0
    paid: int = 0
    refunded: int = 0
    failed: int = 0
    """How often the provider could not do what it was asked for."""
    settled: bool = True


def _refunded(outcome: str, failed: int = 0) -> Ends:
    return Ends(outcome, collected=33_000, refunded=33_000, failed=failed)


def _paid(outcome: str, failed: int = 0) -> Ends:
    return Ends(outcome, collected=33_000, paid=30_000, failed=failed)


_KILLED = Ends("cancelled_after_award", collected=33_000, paid=7_500, refunded=25_500)

ENDS: dict[str, Ends] = {
    "paid after a revision": _paid("approved"),
    "another student is picked, and silence approves": _paid("approved_by_silence"),
    "given back when it is too late for another": _refunded("withdrawn"),
    "declined, tried again, cancelled while open": _refunded("not_awarded", failed=1),
    "cancelled before it was funded": Ends("not_funded"),
    "large materials, one of them too late": Ends("not_funded"),
    "cancelled after the award": _KILLED,
    "cancelled while the money was late": _refunded("not_funded"),
    "expired while the money was late": _refunded("not_funded"),
    "cancelled while a card was being declined": _refunded("not_funded", failed=1),
    "expired unfunded": Ends("not_funded"),
    "expired while open": _refunded("not_awarded"),
    "expired without work": _refunded("not_submitted"),
    "decided, reopened, decided again": Ends("split", collected=33_000, paid=19_800, refunded=6_600),
    "the student disputes and nobody answers": _paid("student_won"),
    "a revision never comes": _refunded("employer_won"),
    "both are heard and nobody decides": _paid("student_won"),
    "paid once the account is ready again": _paid("approved"),
    "paid once the account is another": _paid("approved", failed=1),
    "an account that is checked first": _KILLED,
    "a refund that fails": Ends("cancelled_after_award", collected=23_166, paid=5_265, failed=3, settled=False),
    "nobody is told, the sweeper finds it": _KILLED,
    "nobody is told, the reconciliation finds it": _KILLED,
    "the ledger is restored to before it all was paid": _KILLED,
    "files are infected, unreported, unscanned, never sent": _paid("approved"),
    "executions are stopped": _KILLED,
    "an organisation, and who belongs to it": Ends("not_funded"),
    "both sides say what they think, one of them twice": _paid("approved"),
    "one side says what it thinks, and it is shown all the same": _refunded("not_submitted"),
    "rehired by an offer": Ends("cancelled_after_award", collected=66_000, paid=37_500, refunded=25_500),
    "forgotten once it is over": _paid("approved"),
    "what was agreed is changed, once accepted": _paid("approved"),
    "a credential is shown, hidden and revoked": _paid("approved"),
    "a page of what was completed": _paid("approved"),
    "a brief that somebody looks for": _refunded("not_awarded"),
    "what operators and people do besides": _refunded("not_awarded"),
}
"""Without failures, so that a sweep does not compare one wrong end with another."""


def _end(people: People) -> None:
    """Whatever was left lying about is found."""
    people.plant.pass_time(hours=1, minutes=5)
    people.plant.reconcile()
    people.plant.check_trails()
    people.plant.pass_time(minutes=10)


END = Step("the end", _end)


def steps_of(name: str) -> list[Step]:
    """A journey's steps, and the time after it."""
    return [*JOURNEYS[name], END]
