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

# Names of files that are being written.
UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.tmp")
_LEFT_ALONE = "没有留下写到一半的内容"
# What the system says, and what the person at the keyboard can do about it.
_REASONS = {
    errno.ENOSPC: ("磁盘已满", "请腾出空间后重试"),
    errno.EDQUOT: ("磁盘配额已用完", "请腾出空间或请管理员增加配额后重试"),
    errno.EFBIG: ("超出允许的文件大小", "请放宽限额(ulimit -f)后重试"),
    errno.EROFS: ("磁盘是只读的", "请换到可写的位置,或以可写方式挂载后重试"),
    errno.EACCES: ("没有权限", "请核对文件和文件夹的权限后重试"),
    errno.EPERM: ("系统不允许这样做", "请核对权限和文件系统后重试"),
    errno.EIO: ("磁盘读写出错", "请检查磁盘或网络盘,必要时从备份恢复后重试"),
    errno.ENOENT: ("没有这个文件或文件夹", "请核对路径后重试"),
    errno.EISDIR: ("是一个文件夹,不是文件", "请写出文件名后重试"),
    errno.ENOTDIR: ("路径中间有一个不是文件夹", "请核对路径后重试"),
    errno.EEXIST: ("已有同名的文件,不是文件夹", "请换一个位置后重试"),
    errno.ENAMETOOLONG: ("文件名太长", "请缩短文件名后重试"),
    errno.ELOOP: ("链接指向自己", "请核对链接后重试"),
    errno.EMFILE: ("打开的文件太多", "请关闭其他程序后重试"),
    errno.ENFILE: ("打开的文件太多", "请关闭其他程序后重试"),
}


def disk_reason(error: OSError) -> tuple[str, str]:
    """What went wrong and what to do, in Chinese.

    >>> disk_reason(OSError(errno.ENOSPC, "No space left on device"))
    ('磁盘已满', '请腾出空间后重试')
    """
    other = (f"系统报错 {error.strerror or error}", "请核对文件和磁盘后重试")
    return _REASONS.get(error.errno or 0, other)


def disk_sentence(error: OSError) -> str:
    """One line for the person at the keyboard: place, reason, remedy.

    >>> disk_sentence(OSError(errno.EROFS, "", "台账.xlsx"))
    '台账.xlsx:磁盘是只读的。请换到可写的位置,或以可写方式挂载后重试;没有留下写到一半的内容。'
    """
    reason, remedy = disk_reason(error)
    place = f"{os.fsdecode(error.filename)}:" if error.filename else ""
    place = place.encode("utf-8", "replace").decode()
    return f"{place}{reason}。{remedy};{_LEFT_ALONE}。"


def close_output() -> int:
    """End quietly when the reader of the output has gone (`… | head`); exit code 1."""
    # What is still buffered would complain once more at the end of the program.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
