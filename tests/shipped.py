"""The project as it is shipped: what `deploy/Containerfile` puts into a container."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def copy_shipped(into: Path) -> None:
    """Copy all that the container holds of the project below a folder."""
    written = (PROJECT / "deploy" / "Containerfile").read_text("utf-8")
    copied = re.findall(r"^COPY (.+) (\S+)$", written, re.MULTILINE)
    assert len(copied) >= 7
    for sources, target in copied:
        for source in sources.split():
            place = into / target
            if target.endswith("/"):
                place = place / Path(source).name
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (PROJECT / source).is_dir() else shutil.copy
            copy(PROJECT / source, place)
