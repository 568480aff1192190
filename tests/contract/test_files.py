"""The FileStore port."""

import base64
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError, ResponseStreamingError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from microintern.adapters.aws import MOST_ATTEMPTS
from microintern.adapters.files import S3FileStore, attachment, object_key, parse_key
from microintern.domain.documents import ScanStatus, StoredFile
from microintern.domain.parts import MEBIBYTE
from microintern.ports.files import FileStore, StoredVersion
from microintern.ports.paging import Position
from tests.contract import examples
from tests.contract.conftest import BOTH, REGION, service
from tests.twins.files import MemoryFiles

BUCKET = "files-of-briefs"
BODY = b"a,b\n"
FILE = examples.file(examples.brief(), sha256=base64.b64encode(hashlib.sha256(BODY).digest()).decode())


PART_BYTES = 5 * MEBIBYTE
LARGE = examples.file(examples.brief(), 2, size_bytes=PART_BYTES + 1, part_bytes=PART_BYTES)
SHA256_OF_PART = base64.b64encode(hashlib.sha256(b"part").digest()).decode()


class Side(NamedTuple):
    """A store, and a way to upload a file to it that gives the object's version."""

    store: FileStore
    upload: Callable[[StoredFile], str]
    send_part: Callable[[StoredFile, int], None]
    in_quarantine: Callable[[], list[str]]


@pytest.fixture
def s3(aws: None) -> Any:
    """The S3 client, with an empty bucket."""
    client = service("s3")
    where: Any = {"LocationConstraint": REGION}
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture(params=BOTH)
def side(request: pytest.FixtureRequest) -> Side:
    """The store, once in memory and once on S3."""
    if request.param == "memory":
        twin = MemoryFiles()
        return Side(
            twin,
            lambda file: twin.upload(file, datetime.now(UTC), BODY),
            lambda file, number: twin.send_part(file, number, SHA256_OF_PART),
            lambda: list(twin.quarantined),
        )
    client = request.getfixturevalue("s3")

    def upload(file: StoredFile) -> str:
        key = object_key(file.brief_id, file.file_id)
        put = client.put_object(
            Bucket=BUCKET, Key=key, Body=BODY, ChecksumAlgorithm="SHA256", ChecksumSHA256=file.sha256
        )
        version: str = put["VersionId"]
        return version

    def send_part(file: StoredFile, number: int) -> None:
        assert file.plan
        at = {"Bucket": BUCKET, "Key": object_key(file.brief_id, file.file_id), "UploadId": file.upload_id}
        client.upload_part(**at, PartNumber=number, Body=bytes(file.plan.size_of(number)))

    def in_quarantine() -> list[str]:
        found = client.list_objects_v2(Bucket=BUCKET, Prefix="quarantine/").get("Contents", [])
        return [entry["Key"] for entry in found]

    return Side(S3FileStore(client, BUCKET), upload, send_part, in_quarantine)


class TestBoth:
    def test_a_form_names_the_file_that_it_is_for(self, side: Side) -> None:
        form = side.store.upload_form(FILE, 300)
        assert form.fields["key"] == "briefs/brief-000001/file-000001"
        assert form.fields["Content-Type"] == "text/csv"
        assert form.fields["x-amz-checksum-sha256"] == FILE.sha256

    def test_what_was_received_is_known_by_its_version(self, side: Side) -> None:
        assert side.store.received(FILE.brief_id, FILE.file_id, "none") is None
        version = side.upload(FILE)
        found = side.store.received(FILE.brief_id, FILE.file_id, version)
        assert found is not None
        assert (found.version_id, found.size_bytes, found.sha256) == (version, 4, FILE.sha256)
        assert abs((datetime.now(UTC) - found.received_at).total_seconds()) < 60
        assert side.store.received(FILE.brief_id, "file-000404", version) is None

    def test_each_upload_has_its_own_version(self, side: Side) -> None:
        first, second = side.upload(FILE), side.upload(FILE)
        assert first != second
        for version in (first, second):
            found = side.store.received(FILE.brief_id, FILE.file_id, version)
            assert found is not None
            assert found.version_id == version

    def test_what_was_received_can_be_read_anywhere(self, side: Side) -> None:
        found = side.store.received(FILE.brief_id, FILE.file_id, side.upload(FILE))
        assert found is not None
        with side.store.open(FILE.brief_id, FILE.file_id, found) as content:
            assert content.read(2) == b"a,"
            assert content.read() == b"b\n"
            assert content.read(10) == b""
            assert (content.seek(-1, io.SEEK_END), content.read()) == (3, b"\n")
            assert (content.seek(1), content.seek(1, io.SEEK_CUR), content.tell(), content.read(1)) == (1, 2, 2, b"b")
            assert (content.seek(100), content.read()) == (100, b"")
            with pytest.raises((OSError, ValueError)):
                content.seek(-1)

    def test_a_link_is_for_one_version(self, side: Side) -> None:
        with pytest.raises(ValueError, match="not received"):
            side.store.download_url(FILE, 300)
        version = side.upload(FILE)
        url = side.store.download_url(FILE.model_copy(update={"version_id": version}), 300)
        assert "briefs/brief-000001/file-000001" in url
        assert parse_qs(urlsplit(url).query)["versionId"] == [version]

    def test_the_newest_is_found_without_knowing_its_version(self, side: Side) -> None:
        assert side.store.received(FILE.brief_id, FILE.file_id) is None
        side.upload(FILE)
        version = side.upload(FILE)
        found = side.store.received(FILE.brief_id, FILE.file_id)
        assert found is not None
        assert (found.version_id, found.in_parts) == (version, False)

    def test_every_version_is_listed_page_by_page_and_can_be_removed(self, side: Side) -> None:
        other = FILE.model_copy(update={"file_id": "file-000002"})
        versions = {side.upload(FILE), side.upload(FILE)} | {side.upload(other)}
        listed: list[StoredVersion] = []
        position: Position | None = None
        while True:
            page = side.store.list_versions(1, position)
            listed += page.items
            if (position := page.next) is None:
                break
        assert {version.version_id for version in listed} == versions
        assert [version.file_id for version in listed] == [FILE.file_id, FILE.file_id, other.file_id]
        assert side.store.list_versions(9, Position(sort="briefs/c", item="")).items == []
        for _ in range(2):
            side.store.remove(listed[0])
        left = {version.version_id for version in side.store.list_versions(9).items}
        assert left == versions - {listed[0].version_id}

    def test_what_is_held_or_retained_cannot_be_removed(self, side: Side) -> None:
        held, retained = side.upload(FILE), side.upload(FILE)
        found = {version.version_id: version for version in side.store.list_versions(9).items}
        side.store.hold(found[held])
        side.store.hold(found[retained])
        side.store.let_go(found[retained], datetime.now(UTC) + timedelta(days=1))
        for version in found.values():
            with pytest.raises((ClientError, PermissionError)):
                side.store.remove(version)
        assert len(side.store.list_versions(9).items) == 2

    def test_what_is_in_quarantine_is_nowhere_else(self, side: Side) -> None:
        with pytest.raises(ValueError, match="not received"):
            side.store.quarantine(FILE)
        first, second = side.upload(FILE), side.upload(FILE)
        for _ in range(2):
            side.store.quarantine(FILE.model_copy(update={"version_id": first}))
        assert side.store.received(FILE.brief_id, FILE.file_id, first) is None
        assert side.store.received(FILE.brief_id, FILE.file_id, second) is not None
        assert side.in_quarantine() == [f"quarantine/{FILE.brief_id}/{FILE.file_id}/{first}"]

    def test_what_is_erased_is_gone_and_not_in_quarantine_either(self, side: Side) -> None:
        kept, infected = (FILE.model_copy(update={"version_id": side.upload(FILE)}) for _ in range(2))
        infected = infected.model_copy(update={"scan": ScanStatus.INFECTED})
        side.store.quarantine(infected)
        for file in (FILE, kept, infected, infected):
            assert side.store.erase(file)
        assert side.store.list_versions(9).items == []
        assert side.in_quarantine() == []

    def test_an_upload_in_parts_is_the_file_once_it_is_completed(self, side: Side) -> None:
        large = LARGE.model_copy(update={"upload_id": side.store.start_upload(LARGE)})
        assert side.store.parts(large) == []
        side.send_part(large, 2)
        side.send_part(large, 1)
        parts = side.store.parts(large)
        assert parts is not None
        assert [(part.number, part.size_bytes) for part in parts] == [(1, PART_BYTES), (2, 1)]
        assert not side.store.is_stored(large)
        assert side.store.complete_upload(large, parts)
        assert side.store.is_stored(large)
        assert side.store.parts(large) is None

    def test_two_uploads_of_one_file_are_apart(self, side: Side) -> None:
        one, other = (LARGE.model_copy(update={"upload_id": side.store.start_upload(LARGE)}) for _ in range(2))
        side.send_part(one, 1)
        assert len(side.store.parts(one) or []) == 1
        assert side.store.parts(other) == []

    def test_what_was_dropped_is_gone_and_can_be_dropped_again(self, side: Side) -> None:
        large = LARGE.model_copy(update={"upload_id": side.store.start_upload(LARGE)})
        side.send_part(large, 1)
        for _ in range(2):
            side.store.abort_upload(large)
        assert side.store.parts(large) is None
        assert not side.store.is_stored(large)


class TestOnS3:
    def test_what_came_in_parts_is_told_by_its_etag(self, s3: Any) -> None:
        at: dict[str, Any] = {"Bucket": BUCKET, "Key": object_key(FILE.brief_id, FILE.file_id)}
        upload_id = s3.create_multipart_upload(**at)["UploadId"]
        part = s3.upload_part(**at, UploadId=upload_id, PartNumber=1, Body=BODY)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        s3.complete_multipart_upload(**at, UploadId=upload_id, MultipartUpload=parts)
        found = S3FileStore(s3, BUCKET).received(FILE.brief_id, FILE.file_id)
        assert found is not None
        assert found.in_parts

    def test_what_breaks_off_while_it_is_read_is_fetched_again(self, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        store = S3FileStore(s3, BUCKET)
        s3.put_object(Bucket=BUCKET, Key=object_key(FILE.brief_id, FILE.file_id), Body=BODY)
        found = store.received(FILE.brief_id, FILE.file_id)
        assert found is not None
        read, failures = (
            StreamingBody.read,
            [ReadTimeoutError(endpoint_url="s3"), ResponseStreamingError(error="reset")],
        )

        def breaking(body: StreamingBody, *given: Any) -> bytes:
            if failures:
                raise failures.pop()
            return read(body, *given)

        monkeypatch.setattr(StreamingBody, "read", breaking)
        assert store.open(FILE.brief_id, FILE.file_id, found).read() == BODY
        failures += [ReadTimeoutError(endpoint_url="s3")] * MOST_ATTEMPTS
        with pytest.raises(ReadTimeoutError):
            store.open(FILE.brief_id, FILE.file_id, found).read()
        assert failures == []

    def test_a_link_pins_number_size_and_sum_of_its_part(self, s3: Any) -> None:
        large = LARGE.model_copy(update={"upload_id": "an-upload"})
        link = S3FileStore(s3, BUCKET).part_link(large, 2, FILE.sha256, 300)
        query = parse_qs(urlsplit(link.url).query)
        assert (query["uploadId"], query["partNumber"], query["X-Amz-Expires"]) == (["an-upload"], ["2"], ["300"])
        assert query["X-Amz-SignedHeaders"] == ["content-length;host;x-amz-checksum-sha256"]
        assert link.headers == {"x-amz-checksum-sha256": FILE.sha256}

    def test_an_upload_that_is_gone_cannot_be_completed(self, s3: Any) -> None:
        with Stubber(s3) as stub:
            stub.add_client_error("complete_multipart_upload", "NoSuchUpload")
            assert not S3FileStore(s3, BUCKET).complete_upload(LARGE.model_copy(update={"upload_id": "gone"}), [])

    def test_parts_are_completed_with_the_sums_that_s3_checked(self, s3: Any) -> None:
        large = LARGE.model_copy(update={"upload_id": "an-upload"})
        part = {"PartNumber": 1, "Size": PART_BYTES, "ETag": "e", "ChecksumSHA256": SHA256_OF_PART}
        upload = {"Bucket": BUCKET, "Key": object_key(large.brief_id, large.file_id), "UploadId": "an-upload"}
        named = {name: part[name] for name in ("PartNumber", "ETag", "ChecksumSHA256")}
        with Stubber(s3) as stub:
            stub.add_response("list_parts", {"Parts": [part]}, {**upload, "MaxParts": 1_000})
            stub.add_response("complete_multipart_upload", {}, {**upload, "MultipartUpload": {"Parts": [named]}})
            store = S3FileStore(s3, BUCKET)
            assert store.complete_upload(large, store.parts(large) or [])
            stub.assert_no_pending_responses()

    def test_without_leave_to_list_what_is_not_there_looks_forbidden(self, s3: Any) -> None:
        with Stubber(s3) as stub:
            stub.add_client_error("head_object", "403", http_status_code=403)
            assert not S3FileStore(s3, BUCKET).is_stored(LARGE)

    def test_what_is_sent_as_a_whole_has_no_parts(self, s3: Any) -> None:
        store = S3FileStore(s3, BUCKET)
        for call in (lambda: store.parts(FILE), lambda: store.part_link(FILE, 1, FILE.sha256, 300)):
            with pytest.raises(ValueError, match="not uploaded in parts"):
                call()

    def test_the_policy_pins_key_type_size_and_checksum(self, s3: Any) -> None:
        form = S3FileStore(s3, BUCKET).upload_form(FILE, 300)
        policy = json.loads(base64.b64decode(form.fields["policy"]))
        exact = {name: value for c in policy["conditions"] if isinstance(c, dict) for name, value in c.items()}
        ranges = [c for c in policy["conditions"] if isinstance(c, list)]
        assert ranges == [["content-length-range", 4, 4]]
        assert {name: value for name, value in exact.items() if not name.startswith("x-amz-") or "check" in name} == {
            "bucket": BUCKET,
            "key": "briefs/brief-000001/file-000001",
            "Content-Type": "text/csv",
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": FILE.sha256,
        }
        assert exact["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
        expires_in_s = (datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)).total_seconds()
        assert 290 < expires_in_s <= 300

    def test_every_field_of_the_form_stands_in_the_policy(self, s3: Any) -> None:
        """S3 refuses a form with a field that its policy does not know."""
        fields = S3FileStore(s3, BUCKET).upload_form(FILE, 300).fields
        policy = json.loads(base64.b64decode(fields["policy"]))
        known = {name for condition in policy["conditions"] if isinstance(condition, dict) for name in condition}
        assert set(fields) - {"policy", "x-amz-signature"} <= known

    def test_addresses_are_regional_and_signed_with_sigv4(self, s3: Any) -> None:
        store = S3FileStore(s3, BUCKET)
        form = store.upload_form(FILE, 300)
        link = urlsplit(store.download_url(FILE.model_copy(update={"version_id": "v1"}), 120))
        assert form.url == f"https://{BUCKET}.s3.{REGION}.amazonaws.com/"
        assert link.netloc == f"{BUCKET}.s3.{REGION}.amazonaws.com"
        query = parse_qs(link.query)
        assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
        assert query["X-Amz-SignedHeaders"] == ["host"]
        assert query["X-Amz-Expires"] == ["120"]

    def test_a_link_serves_an_attachment_under_its_name(self, s3: Any) -> None:
        received = FILE.model_copy(update={"version_id": "v1"})
        query = parse_qs(urlsplit(S3FileStore(s3, BUCKET).download_url(received, 120)).query)
        assert query["response-content-type"] == ["text/csv"]
        assert query["response-content-disposition"] == [attachment(FILE.name)]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("table.csv", "table.csv"),
        ('Messwerte "März".csv', "Messwerte _M_rz_.csv"),
        ("a; filename=evil.exe", "a_ filename_evil.exe"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("100%\\完成.pdf", "100____.pdf"),
    ],
)
def test_a_file_name_cannot_leave_its_quotes(name: str, plain: str) -> None:
    header = attachment(name)
    assert header.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert header.isascii()
    exact = header.partition("filename*=UTF-8''")[2]
    assert not set(exact) & set(" ;\"'\\/,")
    assert unquote(exact) == name.replace("/", "_").replace("\\", "_")


def test_a_key_tells_its_ids() -> None:
    assert parse_key(object_key("brief-000001", "file-000001")) == ("brief-000001", "file-000001")
    for wrong in ("other/brief-000001/file-000001", "briefs/brief-000001", "briefs/a/b/c"):
        with pytest.raises(ValueError, match=r"."):
            parse_key(wrong)
