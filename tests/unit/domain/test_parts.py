"""A file in parts is the file, whatever its size."""

from hypothesis import given
from hypothesis import strategies as st

from microintern.domain.parts import MEBIBYTE, MOST_PARTS, PartPlan, part_bytes_of
from microintern.domain.policy import Policy
from microintern.domain.posting import MOST_BYTES_PER_FILE

POLICY = Policy()
SIZES = st.integers(POLICY.multipart_above_bytes + 1, MOST_BYTES_PER_FILE)


@given(SIZES)
def test_the_parts_add_up_to_the_file_and_s3_takes_them(size_bytes: int) -> None:
    part_bytes = part_bytes_of(size_bytes, POLICY)
    assert part_bytes
    plan = PartPlan(size_bytes=size_bytes, part_bytes=part_bytes)
    sizes = [plan.size_of(number) for number in range(1, plan.count + 1)]
    assert sum(sizes) == size_bytes
    assert set(sizes[:-1]) <= {part_bytes}
    assert 0 < sizes[-1] <= part_bytes
    assert part_bytes >= 5 * MEBIBYTE
    assert plan.count <= MOST_PARTS


def test_small_files_are_sent_as_a_whole() -> None:
    assert part_bytes_of(1, POLICY) is None
    assert part_bytes_of(POLICY.multipart_above_bytes, POLICY) is None
    assert part_bytes_of(POLICY.multipart_above_bytes + 1, POLICY) == POLICY.part_bytes


def test_with_small_parts_the_largest_file_still_has_no_more_than_one_answer_lists() -> None:
    small = Policy(multipart_above_bytes=5 * MEBIBYTE, part_bytes=5 * MEBIBYTE)
    assert part_bytes_of(MOST_BYTES_PER_FILE, small) == 6 * MEBIBYTE


def test_what_is_missing_is_what_is_not_there_in_full() -> None:
    plan = PartPlan(size_bytes=25, part_bytes=10)
    assert plan.missing({}) == [1, 2, 3]
    assert plan.missing({1: 10, 2: 9, 3: 5}) == [2]
    assert plan.missing({1: 10, 2: 10, 3: 10}) == [3]
    assert plan.missing({1: 10, 2: 10, 3: 5}) == []
    assert plan.unknown([1, 2, 3]) is None
    assert plan.unknown([1, 4]) == 4
    assert plan.unknown([0]) == 0
