"""Built lakes that one run of the tests shares, all its workers included."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from data_pipeline.store.audit import FOLDER


class SharedLakes:
    """Makes each lake once in a run, and sees to it that nobody changes one.

    Parameters
    ----------
    folder
        The same for every worker of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[Path, dict[str, int]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def of(self, make: Callable[..., Path], *options: object) -> Path:
        """The root of the lake that `make(folder, *options)` builds: to read from.

        `make` and `options` must say all that it is made of, the latter by their repr.
        """
        name = f"{make.__module__}.{make.__qualname__}{options!r}"
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        place = self.folder / f"{make.__name__}-{digest}"
        finished = place.with_suffix(".json")
        with open(place.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not finished.exists():
                shutil.rmtree(place, ignore_errors=True)  # an attempt that failed
                place.mkdir()
                root = make(place, *options)
                found = {"root": str(root), "files": files_of(root)}
                finished.write_text(json.dumps(found), "utf-8")
        found = json.loads(finished.read_text("utf-8"))
        root = Path(found["root"])
        self.made[root] = found["files"]
        return root

    def check(self) -> None:
        """Fail where a test has written into a lake that others read.

        Raises
        ------
        AssertionError
            With the lake and the files that came, went or grew.
        """
        for root, files in self.made.items():
            changed = dict(files_of(root).items() ^ files.items())
            assert not changed, f"{root}: work on a copy; changed: {sorted(changed)}"


def files_of(root: Path) -> dict[str, int]:
    """Every file below a folder with its size, but for the record of who read what."""
    found = (path for path in root.rglob("*") if path.is_file())
    found = (path for path in found if FOLDER not in path.parts)
    return {str(path.relative_to(root)): path.stat().st_size for path in found}
