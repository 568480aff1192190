"""The sample brief's files: what the employer hands over, and the work that the student does with it.

The work is really done: the table is cleaned, the chart is drawn from it, the report is written about it.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from infra.local.caller import SampleFile, read_file
from infra.local.steps import ROOT

TABLE = ROOT / "layers/core/python/microintern/domain/data/pay_floors.csv"

_RULES = (
    ("One row", "Each row is one rate of one place, from one day on."),
    ("Columns", "place_code, place, rate, currency, from, to, applies_to, source, checked_on."),
    ("Rates", "In the currency's main unit with two decimals: 17.00, not 1700."),
    ("Order", "By place code, then by the day a rate begins; the higher rate first."),
    ("Gaps", "Report places whose rates overlap, and rates that have ended."),
    ("Chart", "Rates in US places in force today; bars sorted; the unit on the axis."),
)


class Rate(NamedTuple):
    """A cleaned row."""

    place_code: str
    place: str
    rate: Decimal
    currency: str
    begins: date
    ends: date | None
    applies_to: str
    source: str
    checked_on: str


def materials() -> list[SampleFile]:
    """The table as it is, and the house rules it shall follow."""
    return [read_file(TABLE, "text/csv"), SampleFile("house_rules.pdf", "application/pdf", _rules_pdf())]


def first_attempt(today: date) -> list[SampleFile]:
    """The deliverables, with bars in the table's order."""
    return _deliverables(today, sorted_bars=False)


def revision(today: date) -> list[SampleFile]:
    """The deliverables again, with what was asked for."""
    return _deliverables(today, sorted_bars=True)


def _deliverables(today: date, *, sorted_bars: bool) -> list[SampleFile]:
    rates = clean()
    shown = [r for r in in_force(rates, today) if r.place_code.startswith("US")]
    if sorted_bars:
        shown.sort(key=lambda r: r.rate)
    return [
        SampleFile("pay_floors_clean.csv", "text/csv", _table(rates), "cleaned-table"),
        SampleFile("pay_floors.png", "image/png", _chart(shown, today, labelled=sorted_bars), "chart"),
        SampleFile("report.pdf", "application/pdf", _report(rates, shown, today), "report"),
    ]


def clean() -> list[Rate]:
    """The table by the house rules."""
    rows = csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
    rates = [
        Rate(
            place_code=row["jurisdiction"],
            place=row["place"].strip(),
            rate=Decimal(row["rate_minor"]).scaleb(-2),
            currency=row["currency"],
            begins=date.fromisoformat(row["effective_from"]),
            ends=date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
            applies_to=row["applies_to"],
            source=row["source"],
            checked_on=row["checked_on"],
        )
        for row in rows
    ]
    return sorted(rates, key=lambda r: (r.place_code, r.begins, -r.rate))


def in_force(rates: Sequence[Rate], today: date) -> list[Rate]:
    """The rates that apply on a day."""
    return [r for r in rates if r.begins <= today and (r.ends is None or today <= r.ends)]


def overlaps(rates: Sequence[Rate]) -> list[str]:
    """The places with two rates in force at once."""
    pairs = pairwise(rates)
    return sorted(
        {b.place for a, b in pairs if a.place_code == b.place_code and (a.ends is None or b.begins <= a.ends)}
    )


def _table(rates: Sequence[Rate]) -> bytes:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["place_code", "place", "rate", "currency", "from", "to", "applies_to", "source", "checked_on"])
    out.writerows([*r[:5], r.ends or "", *r[6:]] for r in rates)
    return text.getvalue().encode()


def _chart(rates: Sequence[Rate], today: date, *, labelled: bool) -> bytes:
    # Imported here because it takes a second, and only this draws.
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(12, 8), dpi=100, layout="constrained")
    axes = figure.subplots()
    bars = axes.barh([r.place for r in rates], [float(r.rate) for r in rates], color="#2f6f8f")
    axes.set_title(f"Pay floors in US places, {today:%d %B %Y}")
    if labelled:
        axes.set_xlabel("US dollars an hour")
        axes.bar_label(bars, [f"{r.rate:.2f}" for r in rates], padding=4)
    axes.spines[["top", "right"]].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png")
    return image.getvalue()


def _report(rates: Sequence[Rate], shown: Sequence[Rate], today: date) -> bytes:
    highest = max(shown, key=lambda r: r.rate)
    lowest = min(shown, key=lambda r: r.rate)
    ended = [r.place for r in rates if r.ends is not None and r.ends < today]
    return _pdf(
        "Pay floors by place: what was changed, and what to be careful about",
        [
            (
                "What was changed",
                f"{len(rates)} rows were kept, none dropped. Rates are decimals now; rows are sorted.",
            ),
            ("How it was checked", "Every rate in the cleaned table times 100 equals the rate in the source table."),
            (
                "What it shows",
                f"{highest.place} has the highest rate shown, {highest.rate:.2f} {highest.currency} an hour;",
            ),
            ("", f"{lowest.place} has the lowest, {lowest.rate:.2f}. {len(shown)} US rates are in force today."),
            (
                "Be careful",
                f"Places with two rates at once (they differ by age): {', '.join(overlaps(rates)) or 'none'}.",
            ),
            ("", f"Rates that have ended: {', '.join(ended) or 'none'}. Most US rows come from secondary sources."),
        ],
    )


def _rules_pdf() -> bytes:
    return _pdf("House rules for published tables", _RULES)


def _pdf(title: str, lines: Sequence[tuple[str, str]]) -> bytes:
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415 - as above
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=A4, invariant=True)
    page.setTitle(title)
    page.setFont("Helvetica-Bold", 14)
    page.drawString(56, 780, title)
    for i, (name, text) in enumerate(lines):
        page.setFont("Helvetica-Bold", 10)
        page.drawString(56, 740 - 24 * i, name)
        page.setFont("Helvetica", 10)
        page.drawString(156, 740 - 24 * i, text)
    page.save()
    return buffer.getvalue()
