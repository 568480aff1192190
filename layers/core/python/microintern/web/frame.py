"""What pages for people have in common: no script, nothing from elsewhere, readable by whatever reads pages aloud."""

import base64
import hashlib
from html import escape
from string import Template

_PAGE = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">$robots
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
$main
</main>
</body>
</html>
"""
)
_BODY = (
    "body{margin:0 auto;max-width:%drem;padding:1.5rem;"
    "font:1.05rem/1.55 system-ui,sans-serif;color:#12324a;background:#fff}"
)
_HIDDEN = '\n<meta name="robots" content="noindex">'


class Frame:
    """Around what a page says: its style, and the policy by which a browser takes that style and nothing else."""

    def __init__(self, style: str, width_rem: int = 46, pictures: str = "", forms: str = "'none'") -> None:
        """`pictures` and `forms` are the sources that the page may have some from, as in a policy."""
        self._style = f"\n{_BODY % width_rem}\n{style.strip()}\n"
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        shown = f" img-src {pictures};" if pictures else ""
        self.policy = (
            f"default-src 'none'; style-src 'sha256-{digest}';{shown} "
            f"frame-ancestors 'none'; base-uri 'none'; form-action {forms}"
        )

    def page(self, title: str, main: str, *, indexed: bool = False) -> str:
        """The page; `main` is HTML already. Search engines are to leave it alone unless it is to be indexed."""
        robots = "" if indexed else _HIDDEN
        return _PAGE.substitute(title=escape(title), style=self._style, main=main, robots=robots)
