"""Templates, and what the check of a posting says, as employers see them."""

from typing import Self

from pydantic import Field

from microintern.app.views.briefs import FloorView
from microintern.app.views.parts import Amount
from microintern.domain.base import Frozen
from microintern.domain.money import share
from microintern.domain.policy import Policy
from microintern.domain.posting import FieldOfWork, Name, Posting, Skill
from microintern.domain.quality import Remark
from microintern.domain.templates import Suggested, Template
from microintern.domain.text import Line, Paragraph


class TemplateSummary(Frozen):
    """A brief to start from."""

    template_id: Name
    title: Line
    summary: Line
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    deliverables: list[Name]

    @classmethod
    def of(cls, template: Template) -> Self:
        brief = template.brief
        shown = {name: brief[name] for name in ("title", "field", "skills", "hours")}
        named = [deliverable["name"] for deliverable in brief["deliverables"]]
        summed = {"template_id": template.template_id, "summary": template.summary, "deliverables": named}
        return cls.model_validate(shown | summed)


class TemplatePage(Frozen):
    """The templates, and the cursor that leads on."""

    items: list[TemplateSummary]
    next_cursor: str | None = None


class TemplateView(Frozen):
    """A template, filled in for a place: `posting` can be posted as it is, once it was read and made one's own."""

    template_id: Name
    summary: Line
    before_posting: list[Paragraph] = Field(description="What is still for you to do.")
    suggested: Suggested
    posting: Posting = Field(description="Dated from today, and paid by the lowest pay of the place: change both.")
    pay_floor: FloorView


class Cost(Frozen):
    """What the employer pays: the pay and the platform's fee on top, both held before anybody works."""

    pay: Amount
    fee: Amount
    total_to_hold: Amount

    @classmethod
    def of(cls, posting: Posting, policy: Policy) -> Self:
        pay_minor, currency = posting.pay.amount_minor, posting.pay.currency
        fee_minor = share(pay_minor, policy.fee_bp)
        return cls(
            pay=Amount.of(pay_minor, currency),
            fee=Amount.of(fee_minor, currency),
            total_to_hold=Amount.of(pay_minor + fee_minor, currency),
        )


class CheckView(Frozen):
    """What could be better about a posting, what it costs, and how its pay compares with the floor of its place."""

    would_be_accepted: bool = Field(description="Whether posting it now would go through; findings do not prevent it.")
    findings: list[Remark]
    cost: Cost
    pay_is_enough: bool = Field(description="Whether the pay meets the floor of the place for all of its hours.")
    pay_floor: FloorView | None = Field(description="The floor and where it is from; null where none is known.")
