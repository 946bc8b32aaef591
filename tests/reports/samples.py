"""Snapshots and frames that tests of the reports share."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import load_registry
from reports.files.export_context import ExportContext

REGISTRY = load_registry()
REAL = Snapshot(
    id="20160815T010000-0a1b2c3d",
    built_at=datetime(2016, 8, 15, 1, tzinfo=UTC),
    as_of=None,
    is_demo=False,
    n_submissions=13,
    recipe="",
    files=(),
    set_aside=(),
)
DEMO = dataclasses.replace(REAL, is_demo=True)
PAST = dataclasses.replace(REAL, as_of=datetime(2016, 7, 31, tzinfo=UTC))


def rates(by: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows of (codes …, numerator, denominator, n_blank, n_missing) with their rate."""
    columns = [*by, "numerator", "denominator", "n_blank", "n_missing"]
    frame = pd.DataFrame(rows, columns=columns)
    rate = frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    frame.insert(len(by) + 2, "rate", rate.astype("float64"))
    return frame


def context(metric: str = "topic_2_coverage", **changes: Any) -> ExportContext:
    """Topic 2 in July, not grouped, real and current, unless stated otherwise."""
    chosen = {
        "snapshot": REAL,
        "registry": REGISTRY,
        "metric": REGISTRY.metrics[metric],
        "months": ("2016-07",),
    }
    return ExportContext(**chosen | changes)
