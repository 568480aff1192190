"""What must hold for something to be written, and what is raised when it does not."""

from microintern.domain.base import Frozen, Instant
from microintern.domain.brief import Brief


class Stale(Exception):
    """The brief was changed since it was read; `current` is what it is now."""

    def __init__(self, current: Brief) -> None:
        super().__init__(f"{current.brief_id} is at version {current.version}")
        self.current = current


class CohortClosed(Exception):
    """The cohort's code or its terms are others by now."""


class CohortFull(Exception):
    """The cohort has as many students as one may have."""


class PayeeNotReady(Exception):
    """The student has no payout account that is ready."""


class OrganisationNotApproved(Exception):
    """The employer's organisation has not been approved, or is not any more."""


class SelfDealing(Exception):
    """The student belongs, or belonged until lately, to the employer's organisation."""


class StudentNotActive(Exception):
    """The student's account may not act at present."""


class StudentAddressMissing(Exception):
    """The student has given no mailing address."""


class EmployerAddressMissing(Exception):
    """The organisation has given no mailing address."""


class AccountErased(Exception):
    """The account was erased."""


class StudentErased(Exception):
    """The student's account was erased."""


class OfferGone(Exception):
    """The brief was never offered to the student, or the offer was refused or withdrawn."""


class StaleDesk(Exception):
    """What a student has applied for was changed since it was read."""


class UploadsExhausted(Exception):
    """The account has announced as much as it may in a day."""


class StaleDocument(Exception):
    """The document was changed since it was read."""


class NotMember(Exception):
    """The account does not belong to the organisation."""


class Needs(Frozen):
    """What must hold of other things for a brief, or what belongs to it, to be saved."""

    approved: str | None = None
    """This organisation is approved, else OrganisationNotApproved."""
    payee: str | None = None
    """This account has a payout account that is ready, else PayeeNotReady; and may act, else StudentNotActive."""
    stranger_to: str | None = None
    """The payee does not belong to this organisation, and did not since `stranger_since`, else SelfDealing."""
    stranger_since: Instant | None = None
    addressed: tuple[str, str] | None = None
    """This student and this organisation have given mailing addresses, else StudentAddressMissing or
    EmployerAddressMissing."""
    offered: bool = False
    """The brief is offered to the payee, and neither side has taken that back, else OfferGone."""
    member: str | None = None
    """This account belongs to the organisation `member_of` now, else NotMember."""
    member_of: str | None = None


NOTHING_ELSE = Needs()
