"""Finds what leads past the platform in a text: e-mail addresses, phone numbers, addresses of pages."""

import re
import unicodedata
from enum import StrEnum

from microintern.domain.problems import Invalid
from microintern.domain.states import Role


class ContactKind(StrEnum):
    """What was found."""

    EMAIL = "an e-mail address"
    PHONE = "a phone number"
    LINK = "a link"


_AT = r"(?:@|\s{0,3}[(\[]\s{0,3}at\s{0,3}[)\]]\s{0,3}|\s{1,3}at\s{1,3})"
_DOT = r"(?:\.|\s{0,3}[(\[]\s{0,3}dot\s{0,3}[)\]]\s{0,3}|\s{1,3}dot\s{1,3})"
_LABEL = r"[\w-]{1,63}"
"""Part of a host's name. It is bounded, as are all that are tried again from every place: pages of one letter must not
keep the function busy.
"""
_EMAIL = re.compile(rf"[\w.+-]{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{0,5}}{_DOT}[a-z]{{2,24}}\b", re.IGNORECASE)
_SPELLED_AT_ONLY = re.compile(r"\s+at\s+", re.IGNORECASE)

_TOP_LEVEL = "com|org|net|io|me|dev|app|co|info|edu|eu|uk|de|fr|ie"
_LINK = re.compile(
    rf"https?://\S|\bwww\.\w|\b[a-z0-9-]{{2,63}}\.(?:{_TOP_LEVEL})(?=[/\s,;:!?)]|\.?$|\.\s)", re.IGNORECASE
)

_NUMBER = re.compile(r"(?<![\w,.])\+?\(?\d[\d\s().\-/]{6,}\d(?![\w,]|\.\d)")
_NOT_PHONES = re.compile(
    r"\d{4}-\d\d-\d\d(?:T[\d:.]+)?"  # a day
    r"|\d{1,2}[./]\d{1,2}[./]\d{4}"
    r"|\b(?:19|20)\d\d\s?[-/]\s?(?:19|20)\d\d\b"  # from one year to another
)
_FEWEST_DIGITS, _MOST_DIGITS = 9, 15
"""E.164 allows fifteen; numbers with fewer than nine can hardly be told from amounts."""


def contacts_in(text: str) -> list[ContactKind]:
    """The kinds of contact data in a text. Digits and signs of full width count as the usual ones."""
    text = unicodedata.normalize("NFKC", text)
    found = {
        ContactKind.EMAIL: any(map(_is_email, _EMAIL.finditer(text))),
        ContactKind.PHONE: any(map(_is_phone, _NUMBER.findall(_NOT_PHONES.sub("-day-", text)))),
        ContactKind.LINK: _LINK.search(_EMAIL.sub(_left, text)) is not None,
    }
    return [kind for kind, there in found.items() if there]


def check_public(text: str, role: Role) -> None:
    """Raise Invalid when what everybody will see has contact data in it, or tells who a student is.

    Whoever leaves the platform before the award has nobody who holds the money; a blind brief is blind no more once
    somebody links to a portfolio; and what all can read, all can copy. Employers may link to what they offer.
    """
    refused = {ContactKind.EMAIL, ContactKind.PHONE} | ({ContactKind.LINK} if role is Role.STUDENT else set())
    found = [kind for kind in contacts_in(text) if kind in refused]
    if found:
        detail = (
            f"There is {' and '.join(found)} in it, and everybody can read this: leave it out. After the award you can "
            "write to each other in private. A large number can be written with commas: 1,073,741,824."
        )
        raise Invalid.field("contact_data", "/text", detail)


def _is_email(match: re.Match[str]) -> bool:
    """“at the end. Then” is no address: where the sign is spelled out, the dot must be as well."""
    written = match.group()
    return not _SPELLED_AT_ONLY.search(written) or re.search(r"\bdot\b", written, re.IGNORECASE) is not None


def _left(match: re.Match[str]) -> str:
    """What is left of a text without its addresses, whose hosts would pass for links."""
    return " " if _is_email(match) else match.group()


def _is_phone(candidate: str) -> bool:
    digits = re.sub(r"\D", "", candidate)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return False
    groups = re.findall(r"\d+", candidate)
    # 1 250 000 000 is an amount: groups of three after the first, no sign of a phone number before them.
    return not (len(groups) > 2 and all(len(group) == 3 for group in groups[1:]) and candidate[0] not in "+(0")
