"""Where the lake lies that this server reads."""

from __future__ import annotations

import os
from pathlib import Path

LAKE_VARIABLE = "LEDGER_LAKE"
DEFAULT_LAKE = "parquet"


def lake_folder() -> Path:
    """The folder of the lake: what LEDGER_LAKE names, else parquet/."""
    return Path(os.environ.get(LAKE_VARIABLE) or DEFAULT_LAKE)
