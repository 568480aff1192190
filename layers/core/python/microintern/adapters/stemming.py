"""The endings of words, by Snowball's rules for English: only the functions that search import this."""

from functools import lru_cache

from Stemmer import Stemmer

_english = Stemmer("english")


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """The word without its ending; what is not written in ASCII is hardly English and stays as it is."""
    return _english.stemWord(word) if word.isascii() else word
