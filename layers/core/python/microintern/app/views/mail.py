"""E-mails as people get them: plain text and HTML that say the same, with nothing in them that is fetched.

One layout, its texts escaped: `string.Template` and `html.escape` do that, as on the page of a credential.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from microintern.domain.accounts import Notice
from microintern.domain.mailing import ABOUT, ALWAYS, NoticeKind

MOST_LISTED = 50
"""Notices that a digest spells out; of the others it says how many there are."""
MOST_OF_SUBJECT = 78
"""RFC 5322 asks for lines of no more characters."""
LEAST_OF_TITLE = 16
"""Characters of a title by which somebody knows their brief."""

_TEXT = Template("""$heading

$body
$link
--
$why
$unsubscribe
""")

# Mail programs know little of CSS and some drop `style` elements: what matters stands on the elements.
_HTML = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>$heading</title>
</head>
<body style="margin:0;padding:24px 16px;background:#f3f6f8;color:#12324a;\
font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div role="article" aria-label="$heading" style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;\
border-radius:8px;overflow-wrap:anywhere">
<p style="margin:0 0 16px;font-size:14px;color:#47637a">Microintern</p>
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">$heading</h1>
$body
$link
<p style="margin:24px 0 0;padding-top:16px;border-top:1px solid #c9d3da;font-size:13px;color:#47637a">\
$why$unsubscribe</p>
</div>
</body>
</html>
""")

_BUTTON = (
    '<p style="margin:24px 0 0"><a href="{url}" style="display:inline-block;padding:12px 20px;background:#0b5394;'
    'color:#ffffff;text-decoration:none;border-radius:6px;font-weight:600">{label}</a></p>'
)
_QUIET_LINK = ' <a href="{url}" style="color:#0b5394">Unsubscribe from {what}</a>.'


@dataclass(frozen=True)
class Letter:
    """What a mail says, in both forms."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Part:
    """A notice, and the title of the brief that it is about."""

    notice: Notice
    title: str | None


def letter_of(part: Part, kind: NoticeKind, web_origin: str, unsubscribe: str | None) -> Letter:
    """The mail that tells of one notice at once."""
    notice = part.notice
    url = f"{web_origin}/briefs/{notice.brief_id}" if notice.brief_id else f"{web_origin}/notices"
    heading = part.title or "A notice for you"
    why = f"This is about {ABOUT[kind]}, of which you are told at once."
    if kind in ALWAYS:
        why = f"E-mails about {ABOUT[kind]} cannot be switched off."
    link = (url, "Open the brief" if notice.brief_id else "Open your notices") if web_origin else None
    body = [(None, [notice.text])]
    return _letter(_subject(part), heading, body, link, why, (unsubscribe, ABOUT[kind]))


def digest_of(parts: Sequence[Part], web_origin: str, unsubscribe: str) -> Letter:
    """The mail that tells of a day's notices, brief by brief."""
    count = len(parts)
    subject = f"Microintern: {count} notices of the last day" if count > 1 else _subject(parts[0])
    by_title: dict[str | None, list[str]] = {}
    for part in parts[:MOST_LISTED]:
        by_title.setdefault(part.title, []).append(part.notice.text)
    body = list(by_title.items())
    if count > MOST_LISTED:
        body.append((None, [f"And {count - MOST_LISTED} more: see your notices."]))
    link = (f"{web_origin}/notices", "Open your notices") if web_origin else None
    why = "You get this once a day, and only if there is something."
    return _letter(subject, "What there is for you", body, link, why, (unsubscribe, "the daily summary"))


def _letter(
    subject: str,
    heading: str,
    body: Sequence[tuple[str | None, Sequence[str]]],
    link: tuple[str, str] | None,
    why: str,
    leaving: tuple[str | None, str],
) -> Letter:
    url, what = leaving
    text = _TEXT.substitute(
        heading=heading,
        body="\n".join(line for title, texts in body for line in _lines(title, texts)),
        link=f"{link[1]}: {link[0]}\n" if link else "",
        why=why,
        unsubscribe=f"Unsubscribe from {what}: {url}" if url else "",
    )
    html = _HTML.substitute(
        heading=escape(heading),
        body="\n".join(_block(title, texts) for title, texts in body),
        link=_BUTTON.format(url=escape(link[0]), label=escape(link[1])) if link else "",
        why=escape(why),
        unsubscribe=_QUIET_LINK.format(url=escape(url), what=escape(what)) if url else "",
    )
    return Letter(subject, text, html)


def _lines(title: str | None, texts: Sequence[str]) -> list[str]:
    return [title, *(f"- {text}" for text in texts), ""] if title else [*texts, ""]


def _block(title: str | None, texts: Sequence[str]) -> str:
    paragraphs = "".join(f'<p style="margin:0 0 8px">{escape(text)}</p>' for text in texts)
    if title is None:
        return paragraphs
    return f'<h2 style="margin:16px 0 8px;font-size:16px;line-height:1.3">{escape(title)}</h2>\n{paragraphs}'


def _subject(part: Part) -> str:
    """The notice's first sentence, after the title if there is room for enough of it."""
    sentence = part.notice.text.partition(". ")[0].rstrip(".")
    room = MOST_OF_SUBJECT - len(sentence) - len(": ")
    if part.title is None or room < LEAST_OF_TITLE:
        return _short(sentence, MOST_OF_SUBJECT)
    return f"{_short(part.title, room)}: {sentence}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
