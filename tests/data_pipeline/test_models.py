"""The SQL models: rows in, rows out."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data_pipeline import warehouse
from data_pipeline.check_findings import check_rows
from data_pipeline.rates import (
    ChoiceError,
    open_marts,
    read_filing,
    read_ledger,
    read_rates,
)
from data_pipeline.registry import load_registry
from data_pipeline.store import snapshots
from data_pipeline.store.lake import ClockError, Lake
from data_pipeline.store.snapshots import KEPT_SNAPSHOTS
from data_pipeline.warehouse import build, current_snapshot
from tests.submitted_rows import (
    instant,
    ledger_row,
    read_model,
    roll_row,
    rows_of,
    submit,
)

GULOU, TAIJIANG, FUQING = "350102", "350103", "350181"


@pytest.fixture
def lake(tmp_path: Path):
    """An empty lake, held as its one writer."""
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        yield lake


def lectures(lake: Lake, **build_options) -> list[tuple]:
    """Month and lectures to date of every ledger row that is in force."""
    snapshot = build(lake.root, load_registry(), **build_options)
    return read_model(lake.root, snapshot, "ledger", "month", "n_lectures")


def series(unit: str, *figures: tuple, **given) -> list[dict]:
    """Ledger rows of one unit's organs: (month, basis, lectures)."""
    return [
        ledger_row(
            month, unit, "organ", basis=basis, n_branches=9, n_lectures=n, **given
        )
        for month, basis, n in figures
    ]


def findings(lake: Lake) -> list[tuple]:
    registry = load_registry()
    snapshot = current_snapshot(lake.root) or build(lake.root, registry)
    found = check_rows(open_marts(lake.root, registry, snapshot))
    columns = ("rule", "month", "column_name", "total", "other_name", "other_total")
    return [tuple(row[c] for c in columns) for row in found]


# Latest revision


def test_the_later_received_row_supersedes_the_earlier(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 5)))
    assert lectures(lake) == [("2016-04", 5)]


def test_received_time_counts_before_the_order_of_arrival(lake):
    submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 5)))
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    assert lectures(lake) == [("2016-04", 5)]


def test_of_two_received_together_the_one_that_arrived_last_counts(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 5)))
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    assert lectures(lake) == [("2016-04", 3)]


def test_of_three_revisions_only_the_last_is_in_force(lake):
    for day, figure in (("10", 3), ("20", 5), ("15", 4)):
        submit(lake, f"2016-05-{day}", series(GULOU, ("2016-04", "to_date", figure)))
    assert lectures(lake) == [("2016-04", 5)]


def test_a_correction_to_blank_makes_the_count_blank(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", None)))
    assert lectures(lake) == [("2016-04", None)]


def test_rows_that_a_later_file_leaves_out_stay_in_force(lake):
    first = [
        ledger_row("2016-04", GULOU, "rural", f"b{n}", n_branches=1, n_lectures=n)
        for n in (1, 2, 3)
    ]
    submit(lake, "2016-05-10", first)
    submit(lake, "2016-05-20", [{**first[1], "n_lectures": 20}])
    found = rows_of(lake.root, "ledger", "branch", "n_lectures")
    assert found == [("b1", 1), ("b2", 20), ("b3", 3)]


def test_a_branch_that_is_filed_under_another_sector_is_not_counted_twice(lake):
    wrong = ledger_row("2016-04", GULOU, "rural", "b1", n_branches=1, n_lectures=2)
    other = ledger_row("2016-04", GULOU, "rural", "b2", n_branches=1, n_lectures=7)
    submit(lake, "2016-05-10", [wrong, other])
    submit(lake, "2016-05-20", [{**wrong, "sector": "community"}])
    columns = ("branch", "sector", "n_lectures")
    assert rows_of(lake.root, "ledger", *columns) == [
        ("b1", "community", 2),
        ("b2", "rural", 7),
    ]


def test_totals_of_two_sectors_are_two_keys(lake):
    rows = series(GULOU, ("2016-04", "to_date", 3))
    submit(lake, "2016-05-10", rows)
    submit(lake, "2016-05-20", [{**rows[0], "sector": "rural", "n_lectures": 4}])
    assert lectures(lake) == [("2016-04", 3), ("2016-04", 4)]


def test_every_row_says_where_it_came_from(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)), file="a.xlsx")
    late = submit(
        lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 5)), file="b.xlsx"
    )
    build(lake.root, load_registry())
    row = read_ledger(open_marts(lake.root), months=["2016-04"]).iloc[0]
    assert (row.source_file, row.source_sheet, row.source_row) == ("b.xlsx", "台账", 4)
    assert row.submission == late.id
    assert row.received == datetime(2016, 5, 19, 16)


# As of


def test_a_past_state_is_rebuilt(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 5)))
    submit(lake, "2016-06-10", series(GULOU, ("2016-05", "to_date", 8)))
    assert lectures(lake, as_of=instant("2016-05-15")) == [("2016-04", 3)]
    assert lectures(lake, as_of=instant("2016-05-20")) == [("2016-04", 5)]
    assert lectures(lake) == [("2016-04", 5), ("2016-05", 8)]


def test_a_past_state_knows_no_month_that_had_not_begun(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    as_of = instant("2016-06-20")
    snapshot = build(lake.root, load_registry(), as_of=as_of)
    months = read_model(lake.root, snapshot, "months", "month", "is_closed")
    assert months == [("2016-04", True), ("2016-05", True), ("2016-06", False)]
    assert snapshot.as_of == as_of
    assert snapshot.notice() == "截至 2016-06-20 00:00+08:00 收到的台账"
    assert current_snapshot(lake.root) == snapshot


# Month-only figures


def test_month_only_figures_are_added_up(lake):
    rows = [("2016-04", "month", 3), ("2016-05", "month", 2), ("2016-06", "month", 4)]
    submit(lake, "2016-07-10", series(GULOU, *rows))
    assert lectures(lake) == [("2016-04", 3), ("2016-05", 5), ("2016-06", 9)]


def test_states_are_never_added_up(lake):
    rows = [
        ledger_row(
            month,
            GULOU,
            "organ",
            basis="month",
            n_organizations=12,
            n_branches=10,
            n_members=100,
            n_leaders=20,
            n_lectures=1,
        )
        for month in ("2016-04", "2016-05")
    ]
    submit(lake, "2016-07-10", rows)
    columns = ("n_organizations", "n_branches", "n_members", "n_leaders", "n_lectures")
    assert rows_of(lake.root, "ledger", "month", *columns, "n_members_ordinary") == [
        ("2016-04", 12, 10, 100, 20, 1, 80),
        ("2016-05", 12, 10, 100, 20, 2, 80),
    ]


def test_every_cumulative_count_is_added_up(lake):
    cumulative = [
        column.name
        for column in load_registry().tables["ledger"].columns
        if column.kind == "cumulative"
    ]
    rows = [
        ledger_row(
            month,
            GULOU,
            "organ",
            basis="month",
            n_branches=9,
            **{name: position for position, name in enumerate(cumulative, 1)},
        )
        for month in ("2016-04", "2016-05", "2016-06")
    ]
    submit(lake, "2016-07-10", rows)
    found = rows_of(lake.root, "ledger", "month", *cumulative)
    assert found[2] == ("2016-06", *(3 * n for n in range(1, len(cumulative) + 1)))


def test_a_blank_month_is_blank_and_the_next_adds_to_what_is_known(lake):
    rows = [("2016-04", "month", 3), ("2016-05", "month", None)]
    submit(lake, "2016-07-10", series(GULOU, *rows, ("2016-06", "month", 4)))
    assert lectures(lake) == [("2016-04", 3), ("2016-05", None), ("2016-06", 7)]


def test_a_missing_month_stays_missing(lake):
    rows = [("2016-04", "month", 3), ("2016-06", "month", 4)]
    submit(lake, "2016-07-10", series(GULOU, *rows))
    assert lectures(lake) == [("2016-04", 3), ("2016-06", 7)]
    assert findings(lake) == [("month_missing_in_flow", "2016-06", "", None, "", None)]


def test_a_late_correction_flows_into_the_later_months(lake):
    rows = [("2016-04", "month", 3), ("2016-05", "month", 2)]
    submit(lake, "2016-06-10", series(GULOU, *rows))
    submit(lake, "2016-06-20", series(GULOU, ("2016-04", "month", 30)))
    assert lectures(lake, as_of=instant("2016-06-15"))[1] == ("2016-05", 5)
    assert lectures(lake) == [("2016-04", 30), ("2016-05", 32)]


def test_a_sum_to_date_among_month_only_figures_starts_anew(lake):
    rows = [("2016-04", "month", 3), ("2016-05", "to_date", 10)]
    submit(lake, "2016-07-10", series(GULOU, *rows, ("2016-06", "month", 4)))
    assert lectures(lake) == [("2016-04", 3), ("2016-05", 10), ("2016-06", 14)]


def test_a_blank_sum_to_date_forgets_nothing(lake):
    rows = [
        ("2016-04", "month", 3),
        ("2016-05", "to_date", None),
        ("2016-06", "month", 4),
        ("2016-07", "to_date", 9),
        ("2016-08", "to_date", None),
        ("2016-09", "month", 1),
    ]
    submit(lake, "2016-10-10", series(GULOU, *rows))
    assert lectures(lake) == [
        ("2016-04", 3),
        ("2016-05", None),
        ("2016-06", 7),
        ("2016-07", 9),
        ("2016-08", None),
        ("2016-09", 10),
    ]


def test_each_unit_has_its_own_basis(lake):
    both = [("2016-04", 3), ("2016-05", 4)]
    submit(lake, "2016-07-10", series(GULOU, *((m, "month", n) for m, n in both)))
    submit(lake, "2016-07-10", series(FUQING, *((m, "to_date", n) for m, n in both)))
    found = rows_of(lake.root, "ledger", "unit", "month", "n_lectures")
    assert found == [
        (GULOU, "2016-04", 3),
        (GULOU, "2016-05", 7),
        (FUQING, "2016-04", 3),
        (FUQING, "2016-05", 4),
    ]


def test_branches_of_one_unit_are_added_up_each_for_itself(lake):
    rows = [
        ledger_row(month, GULOU, "rural", branch, basis=basis, n_lectures=n)
        for month, branch, basis, n in (
            ("2016-04", "b1", "month", 1),
            ("2016-05", "b1", "month", 2),
            ("2016-04", "b2", "to_date", 10),
            ("2016-05", "b2", "to_date", 20),
        )
    ]
    submit(lake, "2016-07-10", rows)
    found = rows_of(lake.root, "ledger", "branch", "month", "n_lectures")
    assert found == [
        ("b1", "2016-04", 1),
        ("b1", "2016-05", 3),
        ("b2", "2016-04", 10),
        ("b2", "2016-05", 20),
    ]


def test_a_branch_keeps_its_sum_when_its_sector_changes(lake):
    rows = [
        ledger_row("2016-04", GULOU, "rural", "b1", basis="month", n_lectures=1),
        ledger_row("2016-05", GULOU, "community", "b1", basis="month", n_lectures=2),
    ]
    submit(lake, "2016-07-10", rows)
    found = rows_of(lake.root, "ledger", "month", "sector", "n_lectures")
    assert found == [("2016-04", "rural", 1), ("2016-05", "community", 3)]
    assert findings(lake) == []


# Townships


@pytest.mark.parametrize(
    ("on_roll", "in_ledger", "expected"),
    [
        ("城门镇", "盖山镇", "城门镇"),
        ("城门镇", None, "城门镇"),
        (None, "盖山镇", "盖山镇"),
        (None, None, ""),
    ],
)
def test_the_township_of_the_roll_goes_before_that_of_the_ledger(
    lake, on_roll, in_ledger, expected
):
    submit(lake, "2016-04-20", roll=[roll_row("b1", GULOU, "rural", on_roll)])
    row = ledger_row("2016-04", GULOU, "rural", "b1", township=in_ledger, n_branches=1)
    submit(lake, "2016-05-10", [row])
    assert rows_of(lake.root, "ledger", "township") == [(expected,)]
    assert rows_of(lake.root, "ledger_sums", "township", "n_branches") == [
        (expected, 1)
    ]


def test_a_branch_that_is_not_on_the_roll_keeps_the_township_it_filed(lake):
    row = ledger_row("2016-04", GULOU, "rural", "b9", township="盖山镇", n_branches=1)
    submit(lake, "2016-05-10", [row])
    assert rows_of(lake.root, "ledger", "township") == [("盖山镇",)]


def test_the_latest_roll_speaks_for_a_branch(lake):
    submit(lake, "2016-04-20", roll=[roll_row("b1", GULOU, "rural", "旧镇")])
    submit(lake, "2016-05-20", roll=[roll_row("b1", GULOU, "community", "新镇")])
    submit(lake, "2016-05-01", roll=[roll_row("b1", GULOU, "school", "中镇")])
    assert rows_of(lake.root, "roll", "branch", "sector", "township") == [
        ("b1", "community", "新镇")
    ]


# Spine: what was due


def spine(lake: Lake, *months: str) -> list[tuple]:
    columns = ("month", "unit", "sector", "is_due", "is_filed")
    rows = rows_of(lake.root, "spine", *columns)
    return sorted({row for row in rows if row[0] in months})


def test_a_unit_with_a_roll_is_due_for_what_stands_on_it(lake):
    roll = [roll_row("b1", GULOU, "rural"), roll_row("b2", GULOU, "organ")]
    submit(lake, "2016-04-20", roll=roll)
    filed = [
        ledger_row("2016-05", GULOU, "rural", "b1", n_branches=1),
        ledger_row("2016-05", GULOU, "school", n_branches=4),
    ]
    submit(lake, "2016-06-10", filed)
    assert spine(lake, "2016-04", "2016-05") == [
        ("2016-04", GULOU, "organ", True, False),
        ("2016-04", GULOU, "rural", True, False),
        ("2016-05", GULOU, "organ", True, False),
        ("2016-05", GULOU, "rural", True, True),
        ("2016-05", GULOU, "school", False, True),
    ]


def test_a_unit_without_a_roll_is_due_for_what_it_filed_so_far(lake):
    submit(lake, "2016-04-20", roll=[roll_row("b1", GULOU, "rural")])
    submit(lake, "2016-06-10", series(FUQING, ("2016-05", "to_date", 1)))
    submit(
        lake, "2016-07-10", [ledger_row("2016-06", FUQING, "nonpublic", n_branches=2)]
    )
    found = spine(lake, "2016-04", "2016-05", "2016-06", "2016-07")
    assert [row for row in found if row[1] == FUQING] == [
        ("2016-05", FUQING, "organ", True, True),
        ("2016-06", FUQING, "nonpublic", True, True),
        ("2016-06", FUQING, "organ", True, False),
        ("2016-07", FUQING, "nonpublic", True, False),
        ("2016-07", FUQING, "organ", True, False),
    ]


def test_a_pair_that_lies_in_two_townships_is_one_pair(lake):
    roll = [
        roll_row("b1", GULOU, "rural", "东镇"),
        roll_row("b2", GULOU, "rural", "西镇"),
    ]
    submit(lake, "2016-04-20", roll=roll)
    submit(lake, "2016-05-10", series(FUQING, ("2016-04", "to_date", 1)))
    build(lake.root, load_registry())
    marts = open_marts(lake.root)
    metric = "topic_1_coverage"
    assert read_rates(marts, metric).n_missing.to_list() == [1]
    by_township = read_rates(marts, metric, by=["township"], where={"unit": [GULOU]})
    assert by_township[["township", "n_missing"]].to_numpy().tolist() == [
        ["东镇", 1],
        ["西镇", 1],
    ]


def test_half_of_a_pair_s_branches_are_enough_for_the_pair_to_have_filed(lake):
    roll = [
        roll_row("b1", GULOU, "rural", "东镇"),
        roll_row("b2", GULOU, "rural", "西镇"),
    ]
    submit(lake, "2016-04-20", roll=roll)
    row = ledger_row("2016-04", GULOU, "rural", "b1", n_branches=1)
    submit(lake, "2016-05-10", [row])
    build(lake.root, load_registry())
    rates = read_rates(open_marts(lake.root), "topic_1_coverage", by=["township"])
    assert rates.n_missing.to_list() == [0]


# Blanks and sums


def test_a_blank_row_is_counted_beside_the_rate_and_never_as_zero(lake):
    rows = [
        ledger_row("2016-04", GULOU, "rural", "b1", n_branches=1, n_branches_topic_1=1),
        ledger_row("2016-04", GULOU, "rural", "b2", n_branches=1),
        ledger_row("2016-04", GULOU, "rural", "b3", n_branches=1, n_branches_topic_1=0),
        ledger_row("2016-04", GULOU, "rural", "b4", n_branches_topic_1=1),
    ]
    submit(lake, "2016-05-10", rows)
    build(lake.root, load_registry())
    rates = read_rates(open_marts(lake.root), "topic_1_coverage", by=["unit"])
    assert rates.to_numpy().tolist() == [[GULOU, 1, 2, 0.5, 2, 0]]


def test_where_everything_is_blank_the_rate_is_undefined(lake):
    submit(lake, "2016-05-10", [ledger_row("2016-04", GULOU, "rural", n_branches=5)])
    build(lake.root, load_registry())
    row = read_rates(open_marts(lake.root), "topic_1_coverage", by=["unit"]).iloc[0]
    assert (row.numerator, row.denominator, row.n_blank) == (0, 0, 1)
    assert row.rate != row.rate


def test_a_denominator_of_zero_gives_no_rate(lake):
    row = ledger_row("2016-04", GULOU, "rural", n_leaders=0, n_leaders_attended=0)
    submit(lake, "2016-05-10", [row])
    build(lake.root, load_registry())
    row = read_rates(open_marts(lake.root), "leader_attendance", by=["unit"]).iloc[0]
    assert (row.numerator, row.denominator, row.n_blank) == (0, 0, 0)
    assert row.rate != row.rate


def test_over_100_percent_is_kept(lake):
    rows = [
        ledger_row(
            month, GULOU, "rural", basis="month", n_branches=4, n_branches_topic_1=3
        )
        for month in ("2016-04", "2016-05")
    ]
    submit(lake, "2016-06-10", rows)
    build(lake.root, load_registry())
    rates = read_rates(open_marts(lake.root), "topic_1_coverage", by=["month"])
    assert rates.rate.to_list() == [1.5]


def test_ordinary_members_are_members_without_leaders_where_both_are_known(lake):
    rows = [
        ledger_row(
            "2016-04", GULOU, sector, n_members=m, n_leaders=n, n_members_spoke=1
        )
        for sector, m, n in (("rural", 30, 4), ("organ", 20, None), ("soe", None, 3))
    ]
    submit(lake, "2016-05-10", rows)
    build(lake.root, load_registry())
    row = read_rates(open_marts(lake.root), "member_speaking").iloc[0]
    assert (row.numerator, row.denominator, row.n_blank) == (1, 26, 2)


def test_sums_do_not_overflow_or_lose_a_unit(lake):
    big = 2**53 + 1
    row = ledger_row("2016-04", GULOU, "rural", n_lectures=big, n_leaders=1)
    submit(lake, "2016-05-10", [row])
    build(lake.root, load_registry())
    rates = read_rates(open_marts(lake.root), "lectures_per_leader", by=["unit"])
    assert rates.numerator.to_list() == [big]
    assert str(rates.numerator.dtype) == str(rates.denominator.dtype) == "int64"


def test_a_month_among_the_places_is_refused_and_not_forgotten(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    build(lake.root, load_registry())
    with pytest.raises(ChoiceError, match="choose it with `months`"):
        read_rates(
            open_marts(lake.root), "topic_1_coverage", where={"month": ["2016-04"]}
        )


# Filing


def filing(lake: Lake) -> dict[tuple[str, str], tuple]:
    build(lake.root, load_registry())
    frame = read_filing(open_marts(lake.root))
    columns = ["n_sectors_due", "n_sectors_filed", "n_units_due", "n_units_on_time"]
    keys = zip(frame.month, frame.unit, strict=True)
    rows = frame[columns].itertuples(index=False, name=None)
    return dict(zip(keys, rows, strict=True))


@pytest.mark.parametrize(
    ("received", "is_on_time"),
    [("2016-05-15T23:59:59", 1), ("2016-05-16T00:00:00", 0)],
)
def test_the_last_instant_of_the_filing_day_is_on_time(lake, received, is_on_time):
    submit(lake, received, series(GULOU, ("2016-04", "to_date", 1)))
    assert filing(lake)["2016-04", GULOU] == (1, 1, 1, is_on_time)


def test_a_correction_after_the_deadline_leaves_the_ledger_on_time(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 1)))
    submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 2)))
    assert filing(lake)["2016-04", GULOU] == (1, 1, 1, 1)


def test_lateness_is_remembered_when_it_is_repaired(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 1)))
    submit(lake, "2016-06-20", series(GULOU, ("2016-05", "to_date", 2)))
    found = filing(lake)
    assert found["2016-04", GULOU] == (1, 1, 1, 1)
    assert found["2016-05", GULOU] == (1, 1, 1, 0)
    rates = read_rates(
        open_marts(lake.root), "on_time", by=["month"], months=["2016-04", "2016-05"]
    )
    assert rates.rate.to_list() == [1.0, 0.0]


def test_a_unit_is_on_time_only_with_everything_that_is_due(lake):
    roll = [roll_row("b1", GULOU, "rural"), roll_row("b2", GULOU, "organ")]
    submit(lake, "2016-04-20", roll=roll)
    submit(lake, "2016-05-10", [ledger_row("2016-04", GULOU, "rural", "b1")])
    found = filing(lake)
    assert found["2016-04", GULOU] == (2, 1, 1, 0)
    assert found["2016-05", GULOU] == (2, 0, 1, 0)


def test_nobody_owes_a_month_before_its_deadline(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 1)))
    submit(lake, "2016-05-10", series(TAIJIANG, ("2016-04", "to_date", 1)))
    submit(lake, "2016-06-08", series(GULOU, ("2016-05", "to_date", 1)))
    snapshot = build(lake.root, load_registry(), as_of=instant("2016-06-10"))
    columns = ("month", "unit", "n_units_on_time")
    found = read_model(lake.root, snapshot, "filing", *columns)
    # 鼓楼 has filed May already; 台江 has until the 15th and is not yet counted.
    assert found == [
        ("2016-04", GULOU, 1),
        ("2016-04", TAIJIANG, 1),
        ("2016-05", GULOU, 1),
    ]


# Snapshots


def test_the_same_lake_gives_the_same_marts(lake):
    submit(lake, "2016-04-20", roll=[roll_row("b1", GULOU, "rural", "东镇")])
    submit(lake, "2016-05-10", series(FUQING, ("2016-04", "month", 1)))
    submit(lake, "2016-05-10", [ledger_row("2016-04", GULOU, "rural", "b1")])
    first, second = (build(lake.root, load_registry()) for _ in range(2))
    assert first.id != second.id
    for name in ("leaf", "spine", "filing", "ledger_sums"):
        assert read_model(lake.root, first, name, "*") == read_model(
            lake.root, second, name, "*"
        )


class BrokenError(Exception):
    """The disk is full, the power is gone."""


@pytest.mark.parametrize("at", ["leaf", "replace_file", "rename"])
def test_a_build_that_dies_leaves_the_old_snapshot_in_force(lake, monkeypatch, at):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    old = build(lake.root, load_registry())
    submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 5)))

    def fail(*_arguments, **_options):
        raise BrokenError

    with monkeypatch.context() as patched:
        if at == "leaf":
            write = warehouse.DuckDBEngine.write

            def write_until_leaf(engine, select, path):
                if path.parent.name == at:
                    raise BrokenError
                write(engine, select, path)

            patched.setattr(warehouse.DuckDBEngine, "write", write_until_leaf)
        elif at == "replace_file":
            patched.setattr(warehouse, "replace_file", fail)
        else:
            patched.setattr(Path, "rename", fail)
        with pytest.raises(BrokenError):
            build(lake.root, load_registry())
    assert current_snapshot(lake.root) == old
    assert read_rates(open_marts(lake.root), "lectures_per_leader").numerator[0] == 0
    found = read_model(lake.root, old, "ledger", "n_lectures")
    assert found == [(3,)]
    new = build(lake.root, load_registry())
    assert current_snapshot(lake.root) == new
    assert read_model(lake.root, new, "ledger", "n_lectures") == [(5,)]


KILLED_BUILD = """
import os, signal, sys
from data_pipeline.store.lake import Lake
from data_pipeline.registry import load_registry
from data_pipeline.warehouse import build

def progress(name, done, of_how_many):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

lake = Lake(sys.argv[1])
with lake.writing():
    build(lake.root, load_registry(), progress=progress)
"""


def test_a_build_killed_half_way_is_never_seen_and_swept_up_by_the_next(tmp_path):
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
        old = build(lake.root, load_registry())
        submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 5)))
    command = [sys.executable, "-c", KILLED_BUILD, str(lake.root), "leaf"]
    killed = subprocess.run(command, check=False, capture_output=True)
    assert killed.returncode == -9
    assert list((lake.root / "marts").glob("*.building"))
    assert current_snapshot(lake.root) == old
    assert read_model(lake.root, old, "ledger", "n_lectures") == [(3,)]
    with lake.writing():
        new = build(lake.root, load_registry())
    assert not list((lake.root / "marts").glob("*.building"))
    assert read_model(lake.root, new, "ledger", "n_lectures") == [(5,)]


def test_a_reader_keeps_the_snapshot_it_opened(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3), n_leaders=2))
    build(lake.root, load_registry())
    marts = open_marts(lake.root)
    submit(lake, "2016-05-20", series(GULOU, ("2016-04", "to_date", 5), n_leaders=2))
    build(lake.root, load_registry())
    assert read_rates(marts, "lectures_per_leader").numerator.to_list() == [3]
    assert read_ledger(marts).n_lectures.to_list() == [3]
    again = open_marts(lake.root)
    assert read_rates(again, "lectures_per_leader").numerator.to_list() == [5]


def test_old_snapshots_are_pruned_and_recent_ones_kept(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    built = [build(lake.root, load_registry()).id for _ in range(KEPT_SNAPSHOTS + 2)]
    kept = sorted(path.name for path in (lake.root / "marts").iterdir())
    assert kept == built[-KEPT_SNAPSHOTS:]


def test_a_snapshot_that_is_read_is_not_pruned(lake, monkeypatch):
    monkeypatch.setattr(snapshots, "KEPT_SNAPSHOTS", 1)
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3), n_leaders=2))
    first = build(lake.root, load_registry())
    marts = open_marts(lake.root)
    second = build(lake.root, load_registry())
    kept = {path.name for path in (lake.root / "marts").iterdir()}
    assert kept == {first.id, second.id}
    assert read_rates(marts, "lectures_per_leader").numerator.to_list() == [3]
    # Its reader gone, it goes with the next build.
    marts.held.close()
    third = build(lake.root, load_registry())
    assert [path.name for path in (lake.root / "marts").iterdir()] == [third.id]


def test_a_clock_that_was_set_back_is_said_and_hides_no_month(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    before = build(lake.root, load_registry())
    with pytest.raises(ClockError, match="clock says 2016-05-09"):
        build(lake.root, load_registry(), now=instant("2016-05-09"))
    assert current_snapshot(lake.root) == before
    as_of = instant("2016-05-10")
    assert build(lake.root, load_registry(), as_of=as_of).as_of == as_of


def test_a_clock_that_goes_back_does_not_prune_the_current_snapshot(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    for _ in range(KEPT_SNAPSHOTS):
        build(lake.root, load_registry())
    yesterday = datetime.now(UTC) - timedelta(days=1)
    snapshot = build(lake.root, load_registry(), now=yesterday)
    assert current_snapshot(lake.root) == snapshot
    assert open_marts(lake.root).months == ("2016-04",)


def test_a_foreign_file_beside_the_snapshots_hurts_nobody(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    build(lake.root, load_registry())
    (lake.root / "marts" / ".DS_Store").write_bytes(b"")
    for _ in range(KEPT_SNAPSHOTS + 1):
        snapshot = build(lake.root, load_registry())
    assert current_snapshot(lake.root) == snapshot


def test_the_engine_reads_and_writes_nothing_outside_its_folder(lake, tmp_path):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    build(lake.root, load_registry())
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    cursor = open_marts(lake.root).cursor()
    for attempt in (
        f"select * from read_csv('{secret}')",
        f"copy (select 1) to '{tmp_path / 'out.csv'}'",
        "set enable_external_access = true",
        "install httpfs",
    ):
        with pytest.raises(Exception, match="(?i)permission|lock|disabled|access"):
            cursor.execute(attempt)
    assert not (tmp_path / "out.csv").exists()


def test_the_engine_prints_nothing(lake):
    submit(lake, "2016-05-10", series(GULOU, ("2016-04", "to_date", 3)))
    build(lake.root, load_registry())
    setting = "select current_setting('enable_progress_bar')"
    cursor = open_marts(lake.root).cursor()
    assert cursor.execute(setting).fetchone() == (False,)


# Checks


def test_clean_figures_have_no_finding(lake):
    submit(lake, "2016-04-20", roll=[roll_row("b1", FUQING, "rural")])
    rows = [("2016-04", "to_date", 3), ("2016-05", "to_date", 3)]
    submit(lake, "2016-07-10", series(GULOU, *rows, ("2016-06", "to_date", 4)))
    months = [("2016-04", "month", 3), ("2016-05", "month", 0)]
    submit(lake, "2016-07-10", series(TAIJIANG, *months))
    assert findings(lake) == []


def test_a_sum_that_falls_is_found_against_the_last_one_filed(lake):
    rows = [
        ("2016-04", "to_date", 3),
        ("2016-05", "to_date", None),
        ("2016-06", "to_date", 2),
        ("2016-07", "to_date", 5),
    ]
    submit(lake, "2016-08-10", series(GULOU, *rows), file="a.xlsx")
    assert findings(lake) == [
        ("cumulative_falls", "2016-06", "n_lectures", 2, "2016-04", 3)
    ]


def test_a_branch_is_followed_into_another_sector_of_its_unit(lake):
    for month, sector, n in (("2016-04", "organ", 3), ("2016-05", "rural", 2)):
        row = ledger_row(month, GULOU, sector, "B1", n_branches=1, n_lectures=n)
        submit(lake, f"{month}-20", [row])
    assert findings(lake) == [
        ("cumulative_falls", "2016-05", "n_lectures", 2, "2016-04", 3)
    ]


def test_a_state_may_fall(lake):
    rows = [
        ledger_row(month, GULOU, "organ", n_branches=n, n_members=10 * n)
        for month, n in (("2016-04", 9), ("2016-05", 8))
    ]
    submit(lake, "2016-07-10", rows)
    assert findings(lake) == []


def test_a_part_that_grows_over_its_whole_is_found(lake):
    rows = [
        ledger_row(
            month, GULOU, "organ", basis="month", n_branches=4, n_branches_topic_1=3
        )
        for month in ("2016-04", "2016-05")
    ]
    submit(lake, "2016-07-10", rows)
    assert findings(lake) == [
        ("topic_1_within_branches", "2016-05", "n_branches_topic_1", 6, "n_branches", 4)
    ]


def test_a_whole_that_falls_short_of_its_part_is_found(lake):
    rows = [
        ledger_row(
            "2016-04",
            GULOU,
            "organ",
            basis="month",
            n_leaders=9,
            n_leaders_attended=9,
            n_leaders_spoke=5,
            n_leader_speeches=4,
        )
    ]
    submit(lake, "2016-07-10", rows)
    assert findings(lake) == [
        (
            "speeches_cover_speakers",
            "2016-04",
            "n_leader_speeches",
            4,
            "n_leaders_spoke",
            5,
        )
    ]


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (["2016-04", "2016-05", "2016-06"], []),
        (["2016-05"], ["2016-05"]),
        (["2016-04", "2016-07", "2016-09"], ["2016-07", "2016-09"]),
    ],
)
def test_a_month_that_is_missing_in_a_flow_is_found(lake, months, expected):
    submit(lake, "2016-10-10", series(GULOU, *((m, "month", 1) for m in months)))
    found = findings(lake)
    assert [row[1] for row in found] == expected
    assert {row[0] for row in found} <= {"month_missing_in_flow"}


def test_a_finding_names_the_row_it_stands_in(lake):
    rows = [("2016-04", "to_date", 3), ("2016-05", "to_date", 2)]
    submit(lake, "2016-06-10", series(GULOU, *rows), file="a.xlsx")
    registry = load_registry()
    snapshot = build(lake.root, registry)
    (row,) = check_rows(open_marts(lake.root, registry, snapshot))
    assert row["unit"] == GULOU
    assert row["sector"] == "organ"
    assert row["branch"] == ""
    assert row["source_file"] == "a.xlsx"
    assert (row["source_sheet"], row["source_row"]) == ("台账", 5)
