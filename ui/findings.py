"""What became of findings, for every page that lists them."""

from __future__ import annotations

import pandas as pd

from data_pipeline import rates
from data_pipeline.registry import load_registry
from reports import findings
from ui import marts


def ask_courses() -> pd.DataFrame:
    """`findings.list_courses` of this run's snapshot, kept for all readers."""

    def find() -> pd.DataFrame:
        states = rates.read_staged(marts.current(), findings.TABLE)
        if states is None:
            return pd.DataFrame(columns=list(findings.COURSE))
        return findings.list_courses(states, load_registry())

    return marts.kept("finding_courses", find)
