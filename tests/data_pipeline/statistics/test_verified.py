"""Verified rates: random checks only, weighted by the roll they were drawn from."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pyarrow as pa
import pytest

from data_pipeline.rates import (
    ChoiceError,
    Marts,
    open_marts,
    read_checks,
    read_rates,
    read_roll,
)
from data_pipeline.registry import load_registry
from data_pipeline.registry.schema import stored_schema
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build, check
from reports.reported_vs_verified import rows as verification

RURAL, ORGAN = 400, 100


def roll_rows() -> list[dict]:
    """400 branches of one sector and 100 of another; 40 of the 400 are weak."""
    rows = []
    for number in range(RURAL + ORGAN):
        is_rural = number < RURAL
        rows.append(
            {
                "branch": f"B{number:04d}",
                "unit": "350181",
                "township": "一都镇" if number % 2 else "三山镇",
                "sector": "rural" if is_rural else "organ",
                "n_members": 20,
                "n_leaders": 2,
                "is_weak_base": is_rural and number < 40,
            }
        )
    few = {"unit": "350102", "sector": "soe", "is_weak_base": False}
    return rows + [rows[0] | few | {"branch": f"F{n:04d}"} for n in range(50)]


def check_row(number: int, verdict: str | None, **more) -> dict:
    row = {
        "check_date": date(2016, 7, 20),
        "supervision_group": "G2",
        "branch": f"B{number:04d}",
        "selection": "random",
        "is_announced": False,
        "found_topic_1": verdict,
        "found_leaders_attended": 1,
    }
    return row | more


def check_rows() -> list[dict]:
    rows = [check_row(n, "yes" if n % 4 else "no") for n in range(20)]  # weak: 15/20
    rows += [check_row(n, "yes" if n != 40 else "no_evidence") for n in range(40, 60)]
    rows += [check_row(n, "yes") for n in range(RURAL, RURAL + 20)]
    rows += [check_row(60, None)]
    rows += [check_row(0, "yes", branch=f"F{n:04d}") for n in range(9)]
    # None of these says anything about branches that were not visited.
    targeted = {"selection": "targeted"}
    rows += [check_row(n, "no", **targeted) for n in range(100, 150)]
    rows += [check_row(n, "yes", selection="prepared") for n in range(200, 230)]
    # A later check of the same branch takes the place of the earlier one.
    rows += [check_row(41, "no", check_date=date(2016, 8, 2))]
    return rows


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    registry = load_registry()
    lake = Lake(tmp_path_factory.mktemp("checked"))
    with lake.writing():
        for name, rows in (("roll", roll_rows()), ("spot_check", check_rows())):
            schema = stored_schema(registry.tables[name])
            schema = schema.remove(schema.get_field_index("sequence"))
            place = {"source_sheet": "抽查", "source_row": 2}
            table = pa.Table.from_pylist([row | place for row in rows], schema=schema)
            lake.add(
                {name: table},
                registry,
                file=f"{name}.xlsx",
                sha256=name * 4,
                received=datetime(2016, 9, 1, tzinfo=UTC),
            )
        build(lake.root, registry)
    return open_marts(lake.root)


def verified(marts: Marts, metric: str = "topic_1_coverage", **choice):
    choice = {"months": ["2016-07"], "where": {"unit": ["350181"]}} | choice
    return read_rates(marts, metric, basis="verified", **choice)


def test_the_rate_weighs_each_stratum_by_the_roll(checked):
    (row,) = verified(checked).to_dict("records")
    assert (row["numerator"], row["denominator"]) == (15 + 19 + 20, 60)
    assert row["n_blank"] == 1
    expected = (40 * 15 / 20 + 360 * 19 / 20 + 100) / 500
    assert row["rate"] == pytest.approx(expected)
    assert row["lower"] < row["rate"] < row["upper"] <= 1
    # Weak branches are over-sampled: without the weights the figure is wrong.
    assert row["rate"] - 54 / 60 > 0.04


def test_the_columns_stand_in_the_order_of_the_contract(checked):
    assert list(verified(checked, by=["unit", "sector"])) == [
        *("unit", "sector", "numerator", "denominator", "rate", "n_blank"),
        *("std_error", "lower", "upper", "reported_before"),
        *("n_drawn", "n_unvisited", "is_registered"),
        *("worst", "best"),  # for a page; the export leaves them out
    ]


def test_targeted_and_prepared_checks_change_nothing(checked):
    frame = verified(checked, by=["sector"])
    assert frame[["sector", "numerator", "denominator"]].values.tolist() == [
        ["organ", 20, 20],
        ["rural", 34, 40],
    ]


def test_a_later_check_counts_from_its_own_month_on(checked):
    frame = verified(checked, by=["month"], months=["2016-07", "2016-08"])
    assert list(frame.numerator) == [54, 53]


def test_all_confirmed_has_an_exact_lower_limit(checked):
    row = verified(checked, by=["sector"]).iloc[0]
    assert (row.rate, row.upper) == (1.0, 1.0)
    assert 0.8 < row.lower < 1.0


def test_under_ten_checks_there_is_no_rate(checked):
    few = verified(checked, where={"unit": ["350102"]}).iloc[0]
    assert (few.numerator, few.denominator) == (9, 9)
    assert few[["rate", "std_error", "lower", "upper"]].isna().all()


def test_where_nobody_has_checked_the_city_is_one_empty_row(checked):
    none = verified(checked, months=["2016-04"]).iloc[0]
    assert (none.numerator, none.denominator, none.n_blank) == (0, 0, 0)


def test_heads_are_a_ratio_of_weighted_sums(checked):
    row = verified(checked, "leader_attendance").iloc[0]
    assert (row.numerator, row.denominator) == (61, 122)
    assert row.rate == pytest.approx(0.5)


def test_a_metric_that_no_check_looks_at_says_so(checked):
    with pytest.raises(ChoiceError, match="spot checks say nothing about lectures_per"):
        verified(checked, "lectures_per_leader")


def test_a_branch_drawn_twice_is_found_and_kept(checked):
    found = check(checked.root, checked.snapshot, checked.registry).to_pylist()
    assert [(row["rule"], row["branch"]) for row in found] == [
        ("branch_drawn_twice", "B0041")
    ]


def test_the_share_checked_counts_every_selection(checked):
    frame = read_rates(checked, "check_rate", by=["unit"], months=["2016-07"])
    assert list(frame.numerator) == [9, 61 + 50 + 30]
    assert list(frame.denominator) == [50, 500]


def test_the_required_share_counts_random_unannounced_checks_only(checked):
    frame = read_rates(checked, "random_check_rate", by=["unit"], months=["2016-07"])
    every = read_rates(checked, "check_rate", by=["unit"], months=["2016-07"])
    assert list(frame.denominator) == list(every.denominator)
    assert 0 < frame.numerator.sum() < every.numerator.sum()
    assert checked.registry.metrics["check_rate"].target is None


def file_checks(root, filings):
    """A lake of the roll and of filings of checks, each a day later."""
    registry = load_registry()
    lake = Lake(root)
    roll = [{"roll": roll_rows()}]
    with lake.writing():
        for day, tables in enumerate([*roll, *({"spot_check": r} for r in filings)], 1):
            for name, rows in tables.items():
                schema = stored_schema(registry.tables[name])
                schema = schema.remove(schema.get_field_index("sequence"))
                place = {"source_sheet": "抽查", "source_row": 2}
                table = pa.Table.from_pylist([r | place for r in rows], schema=schema)
                lake.add(
                    {name: table},
                    registry,
                    file=f"{day}.xlsx",
                    sha256=f"{day}" * 8,
                    received=datetime(2016, 9, day, tzinfo=UTC),
                )
        build(lake.root, registry)
    return open_marts(lake.root)


JULY_20, JULY_25, OCTOBER = date(2016, 7, 20), date(2016, 7, 25), date(2016, 10, 12)


@pytest.mark.parametrize(
    ("filings", "counts"),
    [
        ([[(JULY_20, "no"), (JULY_25, "yes")]], 1),  # one file: the later visit
        ([[(JULY_20, "no")], [(JULY_25, "yes")]], 1),
        # Filed again with its day put right: the later revision, whatever its day.
        ([[(JULY_25, "no")], [(JULY_20, "yes")]], 1),
        # A round later somebody went again; putting July right undoes nothing.
        ([[(JULY_20, "no"), (OCTOBER, "yes")], [(JULY_25, "no")]], 1),
        # Two groups on one day: the later revision.
        ([[(JULY_20, "no", "G2")], [(JULY_20, "yes", "G1")]], 1),
        ([[(JULY_20, "no", "G1")], [(JULY_20, "yes", "G2")]], 1),
    ],
)
def test_a_branch_checked_twice_counts_once_and_alike_on_page_and_in_export(
    tmp_path, filings, counts
):
    others = [check_row(n, "yes") for n in range(1, 15)]
    named = [
        [
            check_row(0, verdict, check_date=day, supervision_group=(*group, "G2")[0])
            for day, verdict, *group in rows
        ]
        for rows in filings
    ]
    marts = file_checks(tmp_path, [others, *named])
    month = "2016-10"
    row = verified(marts, months=[month], where=None).iloc[0]
    assert (row["numerator"], row["denominator"]) == (14 + counts, 15)
    checked = verification.part(read_checks(marts, month), read_roll(marts))
    page = verification.estimate(checked, "found_topic_1")
    assert (page.n_confirmed, page.n_checked) == (14 + counts, 15)
    assert (page.estimate, page.lower) == (row["rate"], row["lower"])


def test_two_rounds_are_compared_with_those_checked_in_both(tmp_path):
    autumn = {"check_date": OCTOBER}
    july = [check_row(n, "yes" if n % 2 else "no") for n in range(40, 80)]
    october = [check_row(n, "yes", **autumn) for n in range(60, 100)]
    marts = file_checks(tmp_path, [july, october])
    checked = verification.part(read_checks(marts, "2016-10"), read_roll(marts))
    rounds, change = verification.change_of_rounds(checked, "found_topic_1")
    assert rounds == (3, 4) and change.n_both == 20
    assert change.earlier.n_checked == change.later.n_checked == 40
    assert change.points == pytest.approx(50)
    sentence = verification.explain_change((rounds, change))
    assert sentence.startswith("第 3 轮 50.0 % → 第 4 轮 100 %：+50.0 个百分点（")
    assert "不能用抽查的偶然解释；两轮都查过的 20 个支部" in sentence
    in_july = verification.part(read_checks(marts, "2016-07"), read_roll(marts))
    none = verification.change_of_rounds(in_july, "found_topic_1")
    assert verification.explain_change(none) == ""


def test_every_day_of_the_campaign_belongs_to_one_round(checked):
    rows = read_checks(checked, "2016-08").set_index("check_date")["round"]
    assert set(rows) == {3}  # from 18 July until the next begins


def test_levels_of_a_page_are_estimated_from_checks_laid_over_the_roll_once(
    checked, monkeypatch
):
    """And in whatever order they are asked: a grouping takes nothing from another."""
    levels = [(), ("unit",), ("sector",), ("unit", "sector"), ("township",)]
    question = {"months": ["2016-07"], "basis": "verified"}

    def ask(by: tuple[str, ...]) -> pd.DataFrame:
        return read_rates(checked, "topic_1_coverage", by=by, **question)

    alone = {}
    for by in levels:
        checked.recent.clear()
        alone[by] = ask(by)
    queries = []
    query = Marts.query
    monkeypatch.setattr(Marts, "query", lambda *a: queries.append(a[1]) or query(*a))
    for order in (levels, levels[::-1]):
        checked.recent.clear()
        queries.clear()
        for by, found in {by: ask(by) for by in order}.items():
            pd.testing.assert_frame_equal(found, alone[by])
        assert sorted(queries) == ["drawn_rows", "frame_rows", "verified_rows"]
