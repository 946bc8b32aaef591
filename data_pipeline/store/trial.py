"""A copy of a lake to try things on: the same submissions, outside the lake.

Its last snapshot comes along, so that a build makes only what is new. No file is ever
rewritten, so that a second name for each is a whole copy; where the disk gives no
second name the bytes are copied.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from data_pipeline.store.lake import Lake
from data_pipeline.store.notes import kept_files
from data_pipeline.store.snapshots import finished_snapshots


@contextlib.contextmanager
def trial_lake(lake: Lake) -> Iterator[Lake]:
    """A lake with what `lake` holds now; it is gone when the context ends.

    What is added to it and built from it leaves `lake` as it is, and no lock is needed.

    Raises
    ------
    ManifestError
        As `Lake.submissions`.
    OSError
        There is no room for it, or a stored file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="trial-lake-") as folder:
        root = Path(folder)
        for submission in lake.submissions():
            entry = lake.manifest.path(submission.sequence)
            names = (str(entry.relative_to(lake.root)), *_files(submission))
            for name in names:
                _link(lake.root / name, root / name)
        for name in kept_files(lake.root):
            _link(lake.root / name, root / name)
        for identity in finished_snapshots(lake.root)[-1:]:
            for path in (lake.root / "marts" / identity).rglob("*"):
                if path.is_file():
                    _link(path, root / path.relative_to(lake.root))
        yield Lake(root)


def _files(submission) -> Iterator[str]:
    return (file.path for file in submission.files)


def _link(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    # A damaged lake may lack a file; whoever builds on it names it.
    with contextlib.suppress(FileNotFoundError):
        try:
            os.link(source, place)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source, place)
