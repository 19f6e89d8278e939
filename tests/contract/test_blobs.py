"""What every keeper of objects promises."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from hearback.adapters.s3.blobs import S3Blobs
from hearback.domain.errors import Misconfigured, Unavailable
from hearback.ports import Blobs
from tests.contract.conftest import moto_client
from tests.contract.faults import wire
from tests.fakes import MemoryBlobs

BUCKET = "hearback-bucket"
KEY = "reports/survey=support/latest.json"


def bucket() -> S3Blobs:
    client = moto_client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return S3Blobs(client, BUCKET)


@pytest.fixture(params=["fake", "moto"])
def blobs(request: pytest.FixtureRequest) -> Iterator[Blobs]:
    if request.param == "fake":
        yield MemoryBlobs()
    else:
        with mock_aws():
            yield bucket()


def test_an_object_comes_back_as_it_was_put(blobs: Blobs) -> None:
    assert blobs.put(KEY, b"\x00{}\xff", "application/json")
    assert blobs.get(KEY) == b"\x00{}\xff"
    assert blobs.size(KEY) == 4


def test_an_object_nobody_has_put_is_not_there(blobs: Blobs) -> None:
    assert blobs.get(KEY) is None
    assert blobs.size(KEY) is None
    assert blobs.open(KEY) is None
    assert blobs.open(KEY, offset=9) is None


def test_an_object_that_was_deleted_is_not_there_and_may_be_deleted_again(blobs: Blobs) -> None:
    blobs.put(KEY, b"a", "text/plain")
    blobs.delete(KEY)
    blobs.delete(KEY)
    assert blobs.get(KEY) is None
    assert list(blobs.keys("")) == []


def test_putting_the_same_bytes_again_writes_nothing(blobs: Blobs) -> None:
    assert [blobs.put(KEY, each, "text/plain") for each in (b"a", b"a", b"b", b"b", b"", b"", b"a")] == [
        *(True, False, True, False, True, False, True)
    ]
    assert blobs.get(KEY) == b"a"


def test_an_object_is_read_from_any_offset(blobs: Blobs) -> None:
    blobs.put("imports/past.csv", b"0123456789", "text/csv")
    for offset in (0, 3, 9, 10, 99):
        stream = blobs.open("imports/past.csv", offset=offset)
        assert stream is not None
        assert stream.read() == b"0123456789"[offset:]


def test_a_stream_gives_its_bytes_in_pieces_and_in_lines(blobs: Blobs) -> None:
    text = "".join(f"{n},grün\r\n" for n in range(50_000))
    blobs.put("imports/past.csv", text.encode(), "text/csv")
    stream = blobs.open("imports/past.csv")
    assert stream is not None
    assert stream.read(5) == b"0,gr\xc3"
    assert stream.readline() == b"\xbcn\r\n"
    with io.TextIOWrapper(stream, "utf-8", newline="") as lines:
        assert sum(1 for _ in lines) == 49_999


def test_keys_are_listed_by_prefix_in_order_over_many_pages(blobs: Blobs) -> None:
    for n in range(12):
        blobs.put(f"reports/{n:02}", b"", "text/plain")
    blobs.put("digests/0", b"", "text/plain")
    assert list(blobs.keys("reports/")) == [f"reports/{n:02}" for n in range(12)]
    assert list(blobs.keys("nothing/")) == []


# --- the bucket alone ---------------------------------------------------------------------------------------------------------


def versions() -> int:
    return len(moto_client("s3").list_object_versions(Bucket=BUCKET).get("Versions", []))


def test_the_same_bytes_again_make_no_version_and_cost_one_look(aws: None) -> None:
    blobs = bucket()
    blobs.put(KEY, b"{}", "application/json")
    with wire(moto_client("s3"), "s3") as tapped:
        assert not blobs.put(KEY, b"{}", "application/json")
    assert tapped.calls == ["HeadObject"]
    assert versions() == 1


def test_under_another_encryption_bytes_are_compared_and_not_tags(aws: None) -> None:
    blobs = bucket()
    client = moto_client("s3")
    parts = client.create_multipart_upload(Bucket=BUCKET, Key=KEY)["UploadId"]
    tag = client.upload_part(Bucket=BUCKET, Key=KEY, PartNumber=1, UploadId=parts, Body=b"{}")["ETag"]
    client.complete_multipart_upload(Bucket=BUCKET, Key=KEY, UploadId=parts, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    assert "-" in client.head_object(Bucket=BUCKET, Key=KEY)["ETag"]
    assert not blobs.put(KEY, b"{}", "application/json")
    assert blobs.put(KEY, b"[]", "application/json")


def test_the_type_goes_with_the_object(aws: None) -> None:
    bucket().put(KEY, b"{}", "application/json")
    assert moto_client("s3").head_object(Bucket=BUCKET, Key=KEY)["ContentType"] == "application/json"


@pytest.mark.parametrize("lost", ["request", "reply"])
def test_a_put_whose_message_is_lost_is_repeated(aws: None, lost: Any) -> None:
    blobs = bucket()
    with wire(moto_client("s3"), "s3", lose={1: lost}):
        assert blobs.put(KEY, b"{}", "application/json")
    assert blobs.get(KEY) == b"{}"


def test_a_bucket_that_cannot_be_reached_is_unavailable_and_never_an_absent_object(aws: None) -> None:
    impatient = moto_client("s3", retries=0)
    blobs = S3Blobs(impatient, BUCKET)
    calls: list[Callable[[], object]] = [lambda: blobs.get(KEY), lambda: blobs.size(KEY), lambda: blobs.open(KEY)]
    calls += [lambda: list(blobs.keys("")), lambda: blobs.put(KEY, b"", "text/plain")]
    for call in calls:
        with wire(impatient, "s3", lose={0: "request"}), pytest.raises(Unavailable):
            call()


def test_a_bucket_that_is_not_there_is_the_operator_s(aws: None) -> None:
    blobs = S3Blobs(moto_client("s3"), "nowhere")
    with pytest.raises(Misconfigured):
        blobs.put(KEY, b"{}", "application/json")
    with pytest.raises(Misconfigured):
        blobs.get(KEY)


# --- for good -----------------------------------------------------------------------------------------------------------------


def everything() -> list[str]:
    found = moto_client("s3").list_object_versions(Bucket=BUCKET)
    return sorted(each["Key"] for kind in ("Versions", "DeleteMarkers") for each in found.get(kind, []))


def test_purging_removes_what_was_and_leaves_what_is(blobs: Blobs) -> None:
    for body in (b"a", b"b", b"c"):
        blobs.put("lake/x/1", body, "text/plain")
    blobs.put("lake/x/2", b"gone", "text/plain")
    blobs.delete("lake/x/2")
    blobs.put("lake/y/1", b"other", "text/plain")
    blobs.put("lake/y/1", b"newer", "text/plain")
    assert blobs.purge("lake/x/") == 3
    assert blobs.purge("lake/x/") == 0
    assert (blobs.get("lake/x/1"), blobs.get("lake/x/2"), blobs.get("lake/y/1")) == (b"c", None, b"newer")
    assert blobs.purge("lake/y/") == 1
    assert blobs.purge("lake/", current=True) == 2
    assert list(blobs.keys("")) == []


def test_nothing_is_left_of_what_was_purged_in_the_bucket_itself(aws: None) -> None:
    blobs = bucket()
    for body in (b"a", b"b"):
        blobs.put("lake/1", body, "text/plain")
    blobs.delete("lake/1")
    blobs.put("lake/2", b"a", "text/plain")
    assert blobs.purge("lake/1") == 2
    assert everything() == ["lake/2"], "neither a version nor the mark of a deletion"
    blobs.purge("lake/", current=True)
    assert everything() == []


def test_a_thousand_versions_take_more_than_one_call(aws: None) -> None:
    blobs = bucket()
    for n in range(12):
        blobs.put("x", str(n).encode(), "text/plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hearback.adapters.s3.blobs._AT_ONCE", 5)
        assert blobs.purge("x", current=True) == 12
    assert everything() == []


@pytest.mark.parametrize("lost", ["request", "reply"])
def test_a_purge_whose_message_is_lost_is_repeated(aws: None, lost: Any) -> None:
    blobs = bucket()
    blobs.put(KEY, b"a", "text/plain")
    blobs.put(KEY, b"b", "text/plain")
    with wire(moto_client("s3"), "s3", lose={1: lost}):
        assert blobs.purge(KEY) == 1
    assert everything() == [KEY]
