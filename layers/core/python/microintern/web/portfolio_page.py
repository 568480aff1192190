"""A student's page for people: no script, nothing from elsewhere, readable by whatever reads pages aloud."""

import base64
import hashlib
from html import escape
from string import Template

from microintern.app.views.portfolios import GrowthView, PublicBrief, PublicFile, PublicPortfolio

_STYLE = """
body{margin:0 auto;max-width:46rem;padding:1.5rem;font:1.05rem/1.55 system-ui,sans-serif;color:#12324a;background:#fff}
h1{font-size:1.8rem;line-height:1.25}h2{font-size:1.3rem;margin-top:2.2rem}
article{border-top:1px solid #c9d3da}pre{white-space:pre-wrap;font:inherit}a{color:#0b5394}
blockquote{margin:1rem 0;padding:.2rem 1rem;border-left:.4rem solid #d9822b}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .8rem .45rem 0;border-bottom:1px solid #c9d3da}
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Of the page: its own style and nothing else."""

NO_NAME = "Completed micro-internships"

_PAGE = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$title</h1>
$about
<p>Paid briefs that were completed on Microintern, as their student chose to show them.</p>
$briefs
$growth
</main>
</body>
</html>
"""
)


def page(shown: PublicPortfolio) -> str:
    """The page."""
    return _PAGE.substitute(
        title=escape(shown.name or NO_NAME),
        style=_STYLE,
        about=f"<pre>{escape(shown.about)}</pre>" if shown.about else "",
        briefs="\n".join(_brief(brief) for brief in shown.briefs) or "<p>Nothing is shown here yet.</p>",
        growth=_growth(shown.growth) if shown.growth and shown.growth.quarters else "",
    )


def _brief(brief: PublicBrief) -> str:
    facts = [
        ("For", brief.employer_name or "not shown"),
        ("Field", brief.field.value),
        ("Skills", ", ".join(brief.skills)),
        ("Extent", f"about {brief.hours} hours, paid"),
        ("Accepted", f"{brief.accepted_at:%d %B %Y}{', nobody objected in time' if brief.by_silence else ''}"),
    ]
    if brief.score_percent is not None:
        facts.append(("Score by the rubric", f"{brief.score_percent} of 100"))
    facts += brief.scores.items()
    parts = [
        f"<h2>{escape(brief.title)}</h2>",
        f"<pre>{escape(brief.goals)}</pre>",
        "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts) + "</dl>",
    ]
    if brief.quote:
        said = f"<footer>{escape(brief.quote.by or 'The employer')}</footer>"
        parts.append(f"<blockquote><pre>{escape(brief.quote.text)}</pre>{said}</blockquote>")
    if brief.files:
        parts.append("<ul>" + "".join(map(_file, brief.files)) + "</ul>")
    return f"<article>\n{''.join(parts)}\n</article>"


def _file(file: PublicFile) -> str:
    return f'<li><a href="{escape(file.url)}" download>{escape(file.name)}</a>, {file.size_bytes:,} bytes</li>'


def _growth(growth: GrowthView) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Quarter", "Briefs", "Hours", "Mean score"))
    rows = "".join(
        f'<tr><th scope="row">{quarter.quarter}</th><td>{quarter.total.briefs}</td><td>{quarter.total.hours}</td>'
        f"<td>{'none' if quarter.total.mean_score_percent is None else quarter.total.mean_score_percent}</td></tr>"
        for quarter in growth.quarters
    )
    lines = "".join(f"<li>{escape(line)}</li>" for line in growth.told)
    how = "".join(f"<li>{escape(text)}</li>" for text in growth.how.values())
    table = f"<table><caption>Of the briefs on this page</caption><tr>{head}</tr>{rows}</table>"
    return f"<h2>Growth</h2><ul>{lines}</ul>{table}<p>How this is computed:</p><ul>{how}</ul>"
