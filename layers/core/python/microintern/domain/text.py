"""Plain text as people write it: one Unicode form, no markup, nothing invisible."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_TAG = re.compile(r"<[A-Za-z/!?]")
_LINE_BREAKS = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")
"""Part of how Persian, several scripts of India and many emoji are written."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(value: str) -> str:
    """NFC text without HTML, control or direction-changing characters; raises ValueError naming what was found."""
    value = unicodedata.normalize("NFC", value)
    if _TAG.search(value):
        raise ValueError("HTML is not accepted; write plain text")
    # Cc: control; Cf: invisible formatting, such as the overrides that turn a name round; Cs: half pairs;
    # Zl and Zp: line breaks that do not look like any in most editors.
    for character in value:
        if unicodedata.category(character) in _INVISIBLE and character not in _LINE_BREAKS | _JOINERS:
            raise ValueError(f"the invisible character U+{ord(character):04X} is not accepted; leave it out")
    return value


def one_line(value: str) -> str:
    """Plain text on one line."""
    if _LINE_BREAKS & set(value):
        raise ValueError("line breaks and tabs are not accepted here; write one line")
    return plain(value)


_NOT_IN_NAMES = frozenset('/\\:*?"<>|')
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
"""What Windows takes for devices, whatever comes after a dot."""


def file_name(value: str) -> str:
    """A name that a file can be saved under anywhere, and that leads nowhere else."""
    value = one_line(value)
    if found := _NOT_IN_NAMES & set(value):
        raise ValueError(f"the character {min(found)} is not accepted in a file name; leave it out")
    if value.startswith(".") or value.endswith("."):
        raise ValueError("a file name neither begins nor ends with a dot")
    if value.partition(".")[0].strip().lower() in _DEVICES:
        raise ValueError(f"{value.partition('.')[0]} is the name of a device on Windows; choose another name")
    return value


_HOST = r"[^\s<>\"'/?#@:\[\]]"
_HTTPS = rf"^https://{_HOST}*[^\s<>\"'/?#@:\[\]0-9.]{_HOST}*(:[0-9]{{1,5}})?([/?#][^\s<>\"']*)?$"
"""A host by name, so neither an IP address nor a user with a password before it."""

_stripped = {"strip_whitespace": True, "min_length": 1}
Line = Annotated[str, StringConstraints(max_length=120, **_stripped), AfterValidator(one_line)]
FileName = Annotated[str, StringConstraints(max_length=120, **_stripped), AfterValidator(file_name)]
Paragraph = Annotated[str, StringConstraints(max_length=2_000, **_stripped), AfterValidator(plain)]
MailingAddress = Annotated[str, StringConstraints(max_length=400, **_stripped), AfterValidator(plain)]
"""As it stands on an envelope, with line breaks."""
LongText = Annotated[str, StringConstraints(max_length=6_000, **_stripped), AfterValidator(plain)]
Link = Annotated[
    str,
    StringConstraints(max_length=500, pattern=_HTTPS),
    AfterValidator(one_line),
]
"""Kept and shown, never fetched."""
