"""The page behind a link that unsubscribes: it asks, and then says that it is done. No script, nothing foreign."""

import base64
import hashlib
from html import escape
from string import Template

_STYLE = """
body{margin:0 auto;max-width:36rem;padding:1.5rem;font:1.05rem/1.55 system-ui,sans-serif;color:#12324a;background:#fff}
h1{font-size:1.5rem;line-height:1.25}
button{font:inherit;font-weight:600;padding:.7rem 1.2rem;border:0;border-radius:.4rem;background:#0b5394;color:#fff}
button:focus-visible{outline:.2rem solid #12324a;outline-offset:.2rem}
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
"""Of the page: its own style, its own form, and nothing else."""

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
$rest
</main>
</body>
</html>
"""
)
_FORM = (
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<p>Your inbox in Microintern keeps everything.</p><button>Unsubscribe</button></form>"
)
_DONE = "<p>Your inbox in Microintern keeps everything. You can change this in your settings at any time.</p>"


def asking(what: str) -> str:
    """Ask whether somebody wants no more e-mails about this."""
    return _PAGE.substitute(title=escape(f"No more e-mails about {what}?"), style=_STYLE, rest=_FORM)


def done(what: str) -> str:
    """Say that there will be none."""
    return _PAGE.substitute(title=escape(f"No more e-mails about {what}."), style=_STYLE, rest=_DONE)
