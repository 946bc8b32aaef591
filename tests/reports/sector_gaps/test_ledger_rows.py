"""Rows behind a figure: what lacks most first, with its source, and their sum."""

import pandas as pd
import pytest

from data_pipeline.rates import read_ledger, read_rates
from data_pipeline.registry import load_registry
from reports.sector_gaps.ledger_rows import ORIGIN, add_up, rows_behind

REGISTRY = load_registry()
MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")
RATIOS = [m for m in REGISTRY.metrics.values() if m.has_ledger_rows]


def behind(marts, metric: str, month: str, **where: str) -> pd.DataFrame:
    places = {name: (code,) for name, code in where.items()}
    ledger = read_ledger(marts, months=(month,), where=places)
    return rows_behind(ledger, REGISTRY.metrics[metric], REGISTRY)


@pytest.mark.parametrize("metric", RATIOS, ids=lambda metric: metric.id)
@pytest.mark.parametrize("month", MONTHS)
def test_the_rows_add_up_to_the_rate_of_the_city(tiny_marts, metric, month):
    rates = read_rates(tiny_marts, metric.id, months=(month,))
    if month < metric.remembered_month:
        # What was done by the due day is not known before the ledger of its month.
        assert rates.empty
        return
    rows = behind(tiny_marts, metric.id, metric.ledger_month(month))
    whole = rows.dropna(subset=[metric.numerator, metric.denominator])
    city = rates.iloc[0]
    assert whole[metric.numerator].sum() == city["numerator"]
    assert whole[metric.denominator].sum() == city["denominator"]
    assert len(rows) - len(whole) == city["n_blank"]


def test_what_is_blank_or_lacks_most_stands_first(tiny_marts):
    rows = behind(tiny_marts, "member_speaking", "2016-04", unit="350104")
    lacking = rows["n_members_ordinary"] - rows["n_members_spoke"]
    assert lacking.tolist() == sorted(lacking, reverse=True)
    blank = behind(tiny_marts, "topic_1_coverage", "2016-04", unit="350104")
    assert blank.loc[0, "branch"] == "350104-C0002"
    assert pd.isna(blank.loc[0, "n_branches_topic_1"])


def test_each_row_says_where_it_stands_and_when_it_came(tiny_marts):
    rows = behind(tiny_marts, "topic_1_coverage", "2016-04", unit="ZSJG")
    assert list(rows.columns[-5:]) == list(ORIGIN)
    row = rows.iloc[0]
    assert (row["source_file"], row["source_sheet"], row["source_row"]) == (
        "04-市直-更正.xlsx",
        "台账",
        4,
    )
    assert row["received"] == pd.Timestamp("2016-07-20T09:00+08:00")


def test_the_sum_is_said_with_what_is_left_out(tiny_marts):
    metric = REGISTRY.metrics["topic_1_coverage"]
    rows = behind(tiny_marts, metric.id, "2016-04", unit="350104")
    assert add_up(rows, metric) == (
        "6 行合计 3 / 5 = 60.0 %，与上面的数字一致。其中 1 行未填，不计入。"
    )
    assert add_up(rows, metric, "en") == (
        "6 rows, together 3 / 5 = 60.0 %, the figure above. "
        "1 of these is blank and left out."
    )
    assert add_up(rows.head(0), metric) == "当月未收到此处的台账。"
