"""Where only the speakers of each topic were counted: what that allows, and no more."""

from __future__ import annotations

import pandas as pd
import pytest

from data_pipeline.rates import (
    ChoiceError,
    open_marts,
    read_rates,
    read_speaking_bounds,
)
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.submitted_rows import ledger_row, submit


def by_topic(sector: str, n_members: int, *speakers: int | None, **more):
    """A row of 市属高校·学校 in July that counts speakers by topic."""
    counts = {f"n_speakers_topic_{k}": n for k, n in enumerate(speakers, 1)}
    return ledger_row(
        more.pop("month", "2016-07"),
        more.pop("unit", "GX"),
        sector,
        **{"n_branches": 9, "n_members": n_members, "n_leaders": 10} | counts | more,
    )


@pytest.fixture
def bounds(tmp_path):
    """`bounds(rows, by=…)`: the bounds of a lake that holds these ledger rows."""

    def read(rows, **question) -> pd.DataFrame:
        lake = Lake(tmp_path / "lake_root")
        with lake.writing():
            submit(lake, "2016-08-10", rows)
            build(lake.root, load_registry())
        return read_speaking_bounds(
            open_marts(lake.root), **{"months": ["2016-07"]} | question
        )

    return read


def test_a_speaker_of_two_topics_is_one_person_at_least_and_two_at_most(bounds):
    # 30 and 25: the same people as far as they go, or all different.
    assert bounds([by_topic("school", 100, 30, 25)]).values.tolist() == [
        [1, 100, 30, 55, 0.30, 0.55]
    ]


def test_there_are_no_more_speakers_than_members(bounds):
    assert bounds([by_topic("school", 40, 30, 30)]).values.tolist() == [
        [1, 40, 30, 40, 0.75, 1.0]
    ]


def test_a_topic_that_is_blank_after_it_opened_may_have_had_any_speaker(bounds):
    assert bounds([by_topic("school", 100, 30, None)]).values.tolist() == [
        [1, 100, 30, 100, 0.30, 1.0]
    ]


def test_a_topic_that_has_not_opened_has_no_speaker(bounds):
    june = by_topic("school", 100, 30, month="2016-06")
    assert bounds([june], months=["2016-06"]).values.tolist() == [
        [1, 100, 30, 30, 0.30, 0.30]
    ]


def test_rows_are_bounded_first_and_added_then(bounds):
    rows = [
        by_topic("school", 100, 30, 25),
        by_topic("organ", 40, 5, 10),
        by_topic("rural", 60, 8, 8, unit="350181"),
    ]
    city = bounds(rows, by=["month"])
    # 30 + 10 + 8 and 55 + 15 + 16: the sums of topics alone would allow 43 … 86.
    assert city.iloc[0].tolist() == ["2016-07", 3, 200, 48, 86, 48 / 200, 86 / 200]


def test_places_are_kept_apart_and_can_be_selected(bounds):
    rows = [
        by_topic("school", 100, 30, 25),
        by_topic("organ", 40, 5, 10),
        by_topic("rural", 60, 8, 8, unit="350181"),
    ]
    where = {"supervision_group": ["G4"]}
    frame = bounds(rows, by=["unit", "sector"], where=where)
    assert frame[
        ["unit", "sector", "n_spoke_least", "n_spoke_most"]
    ].values.tolist() == [
        ["GX", "organ", 10, 15],
        ["GX", "school", 30, 55],
    ]


def test_who_counts_persons_is_in_the_rates_and_not_in_the_bounds(tmp_path):
    lake = Lake(tmp_path / "lake_root")
    with lake.writing():
        rows = [
            by_topic("school", 100, 30, 25),
            by_topic("organ", 60, 20, 20, n_members_spoke=25),
            by_topic("rural", 60, unit="350181"),
        ]
        submit(lake, "2016-08-10", rows)
        build(lake.root, load_registry())
    marts = open_marts(lake.root)
    july = {"by": ["unit", "sector"], "months": ["2016-07"]}
    bounded = read_speaking_bounds(marts, **july)
    assert bounded[["unit", "sector"]].values.tolist() == [["GX", "school"]]
    rates = read_rates(marts, "member_speaking", **july).set_index(["unit", "sector"])
    assert dict(rates["numerator"]) == {
        ("350181", "rural"): 0,
        ("GX", "organ"): 25,
        ("GX", "school"): 0,
    }
    assert rates["rate"].dropna().tolist() == [0.5]


def test_several_months_need_the_month_among_the_dimensions(tiny_marts):
    with pytest.raises(ChoiceError, match="keep month"):
        read_speaking_bounds(tiny_marts, months=["2016-06", "2016-07"])
    with pytest.raises(ChoiceError, match="no dimension 'village'"):
        read_speaking_bounds(tiny_marts, by=["village"])


def test_nobody_counts_by_topic_in_the_tiny_city(tiny_marts):
    months = tiny_marts.months
    assert read_speaking_bounds(tiny_marts, by=["month"], months=months).empty
