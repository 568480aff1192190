"""The types of notices, and which kind each is of."""

from microintern.domain.events import EventType
from microintern.domain.mailing import NoticeKind

AWAITED = "feedback.awaited"
"""That feedback can be given now; it comes of the event that the money has moved."""
MATCHED = "search.matched"
HELD_BACK = "payout.held"
NEAR = "deadline.near"
"""That a deadline is near and waits for the person who is told."""


_E = EventType
_K = NoticeKind
KIND_OF: dict[str, NoticeKind] = {
    **dict.fromkeys((_E.BRIEF_FUNDING_FAILED, _E.BRIEF_PAID, _E.BRIEF_SETTLED, HELD_BACK), _K.MONEY),
    **dict.fromkeys((_E.FILE_INFECTED, _E.WEBHOOK_DISABLED), _K.SECURITY),
    **dict.fromkeys((NEAR, _E.CHECK_IN_DUE), _K.DEADLINES),
    **dict.fromkeys((_E.BRIEF_OPENED, _E.BRIEF_AWARDED, _E.BRIEF_AWARD_WITHDRAWN, _E.BRIEF_SUBMITTED), _K.WORK),
    **dict.fromkeys((_E.BRIEF_CHANGES_REQUESTED, _E.BRIEF_APPROVED, _E.BRIEF_EXPIRED, _E.BRIEF_CANCELLED), _K.WORK),
    **dict.fromkeys((_E.BRIEF_DISPUTED, _E.BRIEF_DISPUTE_ANSWERED, _E.BRIEF_DECIDED), _K.WORK),
    **dict.fromkeys((_E.BRIEF_REOPENED, _E.BRIEF_RESOLVED, _E.FILE_REFUSED, _E.FILE_SCAN_FAILED), _K.WORK),
    **dict.fromkeys((_E.OFFER_MADE, _E.OFFER_WITHDRAWN, _E.OFFER_REFUSED, _E.MENTOR_NAMED), _K.WORK),
    **dict.fromkeys((_E.BRIEF_AMENDED, _E.AMENDMENT_PROPOSED), _K.WORK),
    **dict.fromkeys((_E.AMENDMENT_REFUSED, _E.AMENDMENT_WITHDRAWN), _K.WORK),
    **dict.fromkeys((_E.MESSAGE_POSTED, _E.CHECK_IN_ANSWERED), _K.MESSAGES),
    _E.APPLICATION_RECEIVED: _K.APPLICATIONS,
    **dict.fromkeys((AWAITED, _E.FEEDBACK_SHOWN, _E.CREDENTIAL_ISSUED, _E.CREDENTIAL_REVOKED), _K.FEEDBACK),
    **dict.fromkeys((_E.CREDIT_GRANTED, _E.CREDIT_REVOKED), _K.FEEDBACK),
    MATCHED: _K.SEARCHES,
}
"""By the type of the notice; every type that there is."""


def kind_of(notice_type: str) -> NoticeKind:
    """What a notice of this type is about."""
    return KIND_OF[notice_type]
