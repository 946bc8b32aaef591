"""Where the lake lies that this server reads."""

from __future__ import annotations

import os
from pathlib import Path

from data_pipeline.store.working_copy import catch_up, lake_root

LAKE_VARIABLE = "LEDGER_LAKE"
DEFAULT_LAKE = "parquet"
# What lies in a bucket, and the manifest, which may have thousands of entries, are
# looked at this often.
RECHECK_SECONDS = 5


def lake_name() -> str:
    """The lake as commands take it: what LEDGER_LAKE names, else parquet/."""
    return os.environ.get(LAKE_VARIABLE) or DEFAULT_LAKE


def lake_folder() -> Path:
    """The folder of the lake; of one in a bucket the working copy of this machine.

    Raises
    ------
    ValueError
        LEDGER_LAKE is an address that names no bucket.
    """
    return lake_root(lake_name())


def look_again() -> OSError | None:
    """Fetch what is new in a bucket, if it was not looked at some seconds ago.

    Returns
    -------
    What hinders it, if anything. What was fetched before can still be read.
    """
    try:
        catch_up(lake_folder(), RECHECK_SECONDS)
    except OSError as error:
        return error
    return None
