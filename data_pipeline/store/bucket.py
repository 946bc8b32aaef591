"""Objects in an S3 bucket: the one module that speaks to an object store.

What is asked of the store is that it reads what was last written, creates an object
only where none stands (`If-None-Match: *`) and replaces one only where it is still what
it was (`If-Match`). A call whose answer is lost is settled by reading back.

Credentials, region and endpoint are those of the AWS SDK (`AWS_ACCESS_KEY_ID`,
`AWS_ENDPOINT_URL` …).
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from data_pipeline.disk import ExplainedError
from data_pipeline.words import text

SCHEME = "s3://"
_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/\s]+)*/?")
# What is written to find out whether a server honours conditions.
_GUARD = "lake/create-only"
_AT_ONCE = 8  # calls under way at the same time
_MOST_REMOVED = 1000  # objects that one call removes
_ATTEMPTS = 3
SECONDS = 20.0  # for which an answer is waited for at each attempt
# Codes of answers that say who may not, and those of a condition that does not hold.
_FORBIDDEN = {401, 403}
_CONFLICT = {409, 412}
_ABSENT = 404
Given, Made = TypeVar("Given"), TypeVar("Made")


class BucketError(ExplainedError):
    """The bucket cannot be reached, refuses, or answers what cannot be believed."""

    def __init__(self, place: str, kind: str, **values: object):
        super().__init__(place, f"bucket.{kind}", **values)


@dataclasses.dataclass(frozen=True)
class Listed:
    """An object as a listing has it; path below the prefix, etag changes with bytes."""

    path: str
    etag: str
    modified: datetime


def is_address(given: str) -> bool:
    """Whether a lake is named by an address in an object store."""
    return given.startswith(SCHEME)


def read_address(given: str) -> str:
    """An address without the slash at its end.

    Raises
    ------
    ValueError
        It names no bucket, or no folder in one; the message says so.
    """
    if not _ADDRESS.fullmatch(given):
        raise ValueError(text("en", "commands.arguments.lake", given=given))
    return given.rstrip("/")


class Bucket:
    """What lies below `s3://BUCKET/PREFIX`, by path below the prefix."""

    def __init__(self, address: str):
        self.address = read_address(address)
        self._name, _, prefix = self.address.removeprefix(SCHEME).partition("/")
        self._prefix = f"{prefix}/" if prefix else ""

    def read(self, path: str) -> tuple[bytes, str]:
        """The bytes of an object and its etag.

        Raises
        ------
        FileNotFoundError
            There is no such object.
        BucketError
            The bucket cannot be read.
        """
        try:
            with self._explained(path):
                found = self._client.get_object(**self._key(path))
                return found["Body"].read(), found["ETag"]
        except _AnswerError as error:
            if error.status == _ABSENT:
                raise FileNotFoundError(path) from None
            raise error.explain() from None

    def create(self, path: str, data: bytes) -> str:
        """Put an object where none stands; its etag.

        Where the same bytes stand already it is done: an answer may have been lost.

        Raises
        ------
        FileExistsError
            Another object stands there.
        BucketError
            It cannot be written.
        """
        return self._put(path, data, IfNoneMatch="*")

    def replace(self, path: str, data: bytes, known: str) -> str:
        """Put an object in the place of the one with the etag `known`; its etag.

        Raises
        ------
        FileExistsError
            It is another one by now.
        BucketError
            It cannot be written.
        """
        if not known:
            return self.create(path, data)
        return self._put(path, data, IfMatch=known)

    def overwrite(self, path: str, data: bytes) -> str:
        """Put an object, whatever stands there; its etag. Raises BucketError."""
        try:
            with self._explained(path):
                return self._client.put_object(**self._key(path), Body=data)["ETag"]
        except _AnswerError as error:
            raise error.explain() from None

    def _put(self, path: str, data: bytes, **condition: str) -> str:
        fault: _AnswerError | None = None
        try:
            with self._explained(path):
                put = self._client.put_object
                return put(**self._key(path), Body=data, **condition)["ETag"]
        except _AnswerError as error:
            fault = error
        # Ours may have been taken and the answer lost; a repetition then meets it.
        with contextlib.suppress(FileNotFoundError):
            found, etag = self.read(path)
            if found == data:
                return etag
            if fault.status in _CONFLICT:
                raise FileExistsError(path)
        if fault.status in {*_CONFLICT, _ABSENT}:
            # A condition on what is gone by now.
            raise FileExistsError(path)
        raise fault.explain()

    def list(self, folder: str) -> list[Listed]:
        """Every object below a folder, in order of path. Raises BucketError."""
        found = []
        for page in self._pages(folder):
            for one in page.get("Contents", ()):
                path = one["Key"].removeprefix(self._prefix)
                found.append(Listed(path, one["ETag"], one["LastModified"]))
        return found

    def folders(self, folder: str) -> list[str]:
        """The names of the folders in a folder, in order. Raises BucketError."""
        return [
            one["Prefix"].rstrip("/").rpartition("/")[2]
            for page in self._pages(folder, Delimiter="/")
            for one in page.get("CommonPrefixes", ())
        ]

    def _pages(self, folder: str, **how: str) -> Iterator[dict[str, Any]]:
        place = {"Bucket": self._name, "Prefix": f"{self._prefix}{folder}/", **how}
        try:
            with self._explained(folder):
                pages = self._client.get_paginator("list_objects_v2")
                yield from pages.paginate(**place)
        except _AnswerError as error:
            raise error.explain() from None

    def remove(self, paths: Sequence[str]) -> None:
        """Remove objects; those that are not there are no fault. Raises BucketError."""
        for start in range(0, len(paths), _MOST_REMOVED):
            some = paths[start : start + _MOST_REMOVED]
            keys = [{"Key": self._prefix + path} for path in some]
            how = {"Objects": keys, "Quiet": True}
            try:
                with self._explained(some[0]):
                    self._client.delete_objects(Bucket=self._name, Delete=how)
            except _AnswerError as error:
                raise error.explain() from None

    def refuse_unconditional(self) -> None:
        """Find out whether conditions are honoured.

        Raises
        ------
        BucketError
            They are not: two writers would overwrite each other unseen.
        """
        for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"none"'}):
            # Where none stands yet the first call puts one.
            for _ in range(2):
                try:
                    with self._explained(_GUARD):
                        self._client.put_object(
                            **self._key(_GUARD), Body=b"", **condition
                        )
                except _AnswerError as error:
                    if error.status not in _CONFLICT:
                        raise error.explain() from None
                    break
            else:
                raise BucketError(self.address, "unconditional")

    def _key(self, path: str) -> dict[str, str]:
        return {"Bucket": self._name, "Key": self._prefix + path}

    @contextlib.contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        """Turn what the SDK raises into what can be said, or asked for its status."""
        from botocore import exceptions

        place = f"{self.address}/{path}"
        try:
            yield
        except exceptions.ClientError as error:
            said = error.response.get("Error", {}).get("Code", "")
            about = error.response.get("ResponseMetadata", {})
            status = about.get("HTTPStatusCode", 0)
            if said == "NoSuchBucket":
                raise BucketError(place, "no_bucket", name=self._name) from None
            raise _AnswerError(place, status, said) from None
        except (
            exceptions.NoCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.PartialCredentialsError,
        ):
            raise BucketError(place, "no_credentials") from None
        except (exceptions.BotoCoreError, OSError) as error:
            if isinstance(error, BucketError):
                raise
            raise _AnswerError(place, 0, type(error).__name__) from None

    @functools.cached_property
    def _client(self) -> Any:
        """A client of the SDK: a few attempts, then the fault is said."""
        try:
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError

            session = _session()
        except ImportError:
            raise BucketError(self.address, "no_client") from None
        how = Config(
            connect_timeout=min(5.0, SECONDS),
            read_timeout=SECONDS,
            max_pool_connections=_AT_ONCE,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            # Stores other than Amazon's know no other way to add a checksum.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        try:
            region = session.region_name or "us-east-1"
            return session.client("s3", region_name=region, config=how)
        except (BotoCoreError, ValueError) as error:
            raise BucketError(self.address, "settings", said=error) from None


@functools.cache
def _session() -> Any:
    """The session of the SDK; it reads its descriptions of services once."""
    import boto3

    return boto3.session.Session()


class _AnswerError(Exception):
    """What came in place of an answer: its HTTP status, 0 where none came."""

    def __init__(self, place: str, status: int, said: str):
        super().__init__(said)
        self.place, self.status, self.said = place, status, said

    def explain(self) -> BucketError:
        said = f"{self.status} {self.said}" if self.status else self.said
        kind = "forbidden" if self.status in _FORBIDDEN else "unreachable"
        return BucketError(self.place, kind, said=said)


def at_once(do: Callable[[Given], Made], given: Iterable[Given]) -> list[Made]:
    """`do` of each, several at the same time; the first fault ends it."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(do, given))
