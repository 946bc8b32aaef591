import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_pipeline.statistics.credibility import (
    FINDING_COLUMNS,
    find_ahead_of_window,
    find_all_at_100,
    find_copied_months,
    find_cumulative_falls,
    find_jumps,
    find_last_days,
    find_lucky_digits,
    find_near_neighbours,
    find_own_lectures,
    find_part_over_whole,
    find_round_digits,
    find_same_in_two_units,
    find_too_smooth,
)

FIELDS = ["a", "b", "c", "d", "e", "f"]
TOPIC = {"n_branches_topic_2": "n_branches"}
OPENED = {"n_branches_topic_2": "2016-07"}


def make_cells(months, *, unit="350111", sector="rural", n_branches=100, **counts):
    return pd.DataFrame(
        {"month": months, "unit": unit, "sector": sector, "n_branches": n_branches}
        | counts
    )


def test_a_part_may_equal_its_whole_but_not_exceed_it():
    cells = make_cells(["2016-07"] * 4, n_branches_topic_2=[100, 101, None, 0])
    found = find_part_over_whole(cells, TOPIC)
    assert found[["value", "reference", "rows"]].values.tolist() == [[101, 100, (1,)]]
    assert found.columns.tolist() == list(FINDING_COLUMNS)


def test_an_honest_ledger_gives_an_empty_frame_with_all_columns():
    cells = make_cells(["2016-07"], n_branches_topic_2=[40])
    found = find_part_over_whole(cells, TOPIC)
    assert found.empty and found.columns.tolist() == list(FINDING_COLUMNS)


def test_a_fall_is_found_across_a_month_that_was_not_reported():
    cells = make_cells(
        ["2016-06", "2016-04", "2016-05"], n_lectures=[30, 40, None]
    ).set_index(pd.Index(["june", "april", "may"]))
    found = find_cumulative_falls(cells, ["n_lectures"])
    assert found[["month", "value", "reference", "rows"]].values.tolist() == [
        ["2016-06", 30, 40, ("june", "april")]
    ]


def test_each_place_falls_by_itself():
    cells = pd.concat(
        [
            make_cells(["2016-06"], n_lectures=[40]),
            make_cells(["2016-07"], n_lectures=[10], sector="soe"),
            make_cells(["2016-07"], n_lectures=[10]).assign(branch="B1"),
        ],
        ignore_index=True,
    )
    assert find_cumulative_falls(cells, ["n_lectures"]).empty


@given(st.lists(st.integers(0, 50), min_size=1, max_size=9))
def test_a_fall_is_found_exactly_where_a_count_is_lower_than_before(counts):
    months = [f"2016-{month:02d}" for month in range(1, len(counts) + 1)]
    found = find_cumulative_falls(make_cells(months, n_lectures=counts), ["n_lectures"])
    lower = [
        m for m, a, b in zip(months[1:], counts, counts[1:], strict=False) if b < a
    ]
    assert found["month"].tolist() == lower


def perfect(n, counts):
    duties = {name: f"{name}_due" for name in FIELDS[: len(counts)]}
    columns = dict(zip(duties, counts, strict=True)) | dict.fromkeys(duties.values(), n)
    return make_cells(["2016-09"], **columns), duties


@pytest.mark.parametrize(
    ("n", "counts", "is_found"),
    [
        (50, [50, 50, 50, 20], True),
        (50, [50, 50, 49, 20], False),
        (49, [49, 49, 49, 49], False),  # too small to be doubted
        (50, [50, 50, 51, 20], False),  # over 100 % is another finding
        (50, [50, 50, None, 20], False),
    ],
)
def test_three_duties_at_exactly_100_percent_are_found(n, counts, is_found):
    cells, duties = perfect(n, counts)
    assert len(find_all_at_100(cells, duties)) == is_found


def test_a_cell_at_100_names_its_duties_and_no_chance():
    cells, duties = perfect(60, [60, 60, 60])
    found = find_all_at_100(cells, duties)
    assert found["field"].item() == "a, b, c"
    assert np.isnan(found["p_value"].item())


def copied(before, after, n_branches=100, wholes=None, windows=None, months=None):
    columns = {
        name: list(pair) for name, *pair in zip(FIELDS, before, after, strict=True)
    }
    cells = make_cells(
        months or ["2016-07", "2016-08"], n_branches=n_branches, **columns
    )
    return find_copied_months(cells, FIELDS, wholes or {}, windows or {})


def test_five_equal_counts_are_a_copy_and_four_are_not():
    before = [7, 8, 9, 10, 11, 12]
    assert copied(before, [7, 8, 9, 10, 11, 13])["value"].tolist() == [5]
    assert copied(before, [7, 8, 9, 10, 14, 13]).empty


def test_zero_and_blank_counts_do_not_make_a_copy():
    assert copied([0, None, 9, 10, 11, 12], [0, None, 9, 10, 11, 12]).empty


def test_a_count_that_has_reached_its_whole_does_not_make_a_copy():
    before = [100, 100, 9, 10, 11, 12]
    assert len(copied(before, before)) == 1
    assert copied(before, before, wholes=dict.fromkeys("ab", "n_branches")).empty


def test_a_topic_whose_window_is_closed_does_not_make_a_copy():
    before = [97, 97, 9, 10, 11, 12]
    closed = dict.fromkeys("ab", ("2016-04", "2016-06"))
    assert copied(before, before, windows=closed).empty
    still_open = dict.fromkeys("ab", ("2016-07", "2016-09"))
    assert len(copied(before, before, windows=still_open)) == 1


def test_only_the_month_just_before_can_be_copied():
    counts = [7, 8, 9, 10, 11, 12]
    assert copied(counts, counts, months=["2016-06", "2016-08"]).empty
    across = copied(counts, counts, months=["2016-12", "2017-01"])
    assert across["month"].tolist() == ["2017-01"]


def test_a_cell_of_a_few_branches_may_stand_still():
    counts = [7, 8, 9, 9, 9, 9]
    assert copied(counts, counts, n_branches=9).empty
    assert len(copied(counts, counts, n_branches=10)) == 1


def test_a_whole_unit_can_be_compared_with_its_sector_left_blank():
    counts = {name: [7, 7] for name in FIELDS}
    cells = make_cells(["2016-07", "2016-08"], sector=None, **counts)
    found = find_copied_months(cells, FIELDS, {}, {})
    assert found[["unit", "sector"]].values.tolist() == [["350111", None]]


def test_the_same_row_in_two_units_is_found_in_both():
    counts = {name: [17, 17, 18] for name in FIELDS} | {"f": [None, None, 3]}
    cells = make_cells(["2016-08"] * 3, **counts).assign(unit=["A", "B", "C"])
    found = find_same_in_two_units(cells, FIELDS)
    assert found["unit"].tolist() == ["A", "B"]
    assert found["rows"].tolist() == [(0, 1), (0, 1)]
    assert find_same_in_two_units(cells.assign(unit="A"), FIELDS).empty
    other_months = cells.assign(month=["2016-07", "2016-08", "2016-09"])
    assert find_same_in_two_units(other_months, FIELDS).empty


def jumps(counts, months=("2016-07", "2016-08", "2016-09", "2016-10"), **options):
    months = list(months[: len(counts)])
    cells = make_cells(months, n_branches_topic_2=counts, **options)
    return find_jumps(cells, TOPIC, OPENED)


@pytest.mark.parametrize(
    ("counts", "months"),
    [
        ([3, 7, 98], ["2016-09"]),
        ([0, 0, 98], ["2016-09"]),
        ([26, 56, 80, 85], []),  # a steady run
        ([26, 56, 80, 99.9], []),  # 19.9 points
        ([5, 12, 33], []),  # 21 points, but 3 times the median gain of 7
        ([5, 12, 33.1], ["2016-09"]),
        ([90, 92], []),  # two months have no middle
        ([60, 90, 20, 92], []),  # back to where it was after a fall
    ],
)
def test_a_jump_is_out_of_line_and_more_than_20_points(counts, months):
    assert jumps(counts)["month"].tolist() == months


def test_a_gain_over_months_without_a_report_is_spread_over_them():
    assert jumps([10, 20, 30], ("2016-07", "2016-08", "2016-09")).empty
    assert jumps([10, 20, 80], ("2016-07", "2016-08", "2016-11")).empty
    assert len(jumps([10, 20, 80], ("2016-07", "2016-08", "2016-09"))) == 1


def test_small_cells_and_months_before_the_window_do_not_jump():
    assert jumps([0, 0, 29], n_branches=29).empty
    assert len(jumps([0, 0, 30], n_branches=30)) == 1
    before = ("2016-04", "2016-05", "2016-06", "2016-07")
    assert jumps([0, 0, 0, 60], before).empty


def test_events_crowded_into_the_last_three_days_are_found():
    def found(n_early, n_late, late="2016-07-29 23:00"):
        events = pd.DataFrame(
            {
                "date": [
                    pd.Timestamp(day)
                    for day in ["2016-07-28"] * n_early + [late] * n_late
                ],
                "unit": "350102",
            }
        )
        return find_last_days(events)

    assert found(4, 6)["rows"].tolist() == [tuple(range(4, 10))]
    assert found(5, 5).empty  # half is not more than half
    assert found(3, 6).empty  # nine events
    assert found(4, 6, late="2016-07-31").shape[0] == 1
    assert found(4, 6, late="2016-07-28").empty


def digits(values, **options):
    cells = make_cells("2016-07", n_branches=10**6, a=values).assign(
        branch=[f"B{i}" for i in range(len(values))]
    )
    return find_round_digits(cells, ["a"], {"a": "n_branches"}, **options)


def test_counts_that_end_in_0_and_5_too_often_are_found():
    honest = list(range(100, 300))
    assert digits(honest).empty
    found = digits(honest + [10, 15] * 30)
    assert found["value"].item() == pytest.approx((40 + 60) / 260)
    assert found["rows"].item()[:3] == (0, 5, 10)
    assert digits([10] * 99).empty  # fewer than 100
    assert digits([5] * 300).empty  # under 8 everything is near a round number


def test_a_proven_but_trivial_excess_of_round_digits_is_no_finding():
    # 23 % of 20,000: p is below 1e-20.
    assert digits([10] * 4600 + [11] * 15400).empty


def test_a_count_that_stays_or_has_reached_its_whole_is_looked_at_once_or_never():
    months = [f"2016-{month:02d}" for month in range(1, 13)]
    stays = pd.concat(
        [
            make_cells(months, n_branches=500, a=10 * i).assign(branch=f"B{i}")
            for i in range(1, 12)
        ],
        ignore_index=True,
    )
    assert find_round_digits(stays, ["a"], {}).empty  # 132 values, 11 counted ones
    full = make_cells("2016-07", a=[100] * 200).assign(branch=range(200))
    assert len(find_round_digits(full, ["a"], {})) == 1
    assert find_round_digits(full, ["a"], {"a": "n_branches"}).empty


def test_a_topic_before_its_window_is_found():
    cells = make_cells(["2016-06", "2016-07"], n_branches_topic_2=[1, 5])
    assert find_ahead_of_window(cells, OPENED)["month"].tolist() == ["2016-06"]


def lectures(all_count, grassroots, **options):
    return make_cells(
        ["2016-09"], n_lectures=all_count, n_lectures_grassroots=grassroots, **options
    )


def checks(found, month="2016-09"):
    return pd.DataFrame(
        {
            "month": month,
            "unit": "350111",
            "sector": "rural",
            "branch": [f"B{i}" for i in range(len(found))],
            "found_lectures_grassroots": found,
        }
    )


def test_all_lectures_grassroots_is_doubted_when_checks_find_fewer():
    assert len(find_own_lectures(lectures(80, 80), checks([0, 0, 0, 0, 1] * 2))) == 1
    assert find_own_lectures(lectures(80, 80), checks([1, 0, 1, 1, 1] * 2)).empty
    assert find_own_lectures(lectures(80, 79), checks([0] * 10)).empty
    assert find_own_lectures(lectures(80, 80), checks([0, 0, 0])).empty  # 2.4 expected
    other_month = checks([0] * 10, month="2016-08")
    assert find_own_lectures(lectures(80, 80), other_month).empty


def test_a_branch_that_files_its_own_row_is_held_against_that_row():
    ledger = pd.concat(
        [lectures(2, 2, n_branches=1).assign(branch=f"B{i}") for i in range(20)],
        ignore_index=True,
    )
    found = find_own_lectures(ledger, checks([1, 2]))
    assert found[["value", "reference"]].values.tolist() == [[3, 4]]
    assert found["rows"].item() == tuple(range(20))
    assert find_own_lectures(ledger, checks([2, 2])).empty
    # One branch with lectures of its own kind: the cell does not claim them all.
    ledger.loc[7, "n_lectures_grassroots"] = 1
    assert find_own_lectures(ledger, checks([1, 2])).empty


def test_blank_findings_of_a_check_are_left_out():
    found = find_own_lectures(lectures(80, 80), checks([0] * 5 + [np.nan] * 5))
    assert found["reference"].item() == pytest.approx(4)


def test_rows_must_be_distinguished_by_their_labels():
    cells = make_cells(["2016-07", "2016-08"], n_branches_topic_2=[40, 50])
    with pytest.raises(ValueError, match="label"):
        find_part_over_whole(cells.set_index(pd.Index([1, 1])), TOPIC)


def test_an_absent_column_is_named():
    with pytest.raises(ValueError, match="n_branches_topic_2"):
        find_part_over_whole(make_cells(["2016-07"]), TOPIC)


def growing(**counts):
    months = [f"2016-{month:02d}" for month in range(4, 4 + len(counts["a"]))]
    return make_cells(months, **counts)


def test_counts_that_grow_by_the_same_every_month_are_too_smooth():
    line = {"a": [0, 20, 40, 61, 81], "b": [3, 9, 15, 21, 27], "c": [0, 8, 16, 24, 31]}
    found = find_too_smooth(growing(**line), list("abc"), {})
    assert found[["value", "rows"]].values.tolist() == [[3, (4, 3, 2, 1, 0)]]
    assert found["month"].isna().all()
    # Counted ones scatter: gains of 14, 27, 18, 22.
    counted = line | {"a": [0, 14, 41, 59, 81], "b": [3, 7, 15, 19, 27]}
    assert find_too_smooth(growing(**counted), list("abc"), {}).empty


@pytest.mark.parametrize(
    "change",
    [
        {"c": [0, 8, 16, 24]},  # three months of gains are too few
        {"c": [0, 2, 4, 6, 8]},  # a count that hardly moves does not speak
        {"c": [0, 8, None, 24, 31]},
        {"c": [0, 8, 7, 24, 31]},
    ],
)
def test_few_months_or_counts_are_not_judged_for_smoothness(change):
    line = {"a": [0, 20, 40, 61, 81], "b": [3, 9, 15, 21, 27]} | change
    n = min(map(len, line.values()))
    line = {name: values[:n] for name, values in line.items()}
    assert find_too_smooth(growing(**line), list("abc"), {}).empty


def test_a_topic_is_judged_by_the_three_months_of_its_window():
    line = {name: [0, 0, 0, 10, 20, 30, 30, 30] for name in "abc"}
    windows = dict.fromkeys("abc", ("2016-07", "2016-09"))
    found = find_too_smooth(growing(**line), list("abc"), windows)
    assert found["rows"].tolist() == [(5, 4, 3, 2)]


def test_months_that_were_not_filed_break_the_line():
    line = {name: [0, 20, 40, 60, 80] for name in "abc"}
    cells = growing(**line)
    cells["month"] = ["2016-04", "2016-05", "2016-07", "2016-08", "2016-09"]
    assert find_too_smooth(cells, list("abc"), {}).empty


def neighbours(there, n_branches=(100, 100), wholes=None, **changes):
    here = [40, 50, 60, 70, 80, 90]
    counts = {name: list(pair) for name, *pair in zip(FIELDS, here, there, strict=True)}
    cells = make_cells(["2016-08"] * 2, n_branches=list(n_branches), **counts)
    cells = cells.assign(unit=["350111", "350112"], **changes)
    return find_near_neighbours(cells, FIELDS, wholes or {})


def test_six_counts_within_7_per_cent_of_another_units_are_near():
    found = neighbours([42, 49, 63, 70, 78, 92])
    assert found["unit"].tolist() == ["350111", "350112"]
    assert found["rows"].tolist() == [(0, 1), (1, 0)]
    assert found["value"].max() == pytest.approx(0.05)
    assert neighbours([45, 49, 63, 70, 78, 92]).empty  # 40 and 45: 12.5 % apart
    assert neighbours([42, 49, 63, 70, 78, None]).empty  # five counts
    assert neighbours([42, 49, 63, 70, 78, 92], sector=["rural", "soe"]).empty
    assert neighbours([42, 49, 63, 70, 78, 92], month=["2016-07", "2016-08"]).empty


def test_a_neighbour_copied_per_branch_is_near_and_one_of_another_size_is_not():
    assert len(neighbours([20, 25, 30, 36, 40, 45], n_branches=(100, 50))) == 2
    assert neighbours([20, 25, 30, 36, 40, 45], n_branches=(100, 80)).empty


def test_equal_rows_and_counts_that_are_full_are_not_near_but_the_same_or_done():
    assert neighbours([40, 50, 60, 70, 80, 90]).empty
    wholes = dict.fromkeys("ab", "n_members")
    near = [42, 49, 63, 70, 78, 92]
    assert neighbours(near, wholes=wholes, n_members=40).empty
    assert len(neighbours(near, wholes=wholes, n_members=400)) == 2


def test_counts_that_end_in_6_and_8_too_often_are_found():
    honest = make_cells("2016-07", a=list(range(100, 300))).assign(branch=range(200))
    assert find_lucky_digits(honest, ["a"], {}).empty
    lucky = make_cells("2016-07", a=[16 + 10 * i for i in range(120)])
    lucky = lucky.assign(branch=range(120))
    assert find_lucky_digits(lucky, ["a"], {})["value"].tolist() == [1.0]
    assert find_round_digits(lucky, ["a"], {}).empty
    eights = make_cells("2016-07", a=[8] * 120).assign(branch=range(120))
    assert find_lucky_digits(eights, ["a"], {}).empty
