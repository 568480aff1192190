"""An agreement as PDF: the same agreement always gives the same bytes, for the same packages."""

from datetime import datetime, timedelta

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from microintern.domain.agreements import Agreement, Party
from microintern.domain.base import iso
from microintern.domain.money import written
from microintern.domain.policy import DAY_S
from microintern.domain.posting import Deliverable, local
from microintern.printing.lettering import Lettering, texts_of

_BODY_PT, _SMALL_PT, _HEAD_PT, _TITLE_PT = 10, 8, 13, 18
_LINE = 1.45
_PT_PER_MM = 72 / 25.4


def pdf_of(agreement: Agreement) -> bytes:
    """The paper."""
    paper = _Paper(agreement)
    paper.title()
    paper.parties()
    paper.services()
    paper.payment()
    paper.amendments()
    paper.terms()
    return bytes(paper.pdf.output())


class _Paper:
    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.pdf = FPDF(format="A4")
        self.pdf.set_creation_date(agreement.made_at)
        self.pdf.set_producer("Microintern")
        self.pdf.set_title(f"Agreement {agreement.brief_id}")
        self.pdf.set_lang("en")
        self.pdf.set_margin(20)
        self.pdf.set_auto_page_break(auto=True, margin=20)
        self.pdf.add_page()
        self.letters = Lettering(self.pdf, texts_of(agreement.model_dump(mode="json")))

    def write(self, text: str, size_pt: int = _BODY_PT, before_mm: float = 0, *, bold: bool = False) -> None:
        """A paragraph."""
        ready = self.letters.written(text)
        if before_mm:
            self.pdf.ln(before_mm)
        self.letters.set(size_pt, bold=bold)
        self.pdf.multi_cell(0, size_pt * _LINE / _PT_PER_MM, ready, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def head(self, text: str) -> None:
        """A heading."""
        self.write(text, _HEAD_PT, before_mm=4, bold=True)

    def title(self) -> None:
        made, brief = self.agreement, self.agreement.posting
        self.write("Agreement on a micro-internship", _TITLE_PT, bold=True)
        self.write(brief.title, _HEAD_PT)
        self.write(
            f"Brief {made.brief_id}, application {made.application_id}, edition {made.edition} of {iso(made.made_at)}. "
            f"Terms, version {made.agreed.terms_version}. SHA-256 of what both sides accepted: {made.agreed.sha256}",
            _SMALL_PT,
        )

    def parties(self) -> None:
        self.head("The parties")
        self._party("The employer (hiring party)", self.agreement.employer)
        self._party("The student (freelance worker)", self.agreement.student)

    def _party(self, what: str, party: Party) -> None:
        self.write(f"{what}: {party.name or 'name not given'}", before_mm=1)
        self.write(f"Mailing address: {party.mailing_address or 'not given'}")
        accepted = f"Accepted on {iso(party.accepted_at)} by the account {party.accepted_by}, for {party.party_id}."
        self.write(accepted, _SMALL_PT)

    def services(self) -> None:
        brief = self.agreement.posting
        self.head("The services")
        self.write(brief.goals)
        for number, deliverable in enumerate(brief.deliverables, start=1):
            self.write(_item(number, deliverable), before_mm=1)
        judged = "; ".join(f"{each.name} ({each.weight} %): {each.description}" for each in brief.rubric)
        self.write(f"Judged by: {judged}", before_mm=1)
        self.write(f"Place of work: {brief.place_of_work}. Estimated hours: {brief.hours}.")
        due = brief.timeline.submission_due_at
        self.write(
            f"To be handed in by {iso(due)} ({local(due, brief.timeline.zone)}, {brief.timeline.zone}), which is also "
            f"the day by which the list of services is due. Rounds of revision: {brief.revision_rounds}."
        )

    def amendments(self) -> None:
        """What was changed; what stands above holds as far as this does not say otherwise."""
        for each in self.agreement.amendments:
            self.head(f"Amendment {each.number}")
            self.write(f"Reason: {each.reason}")
            if each.scope:
                self.write(f"Scope: {each.scope}")
            if due := each.submission_due_at:
                zone = self.agreement.posting.timeline.zone
                self.write(
                    f"To be handed in by {iso(due)} ({local(due, zone)}, {zone}) instead. The pay for work that is "
                    f"handed in then is due on {iso(self._paid_by(due))} at the latest, unless changes are asked for "
                    "or it is disputed."
                )
            self.write(
                f"Proposed on {iso(each.proposed_at)} by the account {each.proposed_by}; accepted on "
                f"{iso(each.accepted_at)} by the account {each.accepted_by}.",
                _SMALL_PT,
            )

    def payment(self) -> None:
        brief, agreed = self.agreement.posting, self.agreement.agreed
        pay, currency = brief.pay.amount_minor, brief.pay.currency
        last = self._paid_by(brief.timeline.submission_due_at)
        self.head("Value, rate, method and day of payment")
        self.write(
            f"All services together are worth {written(pay, currency)}, a fixed price. It is held by the platform "
            "and sent to the payout account of the student."
        )
        self.write(
            "It is due on the day that the employer approves the work, or else when "
            f"{_span(agreed.review_window_s)} have passed since it was handed in without a decision: for work that is "
            f"handed in when it is due, on {iso(last)} at the latest, unless changes are asked for or it is disputed. "
            f"If the employer cancels after the award: {written(agreed.kill_fee_minor(pay), currency)}."
        )

    def _paid_by(self, handed_in_at: datetime) -> datetime:
        return handed_in_at + timedelta(seconds=self.agreement.agreed.review_window_s)

    def terms(self) -> None:
        terms = self.agreement.agreed.terms
        self.head(terms.title)
        for clause in terms.clauses_for(self.agreement.posting):
            self.write(f"{clause.title}. {clause.text}", before_mm=1)
        self.write(terms.note, _SMALL_PT, before_mm=2)


def _item(number: int, deliverable: Deliverable) -> str:
    """A service, with its share in the price, which is one for all."""
    needed = "required" if deliverable.required else "optional"
    return f"{number}. {deliverable.name} ({needed}, included in the price): {deliverable.description}"


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, DAY_S)
    return f"{days} days" if not rest else f"{seconds} seconds"
