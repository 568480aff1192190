"""What people do, each with their own idempotency key, which they keep while they try again."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache, partial
from typing import Any, Literal, TypeVar

from microintern.adapters.stemming import stem
from microintern.app import (
    accounts,
    amending,
    applying,
    checking_in,
    crediting,
    discovering,
    disputing,
    erasing,
    feedback,
    files,
    forgetting,
    mentoring,
    messaging,
    offering,
    operating,
    organisations,
    payees,
    portfolios,
    posting,
    receiving,
    requests,
    reviewing,
    standing,
    talent,
    uploading,
)
from microintern.app.archive import Archive
from microintern.domain.brief import Answer, Brief, Command
from microintern.domain.check_ins import Going
from microintern.domain.credentials import credential_id_of
from microintern.domain.documents import Application, StoredFile, Submission
from microintern.domain.feedback import Given
from microintern.domain.feedback import asked as feedback_asked
from microintern.domain.organisations import MemberRole
from microintern.domain.payout_matrix import Split
from microintern.domain.problems import Conflict
from microintern.domain.states import Role
from microintern.domain.talent import Stage
from tests.faults.plant import Plant
from tests.unit.builders import BODIES, EMPLOYER, OPERATOR, ORGANISATION, RIVAL, STUDENT, a_posting
from tests.unit.contents import OF_TYPE, facts_of

T = TypeVar("T")

MEDIA = {"cleaned-table": "text/csv", "chart": "image/png", "report": "application/pdf"}
SHA256 = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="
NEWCOMER = "nina-student-001"
__all__ = ["EMPLOYER", "NEWCOMER", "OPERATOR", "RIVAL", "STUDENT", "People"]


class NothingThere(Exception):
    """Nobody has announced the file that somebody wants to do something with: it was refused."""


class People:
    """Everybody around a plant. Methods take the id of who acts where that is not always the same."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant

    # everybody

    def _do(self, role: Role, actor_id: str, use_case: Callable[..., T], *given: Any, **ports: Any) -> T:
        return self.plant.client(partial(use_case, self._command(role, actor_id), *given, **ports))

    def _command(self, role: Role, actor_id: str) -> Command:
        self.plant.keys += 1
        standing = self.plant.side.plain.standings.read(actor_id)
        acts_for = standing.organisation_id if role is Role.EMPLOYER else None
        key = f"key-{self.plant.keys}"
        return Command(actor_id=actor_id, role=role, key=key, body="body", organisation_id=acts_for)

    def _decide(self, role: Role, actor_id: str, use_case: Callable[..., T], *given: Any, **ports: Any) -> T:
        shared = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock, "policy": self.plant.policy}
        return self._do(role, actor_id, use_case, self.plant.brief_id, *given, **shared, **ports)

    @property
    def brief(self) -> Brief:
        snapshot = self.plant.side.plain.briefs.read(self.plant.brief_id)
        assert snapshot is not None
        return snapshot.brief

    def save_profile(self, actor_id: str = STUDENT, role: Role = Role.STUDENT) -> None:
        request = requests.ProfileRequest(name="Somebody", about="I clean tables.")
        wired = {"accounts": self.plant.side.faulty.accounts, "clock": self.plant.clock}
        self._do(role, actor_id, accounts.save_profile, request, **wired)

    def save_search(self, text: str = "charts") -> None:
        ports, request = self.plant.side.faulty, requests.SearchRequest(name="Charts", text=text)
        catalogue = discovering.Catalogue(index=ports.found_by, stem=stem, clock=self.plant.clock)
        wired = {"searches": ports.searches, "catalogue": catalogue, "policy": self.plant.policy}
        self._do(Role.STUDENT, STUDENT, discovering.save_search, request, **wired)

    def remove_search(self) -> None:
        """The oldest one."""
        search_id = self.plant.side.plain.searches.of(STUDENT).searches[0].search_id
        wired = {"searches": self.plant.side.faulty.searches, "clock": self.plant.clock}
        self._do(Role.STUDENT, STUDENT, discovering.remove_search, search_id, **wired)

    def save_strengths(self) -> None:
        request = requests.StrengthsRequest(skills=["python"], hours_per_week=12)
        wired = {"students": self.plant.side.faulty.students, "clock": self.plant.clock}
        self._do(Role.STUDENT, STUDENT, discovering.save_strengths, request, **wired)

    # the employer

    def post(self, actor_id: str = EMPLOYER, **changes: Any) -> Answer:
        shared = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock, "policy": self.plant.policy}
        answer = self._do(Role.EMPLOYER, actor_id, posting.post, a_posting(**changes), **shared)
        self.plant.brief_id = answer.brief_id
        self.plant.brief_ids.append(answer.brief_id)
        return answer

    def fund(self, method: str = "sandbox-card", actor_id: str = EMPLOYER) -> Answer:
        request = requests.FundingRequest(payment_method=method)
        shared = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock}
        use_case = posting.request_funding
        return self._do(Role.EMPLOYER, actor_id, use_case, self.plant.brief_id, request, **shared)

    def cancel(self, actor_id: str = EMPLOYER) -> Answer:
        return self._decide(Role.EMPLOYER, actor_id, posting.cancel)

    def award(self, student_id: str = STUDENT, actor_id: str = EMPLOYER) -> Answer:
        application_id = Application.id_of(self.plant.brief_id, student_id)
        request = requests.AwardRequest(application_id=application_id)
        return self._decide(Role.EMPLOYER, actor_id, applying.award, request)

    def approve(self, actor_id: str = EMPLOYER) -> Answer:
        body = BODIES["post /briefs/{brief_id}/approval"] | {"submission_number": max(1, self.brief.submissions)}
        request = requests.ApprovalRequest.model_validate(body)
        return self._decide(Role.EMPLOYER, actor_id, reviewing.approve, request)

    def request_changes(self, actor_id: str = EMPLOYER) -> Answer:
        points = [{"criterion": "chart", "request": "Sort the bars."}]
        number = max(1, self.brief.submissions)
        body = {"submission_number": number, "points": points, "feedback": "Nearly there."}
        request = requests.ChangeRequest.model_validate(body)
        return self._decide(Role.EMPLOYER, actor_id, reviewing.request_changes, request)

    def begin_large(self, name: str, actor_id: str = EMPLOYER) -> StoredFile:
        """Announce a material of two parts."""
        body = {"purpose": "material", "name": name, "media_type": "text/csv"}
        about = BODIES["post /briefs/{brief_id}/files"] | body | _large_facts(self.plant.policy.part_bytes + 1)
        request = requests.UploadRequest.model_validate(about | {"deliverable": None})
        store = self.plant.side.faulty.files
        file, _ = self._decide(Role.EMPLOYER, actor_id, files.ask_upload, request, files=store)
        self.plant.uploads[self.plant.brief_id, actor_id, name] = file.file_id
        return file

    def upload_large(self, name: str) -> None:
        """Send both parts, complete the upload twice; S3 reports it."""
        file = self.begin_large(name)
        self.link(name)
        for number in (1, 2):
            self.plant.side.send_part(file, number)
        ports: dict[str, Any] = {"briefs": self.plant.side.faulty.briefs, "files": self.plant.side.faulty.files}
        ports |= {"clock": self.plant.clock}
        for _ in range(2):
            use_case = uploading.complete_upload
            self._do(Role.EMPLOYER, EMPLOYER, use_case, self.plant.brief_id, file.file_id, **ports)
        self._report(file, self.plant.side.version_of(file))

    def link(self, name: str) -> None:
        """Ask for links to both parts; too late, they are refused."""
        file_id = self._announced(EMPLOYER, name)
        sums = [requests.PartSum(number=number, sha256=SHA256) for number in (1, 2)]
        given = (file_id, requests.PartsRequest(parts=sums))
        with suppress(Conflict):
            store = self.plant.side.faulty.files
            self._decide(Role.EMPLOYER, EMPLOYER, uploading.link_parts, *given, files=store)

    # students

    def be_payable(self, actor_id: str = STUDENT, destination: str = "sandbox-account") -> None:
        request, ports = requests.PayoutAccountRequest(destination=destination), self.plant.side.faulty
        wired = {"accounts": ports.accounts, "provider": ports.provider}
        shared = {"clock": self.plant.clock, "policy": self.plant.policy}
        self._do(Role.STUDENT, actor_id, payees.save_payout_account, request, **wired, **shared)

    def apply(self, actor_id: str = STUDENT) -> Application:
        # Each brief gets a text of its own: the same for many is refused.
        body = BODIES["post /briefs/{brief_id}/applications"]
        body = body | {"statement": f"{body['statement']} About {self.plant.brief_id}."}
        request = requests.ApplicationRequest.model_validate(body)
        return self._decide(Role.STUDENT, actor_id, applying.apply, request)

    def withdraw_application(self, actor_id: str = STUDENT) -> Application:
        shared = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock}
        return self._do(Role.STUDENT, actor_id, applying.withdraw_application, self.plant.brief_id, **shared)

    def give_back(self, actor_id: str = STUDENT) -> Answer:
        return self._decide(Role.STUDENT, actor_id, applying.withdraw_award)

    def upload(self, deliverable: str, actor_id: str = STUDENT) -> str:
        """Announce a file and send it; S3 reports it. The file's id."""
        file = self.announce(deliverable, actor_id)
        self.plant.uploads[self.plant.brief_id, actor_id, deliverable] = file.file_id
        self.send(file)
        return file.file_id

    def announce(self, deliverable: str, actor_id: str = STUDENT) -> StoredFile:
        """Say which file is to come."""
        body = BODIES["post /briefs/{brief_id}/files"]
        content = OF_TYPE[MEDIA[deliverable]]
        body = body | {"deliverable": deliverable, "media_type": MEDIA[deliverable]} | facts_of(content)
        request, store = requests.UploadRequest.model_validate(body), self.plant.side.faulty.files
        file, _ = self._decide(Role.STUDENT, actor_id, files.ask_upload, request, files=store)
        return file

    def send_again(self, deliverable: str) -> None:
        """Another version of a file that came long ago."""
        at = (self.plant.brief_id, self._announced(STUDENT, deliverable))
        self.send(self.plant.side.plain.briefs.find_files([at])[at])

    def send(self, file: StoredFile) -> None:
        """What the browser does with the form, S3 with the object, and the scanner."""
        version_id = self.plant.side.upload(file, self.plant.clock.now(), OF_TYPE[file.media_type])
        self._report(file, version_id)

    def _announced(self, actor_id: str, name: str) -> str:
        """The newest file of this name."""
        try:
            return self.plant.uploads[self.plant.brief_id, actor_id, name]
        except KeyError as missing:
            raise NothingThere(name) from missing

    def _report(self, file: StoredFile, version_id: str) -> None:
        at: dict[str, Any] = {"brief_id": file.brief_id, "file_id": file.file_id}
        now = self.plant.clock.now()
        self.plant.send("receive", created=receiving.Created(**at, version_id=version_id, at=now))
        self.plant.judge(**at, version_id=version_id)

    def submit(self, actor_id: str = STUDENT) -> Answer:
        """Hand in what was uploaded: of each deliverable the newest."""
        mine = (self.plant.brief_id, actor_id)
        handed = [
            {"deliverable": at[2], "file_id": found} for at, found in self.plant.uploads.items() if at[:2] == mine
        ]
        request = requests.SubmissionRequest.model_validate({"files": handed})
        return self._decide(Role.STUDENT, actor_id, reviewing.submit, request)

    # disputes

    def dispute(self, role: Role = Role.EMPLOYER, actor_id: str = EMPLOYER) -> Answer:
        request = requests.DisputeRequest(reason="A third is missing.")
        return self._decide(role, actor_id, disputing.dispute, request)

    def answer_dispute(self, role: Role = Role.STUDENT, actor_id: str = STUDENT) -> Answer:
        request = requests.DisputeRequest(reason="Nothing is missing.")
        return self._decide(role, actor_id, disputing.answer_dispute, request)

    def resolve(self, student: int = 1, employer: int = 1, fee: int = 0) -> Answer:
        shares = requests.Shares(student=student, employer=employer, fee=fee)
        request = requests.ResolutionRequest(shares=shares, reason="Half was done.")
        return self._decide(Role.OPERATOR, OPERATOR, disputing.resolve, request)

    def divide(self, split: Split) -> Answer:
        request = requests.ResolutionRequest(split=split, reason="Half was done.")
        return self._decide(Role.OPERATOR, OPERATOR, disputing.resolve, request)

    def reopen(self) -> Answer:
        request = requests.ReopeningRequest(reason="A file was overlooked.")
        return self._decide(Role.OPERATOR, OPERATOR, disputing.reopen, request)

    # what both sides say of each other

    def give_feedback(self, role: Role = Role.STUDENT, actor_id: str = STUDENT) -> Given:
        asked, body = feedback_asked(self.brief, role), BODIES["put /briefs/{brief_id}/feedback"]
        request = requests.FeedbackRequest.model_validate(body | {"ratings": dict.fromkeys(asked, 4)})
        return self._decide(role, actor_id, feedback.give, request)

    # both sides

    @property
    def _room(self) -> messaging.Room:
        ports, plant = self.plant.side.faulty, self.plant
        kept: dict[str, Any] = {"briefs": ports.briefs, "threads": ports.threads, "accounts": ports.accounts}
        return messaging.Room(**kept, audit=ports.audit, clock=plant.clock, policy=plant.policy)

    def ask(self, actor_id: str = STUDENT) -> None:
        request = requests.QuestionRequest(text="Is the table one file?")
        self._do(Role.STUDENT, actor_id, messaging.ask, self.plant.brief_id, request, room=self._room)

    def answer(self, number: int | None) -> None:
        request = requests.QuestionRequest(text="It is one file.", answers=number)
        self._do(Role.EMPLOYER, EMPLOYER, messaging.ask, self.plant.brief_id, request, room=self._room)

    def write(self, role: Role = Role.STUDENT, actor_id: str = STUDENT) -> None:
        request = requests.MessageRequest(text="The report will be there on Friday.")
        self._do(role, actor_id, messaging.write, self.plant.brief_id, request, room=self._room)

    def name_mentor(self, account_id: str = EMPLOYER) -> None:
        request = requests.MentorRequest(account_id=account_id)
        wired: dict[str, Any] = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock}
        self._do(Role.EMPLOYER, EMPLOYER, mentoring.name, self.plant.brief_id, request, **wired)

    def amend(self, role: Role = Role.STUDENT, actor_id: str = STUDENT) -> None:
        """Propose that the work is due a day later."""
        due_at = self.brief.submission_due_at + timedelta(days=1)
        request = requests.AmendmentRequest(reason="It takes longer.", submission_due_at=due_at)
        self._decide(role, actor_id, amending.propose, request)

    def accept_amendment(self, number: int) -> Answer:
        return self._decide(Role.EMPLOYER, EMPLOYER, amending.accept, number)

    def check_in(self) -> None:
        wired: dict[str, Any] = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock}
        request = requests.CheckInRequest(going=Going.BLOCKED, note="The link is dead.")
        self._do(Role.STUDENT, STUDENT, checking_in.answer, self.plant.brief_id, request, **wired)

    def refuse_amendment(self, number: int) -> None:
        wired: dict[str, Any] = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock}
        self._do(Role.EMPLOYER, EMPLOYER, amending.refuse, self.plant.brief_id, number, **wired)

    def withdraw_amendment(self, number: int) -> None:
        wired: dict[str, Any] = {"briefs": self.plant.side.faulty.briefs, "clock": self.plant.clock}
        self._do(Role.STUDENT, STUDENT, amending.withdraw, self.plant.brief_id, number, **wired)

    # operators

    def read_messages(self) -> None:
        self._do(Role.OPERATOR, OPERATOR, messaging.messages, self.plant.brief_id, 50, None, room=self._room)

    def read_evidence(self, deliverable: str = "report") -> str:
        ports: dict[str, Any] = {"files": self.plant.side.faulty.files, "audit": self.plant.side.faulty.audit}
        file_id = self._announced(STUDENT, deliverable)
        return self._decide(Role.OPERATOR, OPERATOR, files.download, file_id, **ports)

    def assign_role(self) -> None:
        ports = self.plant.side.faulty
        wired = {"accounts": ports.accounts, "groups": ports.groups, "clock": self.plant.clock}
        self._do(Role.OPERATOR, OPERATOR, accounts.assign_role, NEWCOMER, "educator", **wired)

    def set_standing(self, state: Literal["active", "suspended"]) -> None:
        request, ports = requests.StandingRequest(state=state, reason="Spam."), self.plant.side.faulty
        wired = {"standings": ports.standings, "groups": ports.groups, "users": ports.users}
        self._do(Role.OPERATOR, OPERATOR, standing.set_standing, NEWCOMER, request, clock=self.plant.clock, **wired)

    def decide_organisation(self, state: Literal["approved", "suspended"]) -> None:
        request = requests.OrganisationDecisionRequest(state=state, reason="We looked.")
        self._organise(OPERATOR, organisations.decide, ORGANISATION, request, role=Role.OPERATOR)

    # organisations

    def found_organisation(self, actor_id: str = NEWCOMER) -> None:
        self._organise(actor_id, organisations.found, requests.OrganisationRequest(name="Another"))

    def save_address(self) -> None:
        request = requests.AddressRequest(mailing_address="120 Broadway\nNew York")
        self._organise(EMPLOYER, organisations.save_address, ORGANISATION, request)

    def invite(self) -> None:
        """What is issued is kept by whoever passes it on."""
        policy, request = self.plant.policy, requests.InvitationRequest()
        named: dict[str, Any] = {"policy": policy, "codes": lambda: "a-secret-that-is-always-the-same"}
        self.plant.issued = self._organise(EMPLOYER, organisations.invite, ORGANISATION, request, **named)

    def accept(self, actor_id: str = NEWCOMER) -> None:
        request = requests.AcceptanceRequest(code=self.plant.issued.code)
        self._organise(actor_id, organisations.accept, request, policy=self.plant.policy)

    def revoke(self) -> None:
        invitation_id = self.plant.issued.invitation.invitation_id
        self._organise(EMPLOYER, organisations.revoke, ORGANISATION, invitation_id)

    def appoint(self, role: MemberRole, actor_id: str = NEWCOMER) -> None:
        request = requests.MemberRequest(role=role)
        ports = {"organisations": self.plant.side.faulty.organisations, "clock": self.plant.clock}
        given = (ORGANISATION, actor_id, request)
        self._do(Role.EMPLOYER, EMPLOYER, organisations.appoint, *given, **ports)

    def leave(self, actor_id: str = NEWCOMER) -> None:
        self._organise(EMPLOYER, organisations.leave, ORGANISATION, actor_id)

    def _organise(
        self, actor_id: str, use_case: Callable[..., T], *given: Any, role: Role = Role.EMPLOYER, **named: Any
    ) -> T:
        wired = {"organisations": self.plant.side.faulty.organisations, "clock": self.plant.clock}
        return self._do(role, actor_id, use_case, *given, **wired, **named)

    # hiring

    def move_candidate(self, stage: Stage) -> None:
        request = requests.CandidateRequest(stage=stage, note="We looked.")
        self._hire(Role.EMPLOYER, EMPLOYER, talent.move, ORGANISATION, STUDENT, request, with_policy=True)

    def remove_candidate(self) -> None:
        wired = {"talent": self.plant.side.faulty.talent, "clock": self.plant.clock, "policy": self.plant.policy}
        self._do(Role.EMPLOYER, EMPLOYER, talent.remove, ORGANISATION, STUDENT, **wired)

    def offer(self) -> None:
        request = requests.OfferRequest(brief_id=self.plant.brief_id, message="Would you do this one?")
        self._hire(Role.EMPLOYER, EMPLOYER, offering.offer, ORGANISATION, STUDENT, request, with_policy=True)

    def withdraw_offer(self) -> None:
        self._hire(Role.EMPLOYER, EMPLOYER, offering.withdraw, ORGANISATION, STUDENT, self.plant.brief_id)

    def refuse_offer(self) -> None:
        self._hire(Role.STUDENT, STUDENT, offering.refuse, self.plant.brief_id)

    def accept_offer(self) -> None:
        request = requests.OfferAcceptance()
        self._hire(Role.STUDENT, STUDENT, offering.accept, self.plant.brief_id, request, with_policy=True)

    def accept_too_late(self) -> None:
        with suppress(Conflict):
            self.accept_offer()

    def _hire(
        self, role: Role, actor_id: str, use_case: Callable[..., T], *given: Any, with_policy: bool = False
    ) -> None:
        ports = self.plant.side.faulty
        wired: dict[str, Any] = {"talent": ports.talent, "briefs": ports.briefs, "clock": self.plant.clock}
        self._do(role, actor_id, use_case, *given, **wired, **({"policy": self.plant.policy} if with_policy else {}))

    # personal data

    def erase(self, actor_id: str, role: Role = Role.STUDENT) -> None:
        request = requests.ErasureRequest(account_id=actor_id)
        wired = {"archive": self._archive, "clock": self.plant.clock}
        self._do(role, actor_id, erasing.ask_own_erasure, request, **wired)

    def erase_for(self, account_id: str = NEWCOMER) -> None:
        wired = {"archive": self._archive, "groups": self.plant.side.faulty.groups, "clock": self.plant.clock}
        self._do(Role.OPERATOR, OPERATOR, erasing.ask_erasure, account_id, **wired)

    def finish_erasures(self) -> None:
        """The schedule calls the function until it has nothing to do."""
        ports = self.plant.side.faulty
        stores: dict[str, Any] = {"users": ports.users, "files": ports.files, "previews": ports.previews}
        stores["deliveries"] = ports.deliveries
        finish = partial(forgetting.finish_erasures, self._archive, **stores)
        while self.plant.client(finish):
            pass

    @property
    def _archive(self) -> Archive:
        ports = self.plant.side.faulty
        return Archive(
            briefs=ports.briefs,
            accounts=ports.accounts,
            standings=ports.standings,
            organisations=ports.organisations,
            records=ports.records,
            credentials=ports.credentials,
            endpoints=ports.endpoints,
            cohorts=ports.cohorts,
            talent=ports.talent,
            searches=ports.searches,
            students=ports.students,
            threads=ports.threads,
            mailings=ports.mailings,
            portfolios=ports.portfolios,
        )

    # credentials

    def choose(self, **choices: bool) -> None:
        """The student makes the brief's credential public."""
        ports = self.plant.side.faulty
        shown = {"public": True, "show_name": True, "show_employer": True, "show_scores": True}
        given = (credential_id_of(self.plant.brief_id), requests.VisibilityRequest(**(shown | choices)))
        wired = {"credentials": ports.credentials, "issuer": self.plant.issuer}
        self._do(Role.STUDENT, STUDENT, crediting.choose, *given, **wired, clock=self.plant.clock)

    def revoke_credential(self) -> None:
        """An operator revokes it."""
        given = (credential_id_of(self.plant.brief_id), requests.RevocationRequest(reason="A mistake."))
        wired = {"credentials": self.plant.side.faulty.credentials, "clock": self.plant.clock}
        self._do(Role.OPERATOR, OPERATOR, crediting.revoke, *given, **wired)

    # the student's page

    def _on_page(self, use_case: Callable[..., T], *given: Any, role: Role = Role.STUDENT, **wired: Any) -> T:
        ports = self.plant.side.faulty
        actor_id = STUDENT if role is Role.STUDENT else EMPLOYER
        wired = {name: getattr(ports, name) for name in wired} | {"portfolios": ports.portfolios}
        return self._do(role, actor_id, use_case, *given, **wired, clock=self.plant.clock)

    def save_page(self) -> None:
        """The student says what stands on their page."""
        request = requests.PortfolioRequest(about="I draw charts.", show_name=True, show_growth=True)
        self._on_page(portfolios.save, request, accounts=...)

    def share_page(self, handle: str = "amara-okafor") -> None:
        """Under a handle that they choose, so that it is the same each time."""
        share = partial(portfolios.share, handles=lambda: handle)
        self._on_page(share, requests.LinkRequest(handle=handle))

    def unshare_page(self) -> None:
        self._on_page(portfolios.unshare)

    def show_brief(self, *, public: bool = True) -> None:
        """With every file that was handed in."""
        brief_id, briefs = self.plant.brief_id, self.plant.side.plain.briefs
        (submission,) = briefs.list_documents(brief_id, Submission, 10).items
        file_ids = [file.file_id for file in submission.files]
        request = requests.ShownRequest(public=public, file_ids=file_ids)
        self._on_page(portfolios.choose, brief_id, request, briefs=..., organisations=...)

    def consent(self, *, files: bool = True) -> None:
        """The employer says what may be shown."""
        request = requests.PageConsentRequest(files=files, quote="Well done." if files else None)
        self._on_page(portfolios.consent, self.plant.brief_id, request, role=Role.EMPLOYER, briefs=...)

    def redrive(self) -> None:
        """As often as it says that something failed again, within reason."""
        wired: dict[str, Any] = {"audit": self.plant.side.faulty.audit, "clock": self.plant.clock}
        by = self._command(Role.OPERATOR, OPERATOR)
        for attempt in range(3):
            again = by.model_copy(update={"key": f"{by.key}-{attempt}"})
            use_case = partial(operating.redrive, again, letters=self.plant.letters, **wired)
            if not any(result.failed for result in self.plant.client(use_case)):
                return


@cache
def _large_facts(size_bytes: int) -> dict[str, Any]:
    return facts_of(b"a" * size_bytes)
