"""Digests that tell a whole file from a damaged one.

A JSON file is sealed by a digest of all that it says, kept in the file itself, and in a
chain of files also of the seal before it: bytes that changed on the disk are found, a
file that is missing or stands twice breaks the chain. It does not stop a person who
recomputes the whole chain; a copy of the last seal kept elsewhere would show that.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

SEAL = "seal"
# Path -> what identified the file when it was last read, and its digest.
_known: dict[str, tuple[tuple[int, ...], str]] = {}
_lock = threading.Lock()


def seal_of(raw: Mapping[str, Any], previous: str = "") -> str:
    """Hex sha256 of the seal before and of all that a JSON object says but its seal.

    The digest is of one canonical spelling, so that blanks and order do not count.

    >>> seal_of({"a": 1, "seal": "x"}) == seal_of({"a": 1})
    True
    >>> seal_of({"a": 1}) == seal_of({"a": 1}, "0")
    False
    """
    said = {key: value for key, value in raw.items() if key != SEAL}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous.encode() + text.encode()).hexdigest()


def sealed_json(
    raw: Mapping[str, Any], previous: str = "", indent: int | None = 1
) -> bytes:
    """A JSON object with its seal at the end, as people can read it.

    Without an indent it stands on one line: of many values, in a tenth of the time.
    """
    sealed = {**raw, SEAL: seal_of(raw, previous)}
    return json.dumps(sealed, ensure_ascii=False, indent=indent).encode()


def file_sha256(path: Path | str) -> str | None:
    """Hex digest of a file, None when there is no such file.

    Raises
    ------
    OSError
        It cannot be read: nobody knows what it holds.
    """
    try:
        with open_plain(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def copy_whole(source: Path, place: Path, sha256: str) -> bool:
    """Copy a file that is as it was written; of any other nothing is left."""
    with contextlib.suppress(OSError):
        shutil.copyfile(source, place)
        if file_sha256(place) == sha256:
            return True
    place.unlink(missing_ok=True)
    return False


def open_plain(path: Path | str) -> BinaryIO:
    """A file to read; a pipe in its place would be waited for without end.

    Raises
    ------
    OSError
        It cannot be read, or is no plain file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
    return open(descriptor, "rb")


def read_plain(path: Path | str) -> str:
    """The text of a file.

    Raises
    ------
    OSError
        As `open_plain`.
    UnicodeDecodeError
        It is no UTF-8.
    """
    with open_plain(path) as file:
        return file.read().decode()


def is_whole(path: Path | str, sha256: str) -> bool:
    """Whether a file can be read and has this digest.

    Read once in a process; again when the file is another one, or was written to.
    """
    try:
        identity = file_identity(path)
        with _lock:
            known = _known.get(str(path))
        if known and known[0] == identity:
            return known[1] == sha256
        found = file_sha256(path) or ""
    except OSError:
        return False
    with _lock:
        _known[str(path)] = (identity, found)
    return found == sha256


def file_identity(path: Path | str) -> tuple[int, ...]:
    """What changes when a file is replaced or written to.

    Raises
    ------
    OSError
        There is no such file, or it cannot be looked at.
    """
    found = os.stat(path)
    times = found.st_mtime_ns, found.st_ctime_ns
    return found.st_dev, found.st_ino, found.st_size, *times
