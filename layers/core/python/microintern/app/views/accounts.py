"""Accounts as callers see them: profile, payouts, standing, notices, record."""

from typing import Self

from pydantic import Field

from microintern.domain.accounts import PayoutAccount, Profile
from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.mailing import ABOUT, ALWAYS, Cadence, Hold, HoldReason, Hour, Mailing, NoticeKind
from microintern.domain.organisations import MemberRole
from microintern.domain.payments import PayoutStatus, ProviderName
from microintern.domain.posting import Zone
from microintern.domain.standing import Standing, StandingState
from microintern.domain.states import Role
from microintern.domain.text import Line, MailingAddress, Paragraph


class ProfileView(Frozen):
    """What others may know of you; the mailing address, only in an agreement."""

    account_id: Id
    name: Line
    about: Paragraph | None
    mailing_address: MailingAddress | None

    @classmethod
    def of(cls, profile: Profile) -> Self:
        return cls.model_validate(profile.model_dump(include=set(cls.model_fields)))


class PayoutView(Frozen):
    """Where your pay goes, and whether it can."""

    provider: ProviderName
    destination: str
    status: PayoutStatus
    reason: str | None = Field(description="Why it is not ready, if it is not.")
    usable_at: Instant = Field(description="A changed destination is paid from here on, not before.")

    @classmethod
    def of(cls, account: PayoutAccount) -> Self:
        return cls.model_validate(account.model_dump(include=set(cls.model_fields)))


class StandingView(Frozen):
    """Whether an account may act, and since when and why it is as it is."""

    account_id: Id
    state: StandingState
    reason: Paragraph | None
    since: Instant | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        return cls.model_validate(standing.model_dump(include=set(cls.model_fields)))


class EmailHoldView(Frozen):
    """Nothing more is sent to your e-mail address: it did not take our mail, or you called it spam."""

    reason: HoldReason
    since: Instant

    @classmethod
    def of(cls, hold: Hold) -> Self:
        return cls.model_validate(hold.model_dump(include=set(cls.model_fields)))


class EmailChoice(Frozen):
    """How soon notices of one kind come by e-mail."""

    kind: NoticeKind
    about: str
    email: Cadence
    can_be_never: bool


class NoticeSettingsView(Frozen):
    """What you want by e-mail. Your inbox has every notice, whatever is said here."""

    choices: list[EmailChoice]
    zone: Zone
    digest_hour: Hour = Field(description="When what comes `daily` is sent, on the clocks of the zone.")
    hold: EmailHoldView | None = Field(description="Why nothing is sent to your address, if that is so.")

    @classmethod
    def of(cls, mailing: Mailing) -> Self:
        choices = [
            EmailChoice(kind=kind, about=about, email=mailing.cadence_of(kind), can_be_never=kind not in ALWAYS)
            for kind, about in ABOUT.items()
        ]
        hold = EmailHoldView.of(mailing.hold) if mailing.hold else None
        return cls(choices=choices, zone=mailing.zone, digest_hour=mailing.digest_hour, hold=hold)


class Me(Frozen):
    """Your account. A profile or payout account that is null has not been written yet."""

    account_id: Id
    role: Role
    standing: StandingView
    organisation_id: Id | None = Field(description="The organisation that an employer acts for.")
    member_role: MemberRole | None
    profile: ProfileView | None
    payout_account: PayoutView | None
    payout_status: PayoutStatus | None = Field(description="Whether a student can be paid; null for everybody else.")
    email_hold: EmailHoldView | None = Field(description="Why nothing is sent to your e-mail address, if that is so.")


class NoticeView(Frozen):
    """Something you were told."""

    brief_id: Id | None = Field(description="Null where it is about no brief.")
    type: str
    text: str
    at: Instant


class NoticePage(Frozen):
    """Some notices, the newest first, and the cursor that leads on."""

    items: list[NoticeView]
    next_cursor: str | None = None


class MarkView(Frozen):
    """An entry on a student's record."""

    brief_id: Id
    reason: str
    at: Instant


class RecordView(Frozen):
    """A student's record."""

    marks: list[MarkView]


class RoleView(Frozen):
    """Which role an account has."""

    account_id: Id
    role: Role
