"""Files that are written whole or not at all, and disk faults in plain words.

Every file that a command leaves behind goes through here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from data_pipeline.words import CATALOGUE, text

# Names of files that are being written.
UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.tmp")


def file_words(words: str) -> str:
    """Words as a part of the name of a file that any file system takes.

    >>> file_words("城关/镇: 1")
    '城关-镇-1'
    """
    return re.sub(r"[^\w.-]+", "-", words)


class ExplainedError(OSError):
    """A fault that is no disk's: `key` has its reason and its remedy in the words."""

    def __init__(self, place: str, key: str, **values: object):
        super().__init__(None, text("en", f"{key}.reason", **values), place)
        self.key, self.values = key, values


def disk_reason(error: OSError, language: str = "zh") -> tuple[str, str]:
    """What went wrong and what to do.

    >>> disk_reason(OSError(errno.ENOSPC, "No space left on device"))
    ('磁盘已满', '请腾出空间后重试')
    """
    if isinstance(error, ExplainedError):
        reason, remedy = (
            text(language, f"{error.key}.{part}", **error.values)
            for part in ("reason", "remedy")
        )
        return reason, remedy
    fault = f"disk.faults.{errno.errorcode.get(error.errno or 0)}"
    if f"{fault}.reason" not in CATALOGUE.all_terms:
        fault = "disk.other"
    reason = text(language, f"{fault}.reason", error=error.strerror or error)
    return reason, text(language, f"{fault}.remedy")


def disk_sentence(error: OSError, language: str = "zh") -> str:
    """One line for the person at the keyboard: place, reason, remedy.

    >>> disk_sentence(OSError(errno.EROFS, "", "台账.xlsx"))
    '台账.xlsx：磁盘是只读的。请换到可写的位置，或以可写方式挂载后重试；没有留下写到一半的内容。'
    """
    reason, remedy = disk_reason(error, language)
    place = ""
    if error.filename:
        file = os.fsdecode(error.filename).encode("utf-8", "replace").decode()
        place = text(language, "disk.place", file=file)
    return text(language, "disk.sentence", place=place, reason=reason, remedy=remedy)


def end_on_fault(error: OSError) -> int:
    """Exit code of a command that the system stopped: 1, with one line of what it was.

    Nothing is said where the reader of the output has gone (`… | head`).
    """
    if isinstance(error, BrokenPipeError):
        # What is still buffered would complain once more at the end of the program.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        print(disk_sentence(error, "en"), file=sys.stderr)
    return 1


def replace_file(path: Path | str, data: bytes, *, sync: bool = True) -> None:
    """Put `data` at `path` in one step: readers see the old bytes or the new.

    Parameters
    ----------
    path
        A link is followed; a device or pipe, such as /dev/stdout, is written to.
    sync
        Whether the bytes are on the disk on return, whatever happens to the power.

    Raises
    ------
    OSError
        Nothing is left behind; `filename` is set.
    """
    path = Path(os.path.realpath(path))
    with _named(path):
        if path.exists() and not path.is_file():
            with open(path, "wb") as file:
                file.write(data)
            return
        temporary = _write_aside(path, data, sync)
        with _removed_on_failure(temporary):
            os.replace(temporary, path)
        if sync:
            sync_folder(path.parent)


def create_file(path: Path, data: bytes) -> None:
    """Like `replace_file`, but never over an existing file."""
    with _named(path):
        temporary = _write_aside(path, data, True)
        try:
            os.link(temporary, path)
        finally:
            os.unlink(temporary)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_aside(path: Path, data: bytes, sync: bool) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    with _removed_on_failure(temporary), open(temporary, "xb") as file:
        file.write(data)
        file.flush()
        if sync:
            os.fsync(file.fileno())
    return temporary


@contextlib.contextmanager
def _removed_on_failure(temporary: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """An error says which file was wanted, not the temporary one beside it."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
