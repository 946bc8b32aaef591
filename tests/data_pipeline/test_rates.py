"""Rates of the tiny city: counted by hand, and recomputed with pandas."""

from __future__ import annotations

import itertools
import re
import shutil
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from data_pipeline import rates
from data_pipeline.rates import (
    ChoiceError,
    Marts,
    NoSnapshotError,
    open_marts,
    read_filing,
    read_ledger,
    read_rates,
    read_several,
)
from data_pipeline.registry import PLACES, ROLL_DIMENSIONS, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.tiny_city import CANGSHAN, FUQING, ROLL

MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")


def city(marts: Marts, metric: str, month: str) -> tuple:
    frame = read_rates(marts, metric, months=[month])
    return tuple(frame.drop(columns="rate").iloc[0])


@pytest.mark.parametrize(
    ("metric", "month", "numerator", "denominator", "n_blank", "n_missing"),
    [
        # C0002 left April's topic blank; the correction made 市直's 2 a 1.
        ("topic_1_coverage", "2016-04", 12, 24, 1, 0),
        # 福清 非公 filed nothing in May; 市直 has 1 + 3 held to date.
        ("topic_1_coverage", "2016-05", 18, 21, 0, 1),
        ("topic_1_coverage", "2016-06", 24, 25, 0, 0),
        ("topic_1_coverage", "2016-07", 11, 11, 0, 2),
        ("topic_2_coverage", "2016-07", 5, 11, 0, 2),
        ("leader_attendance", "2016-07", 30, 31, 0, 2),
        ("lectures_per_leader", "2016-04", 20, 44, 1, 0),
        # Ten of 仓山 and five of 市直 reach at most 15 of 11 branches: over 100 %.
        ("lecture_reach_ceiling", "2016-07", 15, 11, 0, 2),
        ("member_speaking", "2016-06", 59 + 66 + 12 + 45, 159 + 190 + 56 + 80, 0, 0),
        ("on_time", "2016-04", 3, 3, 0, 0),
        ("on_time", "2016-05", 2, 3, 0, 1),
        ("on_time", "2016-06", 3, 3, 0, 0),
        ("on_time", "2016-07", 2, 3, 0, 2),
    ],
)
def test_the_city_is_what_was_counted_by_hand(
    tiny_marts, metric, month, numerator, denominator, n_blank, n_missing
):
    expected = (numerator, denominator, n_blank, n_missing)
    assert city(tiny_marts, metric, month) == expected


def test_a_rate_over_100_percent_is_kept(tiny_marts):
    frame = read_rates(tiny_marts, "lecture_reach_ceiling", months=["2016-07"])
    assert frame.rate[0] == 15 / 11


def test_an_earlier_state_is_rebuilt_as_it_was_known(tiny_lake: Path, tmp_path: Path):
    copy = Lake(tmp_path)
    shutil.copytree(tiny_lake / "lake", tmp_path / "lake")
    with copy.writing():
        before = datetime.fromisoformat("2016-07-15T00:00:00+08:00")
        snapshot = build(tmp_path, load_registry(), as_of=before)
    marts = open_marts(tmp_path)
    # Without the correction 市直 stands at 2 + 3 + 1 of 5 branches.
    organs = read_rates(
        marts,
        "topic_1_coverage",
        by=["month"],
        where={"unit": ["ZSJG"]},
        months=["2016-04", "2016-05", "2016-06"],
    )
    assert list(organs.numerator) == [2, 5, 6]
    assert organs.rate[2] == 6 / 5
    assert marts.months == ("2016-04", "2016-05", "2016-06")
    assert "截至 2016-07-15" in snapshot.notice("zh")


def test_a_township_is_the_one_of_the_roll(tiny_marts):
    frame = read_rates(
        tiny_marts,
        "topic_2_coverage",
        by=["unit", "township"],
        where={"unit": ["350104"]},
        months=["2016-07"],
    )
    assert frame.values.tolist() == [
        ["350104", "城门镇", 2, 3, 2 / 3, 0, 0],
        ["350104", "建新镇", 1, 2, 0.5, 0, 0],
        ["350104", "盖山镇", 0, 1, 0.0, 0, 0],
    ]


def test_a_pair_that_filed_nothing_is_a_row_with_no_rate(tiny_marts):
    frame = read_rates(
        tiny_marts,
        "topic_1_coverage",
        by=["sector"],
        where={"unit": ["350181"]},
        months=["2016-05"],
    )
    assert list(frame.sector) == ["nonpublic", "rural"]
    silent = frame.iloc[0]
    assert (silent.numerator, silent.denominator, silent.n_missing) == (0, 0, 1)
    assert pd.isna(silent.rate)


def test_a_pair_that_never_was_due_gives_no_row(tiny_marts):
    frame = read_rates(tiny_marts, "topic_1_coverage", by=["unit", "sector"])
    pairs = set(zip(frame.unit, frame.sector, strict=True))
    assert ("ZSJG", "rural") not in pairs
    assert len(pairs) == 5


def plain_rows() -> pd.DataFrame:
    """The tiny city's ledger as to-date rows, worked out without SQL."""
    roll = {row[0]: row for row in ROLL}
    rows = []
    for month, branches in CANGSHAN.items():
        for branch, lectures, grass, topic_1, topic_2, *_ in branches:
            place = "rural" if "-R" in branch else "community"
            town = roll[branch][3]
            figures = (1, roll[branch][7], lectures, grass, topic_1, topic_2)
            rows.append((month, "350104", place, town, *figures))
    sectors = {"农村": "rural", "非公": "nonpublic"}
    for month, totals in FUQING.items():
        for row in totals:
            figures = (row[6], row[8], row[9], row[10], row[11], row[12])
            rows.append((month, "350181", sectors[row[4]], "", *figures))
    held, lectures, grass, second = 0, 0, 0, 0
    monthly = [(1, 3, 1, 0), (3, 2, 1, 0), (1, 4, 2, 0), (0, 3, 1, 2)]
    for month, (topic_1, talks, talks_below, topic_2) in zip(
        MONTHS, monthly, strict=True
    ):
        held, lectures = held + topic_1, lectures + talks
        grass, second = grass + talks_below, second + topic_2
        rows.append((month, "ZSJG", "organ", "", 5, 20, lectures, grass, held, second))
    columns = ["month", "unit", "sector", "township", "n_branches", "n_leaders"]
    columns += ["n_lectures", "n_lectures_grassroots"]
    columns += ["n_branches_topic_1", "n_branches_topic_2"]
    frame = pd.DataFrame(rows, columns=columns)
    owners = {"350104": "G1", "350181": "G2", "ZSJG": "G4"}
    frame["supervision_group"] = frame.unit.map(owners)
    return frame


@pytest.mark.parametrize("size", range(len(PLACES) + 1))
@pytest.mark.parametrize(
    "metric",
    ["topic_1_coverage", "topic_2_coverage", "lectures_per_leader"]
    + ["grassroots_lecture_share", "lecture_reach_ceiling"],
)
def test_every_combination_of_dimensions_equals_pandas(tiny_marts, metric, size):
    definition = tiny_marts.registry.metrics[metric]
    plain = plain_rows()
    known = plain[[definition.numerator, definition.denominator]].notna().all(axis=1)
    for by in map(list, itertools.combinations(PLACES, size)):
        months = MONTHS if "month" in by else ("2016-04",)
        rows = plain[plain.month.isin(months)]
        keys = by or [lambda _: 0]
        sums = (
            rows[known[rows.index]]
            .groupby(keys)[[definition.numerator, definition.denominator]]
            .sum()
        )
        blanks = (
            (~known[rows.index]).groupby([rows[k] for k in by] or [lambda _: 0]).sum()
        )
        got = read_rates(tiny_marts, metric, by=by, months=months)
        got = got[(got.denominator > 0) | (got.n_blank > 0)]
        wanted = pd.DataFrame(
            {
                "numerator": sums[definition.numerator],
                "denominator": sums[definition.denominator],
                "n_blank": blanks,
            }
        ).fillna(0)
        wanted = wanted.astype("int64").reset_index(drop=not by)
        wanted = wanted.sort_values(by or ["numerator"], ignore_index=True)
        pd.testing.assert_frame_equal(
            got[[*by, "numerator", "denominator", "n_blank"]].reset_index(drop=True),
            wanted,
            check_dtype=False,
        )


KINDS = {
    row[0]: {"branch_type": row[5], "is_weak_base": {"是": "yes", "否": "no"}[row[8]]}
    for row in ROLL
}
TYPES = {"普通": "ordinary", "流动": "mobile", "联合": "joint"}


@pytest.mark.parametrize("by", [["branch_type"], ["is_weak_base"], [*ROLL_DIMENSIONS]])
@pytest.mark.parametrize("also", [[], ["unit"], ["sector", "month"], ["township"]])
def test_what_a_branch_is_on_the_roll_divides_as_pandas_does(tiny_marts, by, also):
    """仓山区 files by branch and has a roll; totals of other units reach none."""
    rows = pd.DataFrame(
        [
            {
                "month": month,
                "unit": "350104",
                "sector": "rural" if "-R" in branch else "community",
                "township": {row[0]: row[3] for row in ROLL}[branch],
                "branch_type": TYPES[KINDS[branch]["branch_type"]],
                "is_weak_base": KINDS[branch]["is_weak_base"],
                "held": held,
            }
            for month, branches in CANGSHAN.items()
            for branch, _, _, held, *_ in branches
        ]
    )
    months = MONTHS if "month" in also else ("2016-04",)
    rows = rows[rows["month"].isin(months)]
    keys = [*also, *by]
    wanted = rows.groupby(keys, as_index=False).agg(
        numerator=("held", "sum"),
        denominator=("held", "count"),
        n_blank=("held", lambda held: held.isna().sum()),
    )
    got = read_rates(tiny_marts, "topic_1_coverage", by=keys, months=months)
    assert (got["n_missing"] == 0).all()
    wanted = wanted.sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(
        got[list(wanted)], wanted, check_dtype=False, check_index_type=False
    )


def test_a_part_of_the_roll_can_be_kept_and_the_city_is_still_the_city(tiny_marts):
    query = {"months": ["2016-07"]}
    weak = {"is_weak_base": ["yes"]}
    kept = read_rates(tiny_marts, "topic_2_coverage", where=weak, **query)
    assert kept[["numerator", "denominator"]].values.tolist() == [[1, 1]]
    city = read_rates(tiny_marts, "topic_2_coverage", **query)
    assert city[["numerator", "denominator"]].values.tolist() == [[5, 11]]


def test_ledger_rows_say_where_they_stand(tiny_marts):
    rows = read_ledger(tiny_marts, months=["2016-04"], where={"unit": ["ZSJG"]})
    assert rows.n_branches_topic_1.tolist() == [1]
    assert rows.source_file.tolist() == ["04-市直-更正.xlsx"]
    assert rows.source_sheet.tolist() == ["台账"]
    assert rows.source_row.tolist() == [4]


@pytest.mark.parametrize("by", [(), ("unit",), ("unit", "month")])
def test_several_metrics_in_one_query_are_the_frames_of_each_alone(tiny_marts, by):
    ids = list(load_registry().metrics)[::-1]
    months = ("2016-05", "2016-07") if "month" in by else ("2016-05",)
    frames = read_several(tiny_marts, ids, by=by, months=months)
    assert list(frames) == ids
    for metric, frame in frames.items():
        alone = read_rates(tiny_marts, metric, by=by, months=months)
        pd.testing.assert_frame_equal(frame, alone, check_dtype=len(alone) > 0)


def test_several_metrics_refuse_a_dimension_that_one_of_them_lacks(tiny_marts):
    with pytest.raises(ChoiceError, match="on_time has no dimension 'sector'"):
        read_several(tiny_marts, ["topic_1_coverage", "on_time"], by=["sector"])


def test_lateness_is_given_by_unit_and_month(tiny_marts):
    filing = read_filing(tiny_marts).set_index(["month", "unit"])
    late = filing.loc[("2016-05", "350181")]
    assert late.first_received == pd.Timestamp("2016-06-20 01:00")
    assert late.n_units_on_time == 0
    assert (late.n_sectors_due, late.n_sectors_filed) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"metric": "topic_1_covrage"}, "did you mean 'topic_1_coverage'"),
        ({"metric": "on_time", "by": ["sector"]}, "has no dimension 'sector'"),
        ({"metric": "on_time", "by": ["unit", "unit"]}, "appears twice"),
        ({"metric": "topic_1_coverage", "months": MONTHS}, "ask for one month"),
        ({"metric": "topic_1_coverage", "basis": "guessed"}, "is not a basis"),
    ],
)
def test_a_choice_that_does_not_exist_is_a_sentence(tiny_marts, arguments, sentence):
    metric = arguments.pop("metric")
    with pytest.raises(ChoiceError, match=re.escape(sentence)):
        read_rates(tiny_marts, metric, **arguments)


def test_without_a_snapshot_the_sentence_says_what_to_run(tmp_path: Path):
    with pytest.raises(NoSnapshotError, match="data_pipeline build"):
        open_marts(tmp_path)


DRILLS = {
    "a cell": {"where": {"unit": ["350103"], "sector": ["organ"]}},
    "two units": {"where": {"unit": ["350103", "ZSJG"]}},
    "a group": {"where": {"supervision_group": ["G2"]}},
    "a sector": {"where": {"sector": ["nonpublic"]}},
    "a branch": {"branches": ["350112-R0040"]},
    "a branch and the totals of its unit": {
        "branches": ["350112-R0040", ""],
        "where": {"unit": ["350112"]},
    },
    "nobody": {"branches": ["350112-R00405"]},
}


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_takes_in_the_ledgers_of_what_it_asks_alone(doubtful_lake, name):
    question, marts = DRILLS[name], open_marts(doubtful_lake)
    months = marts.months
    rows = read_ledger(marts, months=months)
    wanted = pd.Series(True, rows.index)
    for place, codes in question.get("where", {}).items():
        wanted &= rows[place].isin(codes)
    if "branches" in question:
        wanted &= rows["branch"].isin(question["branches"])
    assert wanted.any() == (name != "nobody")

    marts = open_marts(doubtful_lake)
    for _ in range(2):
        found = read_ledger(marts, months=months, **question)
        expected = rows[wanted].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)
        held = marts.cursor().execute("select distinct unit from held_ledger")
        assert len(held.fetchall()) < rows["unit"].nunique()
    # What is held for one question is not read twice for the next.
    pd.testing.assert_frame_equal(read_ledger(marts, months=months), rows)


@pytest.mark.parametrize(
    ("most", "most_rows", "kept"),
    [(8, 100, "bcda"), (2, 100, "da"), (8, 25, "da"), (8, 9, "")],
)
def test_answers_are_kept_up_to_a_number_of_them_and_of_their_rows(
    tiny_lake, monkeypatch, most, most_rows, kept
):
    marts = open_marts(tiny_lake)
    monkeypatch.setattr(rates, "_MOST_RECENT", most)
    monkeypatch.setattr(rates, "_MOST_RECENT_ROWS", most_rows)
    for name in "abcada":
        assert marts.keep((name,), lambda: range(10)) == range(10)
    # What was asked last stays longest.
    assert "".join(name for _, name in marts.recent) == kept
