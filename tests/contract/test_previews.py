"""The Previews port."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from microintern.adapters.previews import S3Previews
from microintern.domain.previews import Part, Preview
from microintern.ports.files import Previews
from tests.contract import examples
from tests.contract.conftest import BOTH
from tests.contract.test_files import BUCKET, s3
from tests.twins.files import MemoryPreviews

__all__ = ["s3"]

FILE = examples.file(examples.brief(), version_id="v1")
TEXT = Part(name="text.txt", media_type="text/plain; charset=utf-8")
PREVIEW = Preview(parts=[TEXT], cut=True)


@pytest.fixture(params=BOTH)
def previews(request: pytest.FixtureRequest) -> Any:
    return MemoryPreviews() if request.param == "memory" else S3Previews(request.getfixturevalue("s3"), BUCKET)


def keep(previews: Any, preview: Preview, folder: Path, version_id: str = "v1") -> None:
    (folder / "text.txt").write_text("a")
    previews.keep(FILE.brief_id, FILE.file_id, version_id, preview, folder)


def test_a_preview_is_found_once_it_is_kept_and_kept_as_often_as_one_likes(previews: Any, tmp_path: Path) -> None:
    port: Previews = previews
    assert port.find(FILE) is None
    for _ in range(2):
        keep(previews, PREVIEW, tmp_path)
        assert port.find(FILE) == PREVIEW


def test_why_there_is_none_is_kept_too(previews: Any, tmp_path: Path) -> None:
    keep(previews, Preview(reason="No preview is made of x/y."), tmp_path)
    assert previews.find(FILE) == Preview(reason="No preview is made of x/y.")


def test_each_version_has_its_own(previews: Any, tmp_path: Path) -> None:
    keep(previews, PREVIEW, tmp_path, "v0")
    assert previews.find(FILE) is None


def test_what_was_taken_away_is_gone_and_can_be_taken_away_again(previews: Any, tmp_path: Path) -> None:
    keep(previews, PREVIEW, tmp_path)
    for _ in range(2):
        previews.erase(FILE)
        assert previews.find(FILE) is None
    previews.erase(FILE.model_copy(update={"version_id": None}))


def test_on_s3_nothing_is_left_to_be_had_of_it(s3: Any, tmp_path: Path) -> None:
    previews = S3Previews(s3, BUCKET)
    keep(previews, PREVIEW, tmp_path)
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 2
    previews.erase(FILE)
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_link_shows_what_was_drawn_and_never_the_file(previews: Any) -> None:
    url = previews.url(FILE, TEXT, 120)
    assert urlsplit(url).path.endswith(f"previews/{FILE.brief_id}/{FILE.file_id}/v1/text.txt")


def test_on_s3_the_link_fixes_how_it_is_shown(s3: Any) -> None:
    query = parse_qs(urlsplit(S3Previews(s3, BUCKET).url(FILE, TEXT, 120)).query)
    assert query["response-content-type"] == ["text/plain; charset=utf-8"]
    assert query["response-content-disposition"] == ["inline"]
    assert query["X-Amz-Expires"] == ["120"]
    with pytest.raises(ValueError, match="not received"):
        S3Previews(s3, BUCKET).url(FILE.model_copy(update={"version_id": None}), TEXT, 120)
