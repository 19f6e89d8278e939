"""Objects in the bucket. A report that says what it said yesterday is not written again: the bucket is versioned."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from botocore.exceptions import ClientError

from hearback.adapters.aws.errors import code_of, translated
from hearback.domain.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_BEYOND_THE_END = frozenset({"416", "InvalidRange"})
_BUFFER = 256 * 1024
_AT_ONCE = 1000
_Version = Any
"""{"Key", "VersionId"}"""


class S3Blobs:
    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, key: str) -> bytes | None:
        try:
            with translated():
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            _allow_absent(error)
            return None

    def put(self, key: str, body: bytes, content_type: str) -> bool:
        """One HEAD, and a PUT where the bytes differ. The entity tag is the MD5 of what we put under the bucket's own
        encryption; under another one it is not, and then the bytes are read and compared.
        """
        head = self._head(key)
        if head is not None and self._holds(key, head, body):
            return False
        with translated():
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
        return True

    def open(self, key: str, *, offset: int = 0) -> BinaryIO | None:
        try:
            with translated():
                found = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={offset}-")
        except ClientError as error:
            if code_of(error) in _BEYOND_THE_END:
                return io.BytesIO()
            _allow_absent(error)
            return None
        return cast("BinaryIO", io.BufferedReader(_Stream(found["Body"]), _BUFFER))

    def size(self, key: str) -> int | None:
        head = self._head(key)
        return head["ContentLength"] if head else None

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with translated():
            for page in pages:
                for each in page.get("Contents", []):
                    yield each["Key"]

    def delete(self, key: str) -> None:
        with translated():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def purge(self, prefix: str, *, current: bool = False) -> int:
        """Versions first and then the marks of deletions: without its mark, an earlier version would be there again."""
        versions, marks = list[_Version](), list[_Version]()
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
        with translated():
            for page in pages:
                versions += [_version(each) for each in page.get("Versions", []) if current or not each["IsLatest"]]
                marks += [_version(each) for each in page.get("DeleteMarkers", [])]
        for group in (versions, marks):
            for start in range(0, len(group), _AT_ONCE):
                self._delete_versions(group[start : start + _AT_ONCE])
        return len(versions)

    def _delete_versions(self, group: list[_Version]) -> None:
        with translated():
            done = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": group, "Quiet": True})
        if done.get("Errors"):
            raise Unavailable(f"DeleteObjects: {done['Errors'][0].get('Code', '')}")

    def _head(self, key: str) -> HeadObjectOutputTypeDef | None:
        try:
            with translated():
                return self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            _allow_absent(error)
            return None

    def _holds(self, key: str, head: HeadObjectOutputTypeDef, body: bytes) -> bool:
        if head["ContentLength"] != len(body):
            return False
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return head["ETag"].strip('"') == digest or self.get(key) == body


def _version(listed: Any) -> _Version:
    return {"Key": listed["Key"], "VersionId": listed["VersionId"]}


class _Stream(io.RawIOBase):
    """An object's bytes as they come; a connection that breaks is `Unavailable`, as it is for every other call."""

    def __init__(self, body: StreamingBody) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        with translated():
            chunk = self._body.read(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._body.close()
        super().close()


def _allow_absent(error: ClientError) -> None:
    if code_of(error) not in _ABSENT:
        raise error
