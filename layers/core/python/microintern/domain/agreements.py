"""The written contract of an award: what both sides accept, by its hash, and what its paper says.

A brief is the contract already: applying accepts its terms for the case of an award, and awarding accepts them for the
employer. So nobody can stall, and no state is needed. What the paper has is what laws on paying freelancers ask for:
names and mailing addresses of both, the services item by item with their value, rate and method of pay, the day of
payment or how it is determined, and the day by which a list of services is due. Source: New York General Business Law
article 44-A (Freelance Isn't Free Act); Illinois (820 ILCS 193) and California (SB 988) ask for the same.

The terms are the platform's own words, one file for each version in `data/terms`; they are not legal advice.
"""

import csv
import hashlib
import json
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import Field, StringConstraints

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.money import Currency, share
from microintern.domain.pay_floors import places_from_most_specific
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting
from microintern.domain.problems import Conflict
from microintern.domain.states import Role
from microintern.domain.text import Line, MailingAddress, Paragraph

HexDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal, as `sha256sum` prints it."""

_DATA = resources.files("microintern.domain").joinpath("data")


class Clause(Frozen):
    """One part of the terms."""

    title: Line
    text: Paragraph


class Terms(Frozen):
    """One version of the terms. A version never changes: what was accepted can always be read."""

    version: Annotated[int, Field(ge=1)]
    title: Line
    note: Paragraph
    clauses: list[Clause]
    confidentiality: Clause
    """Part of the contract when the posting asks for it."""

    def clauses_for(self, posting: Posting) -> list[Clause]:
        """The clauses that hold for a brief."""
        return [*self.clauses, *([self.confidentiality] if posting.confidential else [])]


class ContractLaw(Frozen):
    """A law that asks for a written contract, with mailing addresses, from this pay on.

    It is held against one brief; where a law adds up what one employer agreed with one freelancer over months (New
    York: 120 days), that is for the employer to see to.
    """

    place: str
    currency: Currency
    at_least_minor: int
    law: Line
    source: Line


@cache
def all_terms() -> dict[int, Terms]:
    """Every version of the terms."""
    read = [json.loads(file.read_text(encoding="utf-8")) for file in _DATA.joinpath("terms").iterdir()]
    return {terms.version: terms for terms in map(Terms.model_validate, read)}


def terms_in_force() -> Terms:
    """The terms that whoever applies now accepts."""
    return all_terms()[max(all_terms())]


@cache
def all_laws() -> tuple[ContractLaw, ...]:
    """The laws that are known here."""
    text = _DATA.joinpath("contract_laws.csv").read_text(encoding="utf-8")
    return tuple(ContractLaw.model_validate(row) for row in csv.DictReader(text.splitlines()))


def law_for(posting: Posting) -> ContractLaw | None:
    """The law of the place of work that asks for a written contract at this pay, if there is one."""
    chain = places_from_most_specific(posting.place_of_work)
    here = [law for law in all_laws() if law.place in chain and law.currency == posting.pay.currency]
    return next((law for law in here if posting.pay.amount_minor >= law.at_least_minor), None)


class Agreed(Frozen):
    """What somebody accepts who applies or awards: a version of the terms with the numbers that they leave open.

    `sha256` is of all of it together with the brief as it was posted; see `canonical`.
    """

    terms_version: Annotated[int, Field(ge=1)]
    review_window_s: int
    kill_fee_bp: int
    sha256: HexDigest

    @classmethod
    def now(cls, brief_id: str, posting: Posting, policy: Policy) -> "Agreed":
        """What is accepted of a brief at present."""
        numbers = (terms_in_force().version, policy.review_window_s, policy.kill_fee_bp)
        digest = hashlib.sha256(canonical(brief_id, posting, *numbers)).hexdigest()
        return cls(terms_version=numbers[0], review_window_s=numbers[1], kill_fee_bp=numbers[2], sha256=digest)

    @property
    def terms(self) -> Terms:
        """The words of the terms."""
        return all_terms()[self.terms_version]

    def kill_fee_minor(self, pay_minor: int) -> int:
        """What the student is paid when the employer cancels after the award."""
        return share(pay_minor, self.kill_fee_bp)

    def fits(self, brief_id: str, posting: Posting) -> bool:
        """Whether this is the hash of the brief with these terms."""
        numbers = (self.terms_version, self.review_window_s, self.kill_fee_bp)
        return hashlib.sha256(canonical(brief_id, posting, *numbers)).hexdigest() == self.sha256


def canonical(brief_id: str, posting: Posting, terms_version: int, review_window_s: int, kill_fee_bp: int) -> bytes:
    """The bytes that are hashed: JSON with sorted keys and no blanks, in UTF-8.

    Of the posting, what is not as it is by default: so that it stays the same when postings can say more.
    """
    said = {
        "brief_id": brief_id,
        "terms": all_terms()[terms_version].model_dump(mode="json"),
        "posting": posting.model_dump(mode="json", exclude_defaults=True),
        "review_window_s": review_window_s,
        "kill_fee_bp": kill_fee_bp,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_same(agreed: Agreed, sha256: str | None) -> None:
    """Raise Conflict when somebody accepts another contract than the one that would be made."""
    if sha256 is not None and sha256 != agreed.sha256:
        detail = f"The contract of this brief has the SHA-256 {agreed.sha256}; read it again and accept that one."
        raise Conflict("another_contract", detail, contract_sha256=agreed.sha256)


class Party(Frozen):
    """One side of the contract, with who accepted it and when."""

    party_id: Id
    name: Line | None
    mailing_address: MailingAddress | None
    accepted_by: Id
    accepted_at: Instant


class Amended(Frozen):
    """A change that one side proposed and the other accepted."""

    number: int
    reason: Paragraph
    scope: Paragraph | None
    submission_due_at: Instant | None
    proposed_by: Id
    proposed_at: Instant
    accepted_by: Id
    accepted_at: Instant


class Agreement(Frozen):
    """Everything that stands on the paper. The same always gives the same bytes."""

    brief_id: Id
    application_id: Id
    edition: int
    """The brief's version that it was made at: that of the award, or of an amendment."""
    made_at: Instant
    posting: Posting
    agreed: Agreed
    employer: Party
    student: Party
    amendments: list[Amended] = []
    """What both sides changed since, in the order of the proposals; the last that names a deadline holds."""

    @property
    def parties(self) -> dict[Role, Party]:
        """By side."""
        return {Role.EMPLOYER: self.employer, Role.STUDENT: self.student}
