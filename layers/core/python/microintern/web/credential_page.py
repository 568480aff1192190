"""A credential as a page for people: no script, nothing from elsewhere, readable by whatever reads pages aloud."""

import base64
import hashlib
from html import escape
from string import Template
from typing import Any

from microintern.domain.credentials import Credential, CredentialState, Work
from microintern.domain.credits import Credit, Credits

_STYLE = """
body{margin:0 auto;max-width:46rem;padding:1.5rem;font:1.05rem/1.55 system-ui,sans-serif;color:#12324a;background:#fff}
h1{font-size:1.7rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem}
.badge{float:right;width:9rem;height:9rem;margin:0 0 1rem 1rem}
.state{padding:.6rem 1rem;border-left:.4rem solid #1d6b3a;background:#eaf5ee}
.revoked{border-color:#a11d1d;background:#fbeaea}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .8rem .45rem 0;border-bottom:1px solid #c9d3da}
pre{white-space:pre-wrap;font:inherit}a{color:#0b5394}
@media(max-width:32rem){.badge{float:none;margin:0}}
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Of the page: its own style, the badge, and nothing else."""

_PAGE = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title: a credential by Microintern</title>
<style>$style</style>
</head>
<body>
<main>
<img class="badge" src="$id/badge" alt="" width="480" height="480">
<h1>$title</h1>
<p class="state $state">$standing</p>
<dl>
$facts
</dl>
$more
<h2>Check it yourself</h2>
<p>The <a href="$id/badge" download="badge.png">badge</a> carries the signed credential (Open Badges 3.0,
<code>eddsa-rdfc-2022</code>). <a href="$id/verification">Verify it here</a>, or with any program that knows Open
Badges: the keys are in the <a href="../issuer">issuer's document</a>.</p>
</main>
</body>
</html>
"""
)


_OF_WORK = Template(
    """<h2>What was to be done</h2>
<pre>$goals</pre>
<h2>How it was judged</h2>
<p>$judged</p>
<table>
<caption>The rubric, as it was agreed on before the work began</caption>
<thead><tr><th scope="col">Criterion</th><th scope="col">Weight</th>$head</tr></thead>
<tbody>
$rows
</tbody>
</table>
$score"""
)
_OF_CREDIT = Template(
    """<h2>What it was granted for</h2>
<p>$narrative</p>"""
)


def page(credential: Credential, document: dict[str, Any]) -> str:
    """The page of a credential that is public."""
    if credential.credit:
        return _page_of_credit(credential, credential.credit, document)
    work, choices = credential.work, credential.choices
    assert work
    more = _OF_WORK.substitute(
        goals=escape(work.goals),
        judged=_judged(work, scored=choices.show_scores),
        head='<th scope="col">Level reached</th>' if _scores(credential) else "",
        rows="\n".join(_rows(credential)),
        score=f"<p>Score: {work.score_percent} of 100.</p>" if _scores(credential) else "",
    )
    return _page(credential, _facts(credential, document), more)


def _page_of_credit(credential: Credential, credit: Credit, document: dict[str, Any]) -> str:
    shown = credential.choices.show_employer
    facts = [
        ("Granted to", _who(document)),
        ("Granted by", credit.institution_name if shown else "not shown, as its holder chose"),
        ("Credit", Credits.of(credit.hundredths).written),
        ("Extent", f"{credit.hours} hours, paid"),
        ("Period", f"{credit.starts_on} to {credit.ends_on}"),
    ]
    narrative = document["credentialSubject"]["achievement"]["criteria"]["narrative"]
    return _page(credential, _listed(facts), _OF_CREDIT.substitute(narrative=escape(narrative)))


def _page(credential: Credential, facts: str, more: str) -> str:
    return _PAGE.substitute(
        title=escape(credential.title),
        style=_STYLE,
        id=escape(credential.credential_id),
        state="revoked" if credential.state is CredentialState.REVOKED else "",
        standing=_standing(credential),
        facts=facts,
        more=more,
    )


def _standing(credential: Credential) -> str:
    if credential.state is CredentialState.REVOKED and credential.revoked_at:
        return f"<strong>Revoked</strong> on {credential.revoked_at:%d %B %Y}: it counts no longer."
    return f"<strong>Valid</strong>: issued by Microintern on {credential.issued_at:%d %B %Y}, and not revoked."


def _facts(credential: Credential, document: dict[str, Any]) -> str:
    work, choices = credential.work, credential.choices
    assert work
    facts = [
        ("Done by", _who(document)),
        ("For", work.employer_name if choices.show_employer else "not shown, as its holder chose"),
        ("Field", work.field.value),
        ("Skills", ", ".join(work.skills)),
        ("Extent", f"about {work.hours} hours, paid"),
        ("Approved", f"{work.approved_at:%d %B %Y}"),
    ]
    return _listed(facts)


def _who(document: dict[str, Any]) -> str:
    (identity,) = document["credentialSubject"]["identifier"]
    return "not shown, as its holder chose" if identity["hashed"] else identity["identityHash"]


def _listed(facts: list[tuple[str, str]]) -> str:
    return "\n".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)


def _judged(work: Work, *, scored: bool) -> str:
    if work.by_silence:
        return "Nobody objected within the time for review, so the work counts as approved. No scores were given."
    if scored:
        return "The employer approved the work and scored each criterion."
    return "The employer approved the work. The scores are not shown, as its holder chose."


def _scores(credential: Credential) -> dict[str, str]:
    return credential.work.scores if credential.work and credential.choices.show_scores else {}


def _rows(credential: Credential) -> list[str]:
    assert credential.work
    scores = _scores(credential)
    return [
        f'<tr><th scope="row">{escape(criterion.name)}</th><td>{criterion.weight} %</td>'
        + (f"<td>{escape(scores.get(criterion.name, ''))}</td>" if scores else "")
        + "</tr>"
        for criterion in credential.work.rubric
    ]
