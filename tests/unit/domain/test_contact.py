"""Contact data is found in a text, however it is spelled, and what only looks like it is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.contact import ContactKind, contacts_in


def wide(text: str) -> str:
    """The text in the signs of full width that stand beside Chinese and Japanese ones."""
    return "".join(character if character == " " else chr(ord(character) + 0xFEE0) for character in text)


EMAIL, PHONE, LINK = ContactKind.EMAIL, ContactKind.PHONE, ContactKind.LINK


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to amara@example.com, please.", [EMAIL]),
        ("amara.okafor+work@mail.example.co.uk", [EMAIL]),
        ("amara (at) example (dot) com", [EMAIL]),
        ("amara [at] example.com", [EMAIL]),
        ("amara at example dot com", [EMAIL]),
        (wide("amara@") + "example.com", [EMAIL]),
        ("Call +49 30 901820", [PHONE]),
        ("(212) 555-0199", [PHONE]),
        ("212.555.0199 after five", [PHONE]),
        ("06 12 34 56 78", [PHONE]),
        ("my number is 2125550199", [PHONE]),
        (wide("06 12 34 56 78"), [PHONE]),
        ("See https://example.com/portfolio", [LINK]),
        ("See www.amara-draws.example", [LINK]),
        ("look at amara-draws.com.", [LINK]),
        ("t.me/amara is not seen, amara.io/me is", [LINK]),
        ("amara@example.com or 212-555-0199", [EMAIL, PHONE]),
    ],
)
def test_this_is_contact_data(text: str, found: list[ContactKind]) -> None:
    assert contacts_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Is the table due on 2027-03-26, or at 2027-03-26T17:00:00Z?",
        "Between 2019 and 2026, or 2019-2026 only?",
        "On 26.03.2027 or 26/03/2027?",
        "Some 1,250,000 rows, or 1 250 000 000?",
        "Is it 412.50 USD, or 41250 in minor units?",
        "Meet at the end. Then we go on.",
        "Look at line 40. Com is no word.",
        "Is cleaned-table.csv one file? And chart.png?",
        "Python 3.12.1 or 3.11?",
        "Rooms 12, 14, 16, 18, 20 and 22",
        "Pages 10-12, 14-16 and 20-24",
        "At most 1,073,741,824 bytes",
        "",
    ],
)
def test_this_is_not(text: str) -> None:
    assert contacts_in(text) == []


WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=10)


@given(st.lists(WORD), WORD, WORD, st.lists(WORD))
def test_an_address_is_found_wherever_it_stands(before: list[str], name: str, host: str, after: list[str]) -> None:
    text = " ".join([*before, f"{name}@{host}.org", *after])
    assert EMAIL in contacts_in(text)


@given(st.lists(WORD), st.integers(10**9, 10**11 - 1), st.sampled_from(["+", "+1 ", ""]), st.lists(WORD))
def test_a_number_is_found_wherever_it_stands(before: list[str], number: int, sign: str, after: list[str]) -> None:
    assert contacts_in(" ".join([*before, f"{sign}{number}", *after])) == [PHONE]


@given(st.lists(WORD, max_size=40))
def test_plain_words_are_none(words: list[str]) -> None:
    words = [word for word in words if word not in ("at", "dot", "www")]
    assert contacts_in(" ".join(words)) == []


@given(st.integers(0, 10**9))
def test_an_amount_with_commas_is_none(amount: int) -> None:
    assert contacts_in(f"There are {amount:,} rows.") == []


HOSTILE = ["a", "a.", "a-", "a@", "a@a.", "1", "1 ", "1.", "+", "(", "_", " ", "a at ", "a dot ", "[", "a\n", "1,"]


@pytest.mark.parametrize("part", HOSTILE)
def test_pages_of_anything_are_looked_through_at_once(part: str) -> None:
    text = (part * 6_000)[:6_000]
    started_s = time.process_time()
    contacts_in(text)
    assert time.process_time() - started_s < 1, "it took several seconds while repetitions had no bound"
