"""The words of a text in the one form in which they are looked for, whatever way people write them."""

import unicodedata
from collections.abc import Callable, Iterator

Stem = Callable[[str], str]
"""Takes the ending off a word, so that `charts` finds `chart`."""

_ACCENTS = frozenset(map(chr, range(0x0300, 0x0370)))
"""Of Latin, Greek and Cyrillic; the marks of other scripts make other words."""
_OF_NAMES = frozenset("+#")
"""In c++ and c#."""
_MOST_LETTERS = 40

_STOP_WORDS = """
    a about after all also an and any are as at be been but by can could do does each for from had has have how i if
    in into is it its may more most my no not of on one or other our out s shall should so some such t than that the
    their them then there these they this those to under up us was we were what when where which who will with would
    you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that stand in nearly every text and tell none apart."""


def fold(text: str) -> str:
    """One form for what looks or reads the same: without case, accents and the variants of Unicode."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if character not in _ACCENTS)
    return unicodedata.normalize("NFKC", bare).casefold()


def words_of(text: str, stem: Stem) -> Iterator[str]:
    """The words that tell the text from others, in its order, without their endings; some may come twice."""
    spaced = "".join(character if _is_of_word(character) else " " for character in fold(text))
    for word in spaced.split():
        bare = word.lstrip("+#")
        if bare and bare not in STOP_WORDS:
            yield stem(bare[:_MOST_LETTERS])


def _is_of_word(character: str) -> bool:
    return character in _OF_NAMES or unicodedata.category(character)[0] in "LMN"
