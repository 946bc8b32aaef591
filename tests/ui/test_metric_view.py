"""One view: the figures on the screen, in the table and in each file are the same."""

import json
from io import BytesIO

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.rates import read_rates
from tests.pages.drawn import headings_of, tables_of
from ui import marts, metric_view, selection
from ui.kept import Kept
from ui.metric_view import View, ask, in_per_cent, line_to_compare
from ui.selection import Selection

JUNE = Selection(metric="topic_1_coverage", month="2016-06")


@pytest.fixture(autouse=True)
def lake(tiny_lake, read_lake):
    read_lake(tiny_lake)


def test_what_parts_of_a_page_ask_alike_is_read_once(monkeypatch):
    monkeypatch.setattr(marts, "_kept", Kept(most_cells=10**6, most_sources=1))
    reads = []
    read = metric_view.read_rates
    monkeypatch.setattr(
        metric_view, "read_rates", lambda *a, **k: reads.append(a[1]) or read(*a, **k)
    )
    first, again = ask(JUNE, by=("sector",)), ask(JUNE, by=("sector",))
    first.frame["rate"] = 0.0
    assert again.frame["rate"].gt(0).any(), "each part must have a frame of its own"
    ask(JUNE, by=("unit",))
    ask(JUNE.change(sector="rural"), by=("sector",))
    assert len(reads) == 3
    marts.resolve()
    ask(JUNE, by=("sector",))
    assert len(reads) == 3  # the same snapshot gives the same answer to all


def test_a_view_is_the_frame_that_rates_gives_for_the_same_question(tiny_marts):
    view = ask(JUNE.change(unit="350104"), by=("sector",))
    expected = read_rates(
        tiny_marts,
        "topic_1_coverage",
        by=("sector",),
        where={"unit": ("350104",)},
        months=("2016-06",),
    )
    pd.testing.assert_frame_equal(view.frame, expected)
    assert view.context.where == {"unit": ("350104",)}


def test_totals_are_the_roll_ups_of_the_same_question(tiny_marts):
    view = ask(JUNE, by=("unit", "sector"), with_totals=True)
    whole = view.frame[view.frame["unit"].isna() & view.frame["sector"].isna()]
    city = read_rates(tiny_marts, "topic_1_coverage", months=("2016-06",))
    assert whole[["numerator", "denominator"]].to_numpy().tolist() == (
        city[["numerator", "denominator"]].to_numpy().tolist()
    )
    units = view.frame[view.frame["unit"].notna() & view.frame["sector"].isna()]
    cells = view.frame.dropna(subset=["unit", "sector"])
    by_unit = cells.groupby("unit")["numerator"].sum()
    assert dict(zip(units["unit"], units["numerator"], strict=True)) == dict(by_unit)


def test_what_a_metric_is_not_divided_by_is_left_out():
    view = ask(
        JUNE.change(metric="on_time", sector="rural"),
        by=("unit", "sector"),
    )
    assert view.context.by == ("unit",)
    assert view.context.where == {}


def test_csv_parquet_and_workbook_hold_the_figures_of_the_view():
    view = ask(JUNE, by=("unit",))
    csv = pd.read_csv(BytesIO(view.to_bytes("csv")), dtype={"unit": str})
    parquet = pq.read_table(BytesIO(view.to_bytes("parquet"))).to_pandas()
    for read in (csv, parquet):
        assert list(read["unit"]) == list(view.frame["unit"])
        assert list(read["numerator"]) == list(view.frame["numerator"])
        assert list(read["rate"]) == pytest.approx(list(view.frame["rate"]))
    book = openpyxl.load_workbook(BytesIO(view.to_bytes("xlsx")))
    assert book.worksheets[0].title == "说明"
    assert book.worksheets[-1].max_row == len(view.frame) + 1


def test_a_view_may_bring_a_workbook_of_its_own():
    view = ask(JUNE)
    assert View(view.frame, view.context, lambda: b"PK").to_bytes("xlsx") == b"PK"


def test_a_file_name_says_metric_month_grouping_place_and_content():
    view = ask(JUNE.change(unit="350104"), by=("sector",))
    name = view.file_name("csv")
    snapshot = view.context.snapshot.id
    assert name == (
        "topic_1_coverage_2016-06_sector_reported_unit-350104_"
        f"{snapshot}_{view.digest}.csv"
    )
    assert view.file_name("png").removesuffix("png") == name.removesuffix("csv")


def test_one_other_figure_or_question_gives_another_name():
    view = ask(JUNE, by=("unit",))
    changed = view.frame.assign(numerator=view.frame["numerator"] + [1, 0, 0])
    names = {
        view.digest,
        View(changed, view.context).digest,
        ask(JUNE.change(lang="en"), by=("unit",)).digest,
        ask(JUNE.change(month="2016-05"), by=("unit",)).digest,
    }
    assert ask(JUNE, by=("unit",)).digest == view.digest
    assert len(names) == 4  # the language changes the names beside the codes


def test_the_line_to_compare_with_is_the_target_the_city_or_last_month(tiny_marts):
    view = ask(JUNE, by=("unit", "sector"), with_totals=True)
    target = line_to_compare(JUNE.change(compare="target"), view)
    assert target.at((None, None)) == 1.0
    city = line_to_compare(JUNE, view)
    assert city.goal == target
    (rate,) = read_rates(tiny_marts, "topic_1_coverage", months=("2016-06",))["rate"]
    assert city.at(("350104", "rural")) == pytest.approx(rate)
    before = line_to_compare(JUNE.change(compare="previous"), view)
    may = read_rates(
        tiny_marts, "topic_1_coverage", by=("unit", "sector"), months=("2016-05",)
    ).set_index(["unit", "sector"])["rate"]
    assert before.at(("350104", "rural")) == pytest.approx(may["350104", "rural"])


def test_the_first_month_has_no_month_before_it():
    april = JUNE.change(month="2016-04", compare="previous")
    view = ask(april, by=("unit", "sector"), with_totals=True)
    assert line_to_compare(april, view).at(("350104", "rural")) is None


def test_100_per_cent_is_only_shown_where_it_is_reached():
    shares = pd.Series([0.9999, 1.0, 1.0001, 0.5, np.nan])
    shown = in_per_cent(shares)
    assert shown.head(4).tolist() == [99.9, 100.0, 100.1, 50.0]
    assert shown.isna().tolist() == [False] * 4 + [True]


def page() -> None:
    from ui import marts, selection
    from ui.metric_view import ask, show_figure

    marts.resolve()
    choice = selection.current()
    view = ask(choice, by=("unit",))
    show_figure(None, view, choice, "units", title="各单位", caption="说明一句")


def test_a_figure_brings_its_title_caption_and_closed_panels(monkeypatch):
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params["month"] = "2016-06"
    app.run()
    assert not app.exception
    assert headings_of(app) == ["各单位"]
    assert "说明一句" in [caption.value for caption in app.caption]
    (heads,) = app.get("bidi_component")
    line = json.loads(json.loads(heads.proto.json)["panels"])
    assert line["words"] == [["table", "数据表（3 行）"], ["files", "导出"]]
    assert line["opened"] == tables_of(app) == []  # not sent while closed
    assert not app.get("download_button")
    opened = {"files"}
    monkeypatch.setattr(selection, "opened_panels", lambda _, names: opened & {*names})
    app.run()
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["CSV", "XLSX", "Parquet"]
    opened = {"table"}
    app.run()
    assert not app.get("download_button")
    (table,) = tables_of(app)
    assert len(table) == 3


@pytest.mark.parametrize(
    "longest", ["Municipal non-public and social organisations", "Municipal non-public"]
)
def test_a_long_name_among_short_ones_has_room_in_a_grid(longest):
    def page(longest):
        import pandas as pd

        from reports.tables import DisplayTable, Hint
        from ui.metric_view import draw_rows

        units = ["Fuqing", "Gulou", "Cangshan", "Fuqing"] * 80
        units += [longest]
        frame = pd.DataFrame(
            {"Unit": units, "Verdict": ["Behind", "On time"] * 160 + [""]}
        )
        hints = dict.fromkeys(frame, Hint("text", ""))
        draw_rows(DisplayTable(frame, hints), "late", alt="Late")

    app = AppTest.from_function(page, default_timeout=60, args=(longest,)).run()
    assert not app.exception
    columns = json.loads(app.dataframe[0].proto.columns)
    assert columns["Unit"]["width"] > 150
    # Their own words are wide enough.
    assert not columns["Verdict"].get("width")
