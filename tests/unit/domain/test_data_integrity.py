"""Base 58, and what is taken for a signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.data_integrity import Proof, base58, signature_of, unbase58


@given(st.binary(max_size=80))
def test_base_58_comes_back(data: bytes) -> None:
    assert unbase58(base58(data)) == data


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"\0\0\x01", "112"), (b"Hello World!", "2NEpo7TZRRrLZSi2U")],
    ids=["nothing", "zeros", "words"],
)
def test_base_58_is_as_others_write_it(data: bytes, text: str) -> None:
    """The last is an example of the Internet-Draft that describes it (draft-msporny-base58)."""
    assert base58(data) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "a b"])
def test_what_is_no_base_58_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no base 58"):
        unbase58(text)


@pytest.mark.parametrize("length", [63, 65])
def test_a_signature_has_64_bytes(length: int) -> None:
    made = Proof(created="2026-12-01T00:00:00Z", verificationMethod="x")
    assert signature_of(made) is None
    assert signature_of(made.model_copy(update={"proofValue": f"z{base58(b'1' * length)}"})) is None
    assert signature_of(made.model_copy(update={"proofValue": f"z{base58(b'1' * 64)}"})) == b"1" * 64
