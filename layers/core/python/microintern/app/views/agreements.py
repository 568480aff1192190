"""Contracts and agreements as callers see them."""

from typing import Self

from pydantic import Field

from microintern.app.views.parts import Amount
from microintern.domain.agreements import Agreed, Clause, HexDigest, Terms, law_for
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.documents import Application
from microintern.domain.posting import Posting
from microintern.domain.text import Line, Paragraph
from microintern.ports.agreements import Edition


class Accepted(Frozen):
    """The contract that applying and awarding accept."""

    terms_version: int
    review_window_s: int = Field(description="How long the employer has to review; then the work counts as approved.")
    kill_fee: Amount = Field(description="What the student is paid when the employer cancels after the award.")
    sha256: HexDigest = Field(
        description=(
            "Of the JSON of brief_id, kill_fee_bp, posting (without what is as by default), review_window_s and terms; "
            "keys sorted, no blanks, UTF-8."
        )
    )

    @classmethod
    def of(cls, agreed: Agreed, posting: Posting) -> Self:
        return cls(
            terms_version=agreed.terms_version,
            review_window_s=agreed.review_window_s,
            kill_fee=Amount.of(agreed.kill_fee_minor(posting.pay.amount_minor), posting.pay.currency),
            sha256=agreed.sha256,
        )


class ContractView(Frozen):
    """What whoever applies to a brief, or awards it, accepts for the case of an award."""

    brief_id: Id
    contract: Accepted
    title: Line
    note: Paragraph
    clauses: list[Clause]
    law: str | None = Field(description="The law of the place that asks for mailing addresses at this pay, if any.")

    @classmethod
    def of(cls, brief_id: str, agreed: Agreed, posting: Posting) -> Self:
        terms: Terms = agreed.terms
        law = law_for(posting)
        return cls(
            brief_id=brief_id,
            contract=Accepted.of(agreed, posting),
            title=terms.title,
            note=terms.note,
            clauses=terms.clauses_for(posting),
            law=f"{law.law}: {law.source}" if law else None,
        )


class EditionView(Frozen):
    """A paper, and the link that it can be had by."""

    edition: int
    sha256: HexDigest
    size_bytes: int
    kept_at: Instant
    url: str
    expires_in_s: int


class AgreementView(Frozen):
    """What both sides of an award accepted, and the papers of it; the newest edition, the last, holds."""

    brief_id: Id
    application_id: Id
    contract: Accepted
    student_accepted_at: Instant
    employer_accepted_at: Instant = Field(description="When the brief was awarded.")
    editions: list[EditionView] = Field(description="The first is made within moments of the award.")

    @classmethod
    def of(cls, application: Application, posting: Posting, papers: list[tuple[Edition, str]], life_s: int) -> Self:
        assert application.awarded_at  # it is that of who is awarded the brief
        return cls(
            brief_id=application.brief_id,
            application_id=application.application_id,
            contract=Accepted.of(application.agreed, posting),
            student_accepted_at=application.student_accepted_at,
            employer_accepted_at=application.awarded_at,
            editions=[EditionView(**paper.model_dump(), url=url, expires_in_s=life_s) for paper, url in papers],
        )
