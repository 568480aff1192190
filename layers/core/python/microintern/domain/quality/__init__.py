"""The check of a posting before it is posted: what is vague, missing, too much, or would be refused."""

from collections.abc import Callable, Iterator
from datetime import datetime

from microintern.domain.pay_floors import check_pay, floor_for
from microintern.domain.policy import Policy
from microintern.domain.posting import Posting, check_rounds, check_timeline
from microintern.domain.problems import Invalid
from microintern.domain.quality.finding import Remark, Severity
from microintern.domain.quality.size import check_size
from microintern.domain.quality.wording import check_wording

__all__ = ["Remark", "Severity", "check_posting"]

_ORDER = list(Severity)

_RIGHT = {
    "pay_floor_unknown": "Name the country, the subdivision or the city as the list of pay floors has it.",
    "currency_not_of_place": "Pay in the currency of the place of work.",
    "pay_under_floor": "Raise the pay, or ask for fewer hours of work.",
    "deadline_in_the_past": "Choose an instant in the future.",
    "deadline_too_far": "Have the work due sooner.",
    "too_many_rounds": "Ask for fewer rounds.",
}


def check_posting(posting: Posting, now: datetime, policy: Policy) -> list[Remark]:
    """All findings: first what posting would refuse, then by how much they matter."""
    found = [*_refused(posting, now, policy), *check_wording(posting), *check_size(posting, now)]
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))


def _refused(posting: Posting, now: datetime, policy: Policy) -> Iterator[Remark]:
    """What posting would refuse, all of it at once. The rules are those that posting goes by."""

    def pay() -> None:
        floor = floor_for(posting.place_of_work, now.date(), posting.timeline.submission_due_at.date())
        check_pay(floor, posting.pay.amount_minor, posting.pay.currency, posting.hours)

    rules: tuple[Callable[[], None], ...] = (
        pay,
        lambda: check_timeline(posting.timeline, now, policy),
        lambda: check_rounds(posting.revision_rounds, policy),
    )
    for rule in rules:
        try:
            rule()
        except Invalid as invalid:
            for error in invalid.members["errors"]:
                yield Remark(
                    code=error["rule"],
                    field=error["field"],
                    severity=Severity.REFUSED,
                    wrong=error["detail"],
                    right=_RIGHT[error["rule"]],
                )
