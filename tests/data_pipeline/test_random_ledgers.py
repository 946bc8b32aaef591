"""Whatever is filed, read_rates gives what a plain recomputation gives, exactly."""

from __future__ import annotations

import itertools
import math
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import PLACES, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import ledger_row, roll_row, submit

REGISTRY = load_registry()
MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")
UNITS = ("350102", "350103", "ZSJG")
SECTORS = ("organ", "rural")
# 鼓楼 has three branches, 台江 one, 市直机关 files totals only.
BRANCHES = {"b1": "350102", "b2": "350102", "b3": "350102", "b4": "350103"}
TOWNSHIPS = (None, "东镇", "西镇")
CUMULATIVE = ("n_branches_topic_1", "n_lectures")
STATES = ("n_branches", "n_leaders")
METRICS = {
    "topic_1_coverage": ("n_branches_topic_1", "n_branches"),
    "lectures_per_leader": ("n_lectures", "n_leaders"),
}
counts = st.none() | st.integers(0, 6)
# A build each: `LEDGERS=50 pytest tests/data_pipeline/test_random_ledgers.py` goes on.
EXAMPLES = int(os.environ.get("LEDGERS", "7"))


@st.composite
def ledger_rows(draw) -> dict[str, Any]:
    branch = draw(st.none() | st.sampled_from(sorted(BRANCHES)))
    return ledger_row(
        draw(st.sampled_from(MONTHS)),
        BRANCHES[branch] if branch else draw(st.sampled_from(UNITS)),
        draw(st.sampled_from(SECTORS)),
        branch,
        basis=draw(st.sampled_from(["to_date", "to_date", "month"])),
        township=draw(st.sampled_from(TOWNSHIPS)),
        **{name: draw(counts) for name in (*STATES, *CUMULATIVE)},
    )


@st.composite
def rolls(draw) -> list[dict[str, Any]]:
    branches = draw(st.sets(st.sampled_from(sorted(BRANCHES))))
    return [
        roll_row(
            branch,
            BRANCHES[branch],
            draw(st.sampled_from(SECTORS)),
            draw(st.sampled_from(TOWNSHIPS)),
        )
        for branch in sorted(branches)
    ]


def reporter(row: dict[str, Any]) -> str:
    return row["branch"] or f"{row['unit']}/{row['sector']}"


def key(row: dict[str, Any]) -> tuple[str, str]:
    return row["month"], reporter(row)


submissions = st.tuples(
    st.integers(0, 5), st.lists(ledger_rows(), min_size=1, max_size=10, unique_by=key)
)


# The recomputation: nothing of the project but the registry's groups.


def in_force(filed: list[tuple[int, list[dict]]]) -> list[dict]:
    latest: dict[tuple[str, str], dict] = {}
    for _, rows in sorted(filed, key=lambda submission: submission[0]):
        latest.update({key(row): row for row in rows})
    return list(latest.values())


def to_date(rows: list[dict]) -> list[dict]:
    so_far: dict[tuple[str, str, str], int] = {}
    result = []
    for row in sorted(rows, key=lambda row: row["month"]):
        added = dict(row)
        for name in CUMULATIVE:
            series = (row["unit"], reporter(row), name)
            if row[name] is not None:
                before = so_far.get(series, 0) if row["basis"] == "month" else 0
                added[name] = so_far[series] = before + row[name]
        result.append(added)
    return result


def placed(rows: list[dict], roll: list[dict]) -> list[dict]:
    townships = {row["branch"]: row["township"] for row in roll}
    return [
        {
            **row,
            "township": townships.get(row["branch"]) or row["township"] or "",
            "supervision_group": REGISTRY.units[row["unit"]].group,
        }
        for row in rows
    ]


def missing(rows: list[dict], roll: list[dict]) -> list[dict]:
    """A row for each month, unit, sector and township that was due and not filed."""
    filed = {(row["month"], row["unit"], row["sector"]) for row in rows}
    with_roll = {row["unit"] for row in roll}
    found = []
    for month in MONTHS:
        due = {(row["unit"], row["sector"], row["township"] or "") for row in roll} | {
            (row["unit"], row["sector"], row["township"])
            for row in rows
            if row["unit"] not in with_roll and row["month"] <= month
        }
        found += [
            {
                "month": month,
                "unit": unit,
                "sector": sector,
                "township": township,
                "supervision_group": REGISTRY.units[unit].group,
            }
            for unit, sector, township in due
            if (month, unit, sector) not in filed
        ]
    return found


def recompute(
    rows: list[dict], absent: list[dict], by: tuple[str, ...], metric: str
) -> dict[tuple, tuple]:
    numerator, denominator = METRICS[metric]
    groups: dict[tuple, dict[str, Any]] = {}

    def group_of(row: dict) -> dict[str, Any]:
        name = tuple(row[dimension] for dimension in by)
        empty = {"sums": [0, 0], "n_blank": 0, "missing": set()}
        return groups.setdefault(name, empty)

    if not by:
        group_of({})
    for row in rows:
        group = group_of(row)
        if row[numerator] is None or row[denominator] is None:
            group["n_blank"] += 1
        else:
            group["sums"][0] += row[numerator]
            group["sums"][1] += row[denominator]
    for row in absent:
        group_of(row)["missing"].add((row["month"], row["unit"], row["sector"]))
    return {
        name: (
            *group["sums"],
            group["sums"][0] / group["sums"][1] if group["sums"][1] else math.nan,
            group["n_blank"],
            len(group["missing"]),
        )
        for name, group in groups.items()
    }


def as_dict(frame: pd.DataFrame, by: tuple[str, ...]) -> dict[tuple, tuple]:
    columns = ["numerator", "denominator", "rate", "n_blank", "n_missing"]
    assert list(frame.columns) == [*by, *columns]
    rows = frame.itertuples(index=False, name=None)
    return {row[: len(by)]: row[len(by) :] for row in rows}


def equal(one: dict[tuple, tuple], other: dict[tuple, tuple]) -> bool:
    return {k: str(v) for k, v in one.items()} == {k: str(v) for k, v in other.items()}


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(submissions, min_size=1, max_size=4), rolls())
def test_every_grouping_is_what_a_plain_recomputation_gives(filed, roll):
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder))
        with lake.writing():
            if roll:
                submit(lake, "2016-04-01", roll=roll)
            for days, rows in filed:
                received = date(2016, 8, 1) + timedelta(days=days)
                submit(lake, received.isoformat(), rows)
            build(lake.root, REGISTRY)
        marts = open_marts(lake.root)
        rows = placed(to_date(in_force(filed)), roll)
        absent = missing(rows, roll)
        for size in range(len(PLACES) + 1):
            for by, metric in itertools.product(
                itertools.combinations(PLACES, size), METRICS
            ):
                # One month is as good as another; the latest holds the most.
                spans = [MONTHS] if "month" in by else [MONTHS[-1:]]
                for months in spans:
                    frame = read_rates(marts, metric, by=by, months=months)
                    kept, gone = (
                        [row for row in part if row["month"] in months]
                        for part in (rows, absent)
                    )
                    expected = recompute(kept, gone, by, metric)
                    assert equal(as_dict(frame, by), expected), (metric, by, months)
