"""Students' pages: as they set them up, as employers consent, and as anybody sees what was chosen."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field

from microintern.domain.base import Frozen, Id, Instant
from microintern.domain.documents import Sha256
from microintern.domain.growth import HOW, Quarter, growth, told
from microintern.domain.portfolio import (
    MOST_LINKS,
    Consent,
    Exhibit,
    Kept,
    PageChoices,
    Portfolio,
    Quote,
    Shown,
    ShownFile,
    exhibits,
)
from microintern.domain.posting import FieldOfWork, MediaType, Skill
from microintern.domain.text import Line, LongText, Paragraph


def address(public_url: str, handle: str) -> str:
    """Where a page is found."""
    return f"{public_url}/portfolios/{handle}"


class PortfolioView(Frozen):
    """Your page. Nobody else sees it while it has no link; it is erased with your account."""

    about: Paragraph | None
    name: Line | None = Field(description="Your name, if you chose to show it.")
    show_growth: bool
    handle: str | None = Field(description="Null while the page is private.")
    url: str | None = Field(description="Where anybody who has the link sees the page.")
    links_left: int = Field(description="How many more links you can take.")

    @classmethod
    def of(cls, portfolio: Portfolio, public_url: str) -> Self:
        shared = portfolio.model_dump(include={"about", "name", "show_growth", "handle"})
        url = address(public_url, portfolio.handle) if portfolio.handle else None
        return cls(**shared, url=url, links_left=MOST_LINKS - len(portfolio.taken))


class ConsentView(Frozen):
    """What an employer lets be shown of a brief. The two sides see it, and anybody what the student then shows."""

    brief_id: Id
    files: bool
    quote: Paragraph | None
    decided_at: Instant | None = Field(description="Null while nothing was consented to.")

    @classmethod
    def of(cls, brief_id: str, consent: Consent | None) -> Self:
        if consent is None:
            return cls(brief_id=brief_id, files=False, quote=None, decided_at=None)
        return cls.model_validate(consent.model_dump(include=set(cls.model_fields)))


class ShownView(Frozen):
    """What you chose to show of a brief."""

    brief_id: Id
    choices: PageChoices
    waits_for_consent: bool = Field(description="Whether you chose files that the employer does not let you show.")

    @classmethod
    def of(cls, shown: Shown, consent: Consent | None) -> Self:
        waits = bool(shown.choices.file_ids) and not (consent and consent.files)
        return cls(brief_id=shown.brief_id, choices=shown.choices, waits_for_consent=waits)


class CompletedBrief(Frozen):
    """A brief that you completed."""

    brief_id: Id
    title: Line
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    accepted_at: Instant
    shown: ShownView
    consent: ConsentView


class CompletedPage(Frozen):
    """Some of your completed briefs, and the cursor that leads on."""

    items: list[CompletedBrief]
    next_cursor: str | None = None


class GrowthView(Frozen):
    """How work grew, with how each figure is computed."""

    quarters: list[Quarter]
    told: list[str] = Field(description="The same in sentences.")
    how: dict[str, str] = HOW

    @classmethod
    def of(cls, quarters: list[Quarter]) -> Self:
        return cls(quarters=quarters, told=told(quarters))


class PublicFile(Frozen):
    """A file of accepted work."""

    name: Line
    media_type: MediaType
    size_bytes: int
    sha256: Sha256
    url: str

    @classmethod
    def of(cls, file: ShownFile, page: str) -> Self:
        return cls.model_validate(
            {
                **file.model_dump(include={"name", "media_type", "size_bytes", "sha256"}),
                "url": f"{page}/files/{file.file_id}",
            }
        )


class PublicBrief(Frozen):
    """A completed brief, as its student chose to show it."""

    title: Line
    goals: LongText
    field: FieldOfWork
    skills: list[Skill]
    hours: int
    accepted_at: Instant
    by_silence: bool = Field(description="Nobody objected in time; there are no scores then.")
    employer_name: Line | None
    score_percent: int | None
    scores: dict[str, str] = Field(description="The level that was reached, by criterion of the rubric.")
    quote: Quote | None
    files: list[PublicFile]

    @classmethod
    def of(cls, exhibit: Exhibit, page: str) -> Self:
        return cls.model_validate(
            {
                **exhibit.facts.model_dump(exclude={"files"}),
                "quote": exhibit.quote.model_dump() if exhibit.quote else None,
                "files": [PublicFile.of(file, page) for file in exhibit.facts.files],
            }
        )


class PublicPortfolio(Frozen):
    """A student's page: what they chose, and of it what employers consent to."""

    url: str
    name: Line | None
    about: Paragraph | None
    briefs: list[PublicBrief]
    growth: GrowthView | None = Field(description="Of the briefs on this page only.")

    @classmethod
    def of(cls, kept: Kept, url: str) -> Self:
        shown = exhibits(kept)
        return cls(
            url=url,
            name=kept.portfolio.name,
            about=kept.portfolio.about,
            briefs=[PublicBrief.of(exhibit, url) for exhibit in shown],
            growth=growth_of(shown) if kept.portfolio.show_growth else None,
        )


def growth_of(shown: Sequence[Exhibit]) -> GrowthView:
    """The growth that a page shows."""
    return GrowthView.of(growth(exhibit.done for exhibit in shown))


class ExportedPortfolio(Frozen):
    """All that is kept of a student's page."""

    page: Portfolio
    shown: list[Shown]
    consents: list[Consent]

    @classmethod
    def of(cls, kept: Kept) -> Self:
        return cls(
            page=kept.portfolio,
            shown=[kept.shown[brief_id] for brief_id in sorted(kept.shown)],
            consents=[kept.consents[brief_id] for brief_id in sorted(kept.consents)],
        )
