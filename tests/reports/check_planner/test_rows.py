"""A check list to look at: adds up over places, says what it could prove."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.statistics.sampling import (
    choose_lot_rule,
    draw_checks,
    prove_by_all_pass,
)
from reports.check_planner import rows as plan
from reports.check_planner.figures import drawn_bars

REGISTRY = load_registry()


def branches(unit: str, sector: str, n: int, is_weak: bool = False) -> pd.DataFrame:
    numbers = [f"{unit}-{sector}-{int(is_weak)}-{i:03d}" for i in range(n)]
    place = {"supervision_group": "G1", "unit": unit, "township": "", "sector": sector}
    return pd.DataFrame({"branch": numbers, "branch_name": "", **place}).assign(
        is_weak=is_weak
    )


@pytest.fixture(scope="module")
def draw():
    roll = pd.concat(
        [
            branches("350102", "rural", 200),
            branches("350102", "rural", 40, is_weak=True),
            branches("350104", "soe", 60),
        ]
    )
    return draw_checks(roll, 0.12, seed=7, drawn_at=datetime(2016, 7, 1))


def test_places_add_up_to_the_list(draw):
    for dimension in ("unit", "sector"):
        spread = plan.spread_over(draw, dimension)
        assert spread["n_frame"].sum() == 300
        assert spread["n_drawn"].sum() == len(draw.drawn)
        assert spread["n_weak_drawn"].sum() == draw.drawn["is_weak"].sum()
        assert spread["n_reserve"].sum() == len(draw.reserve)


def test_each_unit_has_a_rule_and_the_page_says_how_many_can_be_judged(draw):
    spread = plan.spread_over(draw, "unit")
    for row in spread.to_dict("records"):
        rule = choose_lot_rule(row["n_frame"], row["n_drawn"])
        assert row["most_failures"] == rule.most_failures
        assert row["acts_if_bad"] == rule.acts_if_bad
    able = int((spread["acts_if_bad"] >= 0.8).sum())
    sentence = plan.describe_lots(spread)
    assert f"{len(spread)} 个单位中，{able} 个" in sentence
    assert "most_failures" not in plan.spread_over(draw, "sector")


def test_a_spread_inside_a_place_is_what_the_sentence_and_the_list_of_it_say(draw):
    where = {"unit": ("350102",)}
    spread = plan.spread_over(draw, "sector", 0.10, where).set_index("sector")
    assert spread.index.tolist() == ["rural"]
    n_drawn = spread.loc["rural", "n_drawn"]
    assert n_drawn == len(plan.list_of(draw, "drawn", where))
    assert spread["n_reserve"].sum() == len(plan.list_of(draw, "reserve", where))
    assert f"名册 240 个支部，抽 {n_drawn} 个" in plan.describe_here(draw, where, "-")
    # A unit is judged as a whole, not by one of its sectors.
    by_unit = plan.spread_over(draw, "unit", 0.10, {"sector": ("rural",)})
    assert by_unit["unit"].tolist() == ["350102"] and "most_failures" not in by_unit
    assert plan.spread_over(draw, "unit", 0.10, {"sector": ("school",)}).empty


@pytest.mark.parametrize("language", ["zh", "en"])
def test_bars_inside_a_place_say_of_which(draw, language):
    spread = plan.spread_over(draw, "sector", where={"unit": ("350102",)})
    picture = drawn_bars(spread, REGISTRY, language, place="鼓楼区")
    assert "鼓楼区" in picture.title


@pytest.mark.parametrize("dimension", ["unit", "sector"])
def test_places_under_the_demand_are_marked_alike_in_file_picture_and_words(dimension):
    roll = [branches("350102", "rural", 96), branches("350104", "rural", 300)]
    roll = pd.concat([*roll, branches("350102", "soe", 100)])
    drawn = draw_checks(roll, 0.10, seed=7, drawn_at=datetime(2016, 7, 1))
    spread = plan.spread_over(drawn, dimension, 0.10)
    shares = spread["n_drawn"] / spread["n_frame"]
    assert spread["is_below_demand"].tolist() == (shares < 0.1 - 1e-9).tolist()
    names = spread.loc[spread["is_below_demand"], dimension].tolist()
    picture = drawn_bars(spread, REGISTRY)
    labels = [label for trace in picture.traces for label in trace["text"] if label]
    assert sum("不足 10 %" in label for label in labels) == len(names)
    said = plan.explain_below(spread, REGISTRY)
    assert bool(said) == bool(names)


def test_of_a_plan_of_five_per_cent_every_unit_is_said_to_fall_under_the_demand(draw):
    few = draw_checks(
        branches("350102", "rural", 400), 0.05, seed=7, drawn_at=datetime(2016, 7, 1)
    )
    spread = plan.spread_over(few, "unit", 0.10)
    assert "各单位都抽不到要求的 10 %" in plan.explain_below(spread, REGISTRY)
    assert "required 10 %" in plan.explain_below(spread, REGISTRY, "en")
    table = plan.as_table(spread, REGISTRY).frame
    assert table["不足要求"].tolist() == ["是"]
    assert plan.explain_below(plan.spread_over(draw, "unit", 0.10), REGISTRY) == ""
    assert plan.explain_below(plan.spread_over(draw, "unit"), REGISTRY) == ""


def test_each_place_says_what_it_would_prove_alone(draw):
    spread = plan.spread_over(draw, "unit").set_index("unit")
    n_drawn = spread.loc["350104", "n_drawn"]
    assert spread.loc["350104", "proves"] == prove_by_all_pass(60, n_drawn)
    assert spread["proves"].max() < draw.all_pass_proves


def test_a_list_is_numbered_weak_first_and_kept_to_a_place(draw):
    rows = plan.list_of(draw, "drawn", {"unit": ("350102",)})
    assert rows["number"].tolist() == list(range(1, len(rows) + 1))
    assert rows["is_weak"].tolist() == sorted(rows["is_weak"], reverse=True)
    assert set(rows["unit"]) == {"350102"}
    # A stratum has no supervision group to be chosen by.
    assert len(plan.list_of(draw, "strata", {"supervision_group": ("G1",)})) == 3


def test_the_sentence_holds_size_and_proof(draw):
    n, weak = len(draw.drawn), int(draw.drawn["is_weak"].sum())
    sentence = plan.describe(draw)
    assert sentence.startswith(f"名册 300 个支部，抽 {n} 个（")
    assert f"其中薄弱 {weak} 个" in sentence
    assert f"{n} of 300" in plan.describe(draw, "en")
    preview = plan.describe(draw, is_preview=True)
    assert preview.startswith("尚未抽取。") and f"要抽 {n} 个（" in preview


def test_more_than_was_requested_is_explained_and_only_then(draw):
    assert plan.explain_more(draw, 12) == ""
    small = pd.concat([branches(unit, "rural", 5) for unit in REGISTRY.units])
    floor = draw_checks(small, 0.10, seed=1, drawn_at=datetime(2016, 7, 1))
    more = len(floor.drawn) - round(len(small) * 0.1)
    assert plan.explain_more(floor, 10).startswith(f"比所选的 10 % 多 {more} 个")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_bars_carry_counts_and_shares(draw, language):
    picture = drawn_bars(plan.spread_over(draw, "unit"), REGISTRY, language)
    label = picture.figure.data[1].text[0]
    assert label.startswith(str(plan.spread_over(draw, "unit")["n_drawn"][0]))
    assert "%" in label
    assert label in picture.alt


@pytest.mark.parametrize("name", plan.LISTS)
def test_every_list_can_be_read_as_a_table(draw, name):
    rows = plan.list_of(draw, name, {})
    table = plan.as_table(rows, REGISTRY)
    assert len(table.frame) == len(rows)
    assert set(table.frame["薄弱层"]) <= {"", "是"}
    assert "鼓楼区" in set(table.frame["单位"])
