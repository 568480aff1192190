"""The page behind a link that unsubscribes: it asks, and then says that it is done."""

from html import escape

from microintern.web.frame import Frame

_FRAME = Frame(
    """
h1{font-size:1.5rem;line-height:1.25}
button{font:inherit;font-weight:600;padding:.7rem 1.2rem;border:0;border-radius:.4rem;background:#0b5394;color:#fff}
button:focus-visible{outline:.2rem solid #12324a;outline-offset:.2rem}
""",
    width_rem=36,
    forms="'self'",
)
POLICY = _FRAME.policy
_FORM = (
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<p>Your inbox in Microintern keeps everything.</p><button>Unsubscribe</button></form>"
)
_DONE = "<p>Your inbox in Microintern keeps everything. You can change this in your settings at any time.</p>"


def asking(what: str) -> str:
    """Ask whether somebody wants no more e-mails about this."""
    return _page(f"No more e-mails about {what}?", _FORM)


def done(what: str) -> str:
    """Say that there will be none."""
    return _page(f"No more e-mails about {what}.", _DONE)


def _page(title: str, rest: str) -> str:
    return _FRAME.page(title, f"<h1>{escape(title)}</h1>\n{rest}")
