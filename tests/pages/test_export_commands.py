"""The command beside a figure gives its figures, and one file holds all of them."""

import functools
import io
import random
import shlex
import subprocess
import sys

import pandas as pd
import pytest

from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from reports import __main__ as command
from reports.files.all_figures import COLUMNS, all_figures
from reports.files.export_context import MEASURES, command_line
from tests.pages.drawn import Drawn, draw_page
from ui import rows
from ui.menu import MENU
from ui.metric_view import View
from ui.records_view import RecordsView

N_SELECTIONS = 12
TOPIC = "topic_1_coverage"
PAGES = ("county_heatmap", "sector_gaps", "overview")
CHOICES = {
    "metric": (TOPIC, "topic_2_coverage", "leader_attendance", "member_speaking"),
    "month": ("2016-05", "2016-06", "2016-07"),
    "basis": ("reported", "verified"),
    "group": ("", "G1", "G4"),
    "units": ("", "", "350104", "350104,ZSJG", "350104,350181"),
    "unit": ("", "", "350104"),
    "sector": ("", "rural", "community"),
    "branch_type": ("", "", "ordinary", "mobile,joint"),
    "is_weak_base": ("", "", "no"),
    "since": ("", "2016-05"),
}


# Nothing is listed there before something is looked at or filed.
WITHOUT_LISTS = ("bulletin", "wall", "roles", "definitions")


def views_of(drawn: Drawn, kind: type = View) -> dict[str, View | RecordsView]:
    """The views of a kind whose files a page hands out, by the key of their CSV."""
    made = {
        key: content.__wrapped__.args[0]
        for key, (_, content) in drawn.files.items()
        if key.startswith("csv-") and isinstance(content.__wrapped__, functools.partial)
    }
    return {key: view for key, view in made.items() if isinstance(view, kind)}


def run(line: str, tmp_path) -> pd.DataFrame:
    python, _, module, *arguments = shlex.split(line)
    assert (python, module) == ("python", "reports")
    out = tmp_path / "figures.csv"
    assert command.main([*arguments, "--out", str(out)]) == command.DONE
    return pd.read_csv(out, dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.mark.parametrize("seed", range(N_SELECTIONS))
def test_the_command_beside_a_figure_gives_its_rows(
    seed, tiny_lake, monkeypatch, tmp_path
):
    chance = random.Random(seed)
    page = PAGES[seed % len(PAGES)]
    choices = {name: chance.choice(values) for name, values in CHOICES.items()}
    if page == "sector_gaps":
        # What checks say, and what is known of one cell, are lists there.
        choices |= {"basis": "reported", "unit": "", "sector": "", "branch_type": ""}
    choices = {name: value for name, value in choices.items() if value}
    drawn = draw_page(page, tiny_lake, monkeypatch, **choices)
    views = views_of(drawn)
    assert views
    shown = {code.value for code in drawn.app.code}
    for key, view in views.items():
        line = command_line(view.context.command, tiny_lake)
        assert line in shown
        given = run(line, tmp_path)
        by = list(view.context.by)
        page_rows = pd.DataFrame(drawn.rows_of(key))
        if "is_total" in page_rows:
            page_rows = page_rows[page_rows["is_total"] == "0"]
        columns = [*by, *(name for name in MEASURES if name in given)]
        known = set(given[columns].itertuples(index=False, name=None))
        listed = set(page_rows[columns].itertuples(index=False, name=None))
        assert known <= listed
        # What no check has reached, or nobody owes yet, is a row of the page alone.
        nothing = page_rows["numerator"].eq("0") & page_rows["denominator"].eq("0")
        rest = page_rows[~nothing][columns]
        assert set(rest.itertuples(index=False, name=None)) <= known


@pytest.mark.parametrize(
    "name", [entry.name for entry in MENU if entry.name not in WITHOUT_LISTS]
)
def test_the_command_beside_a_list_gives_its_very_file(
    name, draw_office, tmp_path, capsys
):
    drawn = draw_office(name)
    # Of one sum the command of rates gives all.
    told = {k: view for k, view in views_of(drawn).items() if view.context.by}
    views = told | views_of(drawn, RecordsView)
    shown = [code.value for code in drawn.app.code if " -m ui " in code.value]
    assert len(shown) == len(views)
    if not shown:
        return
    line = shown[len(name) % len(shown)]
    python, _, module, *arguments = shlex.split(line)
    assert (python, module) == ("python", "ui")
    out = tmp_path / "rows.csv"
    assert rows.main([*arguments, "--out", str(out)]) == rows.DONE, capsys.readouterr()
    assert out.read_bytes() == drawn.bytes_of(f"csv-{arguments[1]}")


def test_a_command_for_rows_says_what_there_is_instead(tiny_lake, tmp_path, capsys):
    place, out = ["--lake", str(tiny_lake)], tmp_path / "rows.csv"
    assert rows.main(["compare?month=2016-06", "cells", *place]) == rows.WRONG_USE
    assert "it shows compare_place" in capsys.readouterr().err
    assert rows.main(["compair?month=2016-06", "x", *place]) == rows.WRONG_USE
    assert "did you mean compare?" in capsys.readouterr().err
    missing = ["--out", str(tmp_path / "no" / "rows.csv")]
    assert rows.main(["compare", "x", *place, *missing]) == rows.WRONG_USE
    assert "does not exist" in capsys.readouterr().err
    ending = ["--out", str(tmp_path / "rows.pdf")]
    assert rows.main(["compare", "x", *place, *ending]) == rows.WRONG_USE
    assert ".csv" in capsys.readouterr().err
    given = ["compare?month=1999-01", "compare_place", *place, "--out", str(out)]
    assert rows.main(given) == rows.DONE
    assert "1999-01" in capsys.readouterr().err, "what did not hold"
    assert out.is_file()
    assert not rows.are_requested()


def test_a_command_for_rows_says_why_a_page_has_none(
    tiny_lake, tmp_path, capsys, monkeypatch
):
    unbuilt = ["--lake", str(tmp_path)]
    assert rows.main(["county_heatmap", *unbuilt]) == rows.FAILED
    assert "holds no built snapshot; run `python -m" in capsys.readouterr().err

    def fail(*_, **__):
        raise ZeroDivisionError("of the page")

    monkeypatch.setattr("ui.selection.current", fail)
    assert rows.main(["compare", "--lake", str(tiny_lake)]) == rows.FAILED
    assert "the page of compare failed" in capsys.readouterr().err


def test_a_command_for_rows_says_nothing_but_its_own(tiny_lake):
    # In a process of its own: Streamlit sets its loggers up once.
    given = ["compare?month=2016-06", "--lake", str(tiny_lake)]
    done = subprocess.run(
        [sys.executable, "-m", "ui", *given],
        check=False,
        capture_output=True,
        text=True,
        cwd=rows.DASHBOARD.parent,
    )
    assert done.returncode == rows.WRONG_USE
    (line,) = done.stderr.splitlines()
    assert line.startswith("ui: name a figure or list of compare?month=2016-06")


def test_every_row_of_the_long_file_equals_its_own_query(checked_lake):
    marts = open_marts(checked_lake)
    months = marts.months[-2:]
    frame = all_figures(marts, months)
    assert list(frame) == list(COLUMNS)
    keys = list(COLUMNS[:7])
    assert not frame.duplicated(keys).any()
    assert set(frame["metric"]) <= set(load_registry().metrics)
    assert set(frame["basis"]) == {"reported", "verified"}
    for row in frame.sample(40, random_state=7).to_dict("records"):
        places = ("supervision_group", "unit", "sector")
        where = {name: [row[name]] for name in places if isinstance(row[name], str)}
        by = list(where)
        if isinstance(row["category"], str):
            name, _, code = row["category"].partition("=")
            where[name], by = [code], [name]
        query = {"by": by, "where": where, "months": [row["month"]]}
        alone = read_rates(marts, row["metric"], **query, basis=row["basis"])
        (found,) = alone.to_dict("records")
        for name in ("numerator", "denominator", "n_blank"):
            assert found[name] == row[name]
        assert found["rate"] == pytest.approx(row["rate"], nan_ok=True)


@pytest.mark.usefixtures("independent_heads")
def test_the_class_of_the_long_file_is_that_of_the_heatmap(tiny_lake, monkeypatch):
    about = {"metric": TOPIC, "month": "2016-06"}
    drawn = draw_page("county_heatmap", tiny_lake, monkeypatch, **about)
    shown = {
        (row["unit"], row["sector"]): row["cell_class"]
        for row in drawn.rows_of("csv-matrix")
    }
    frame = all_figures(open_marts(tiny_lake), ("2016-06",))
    frame = frame[(frame["metric"] == TOPIC) & (frame["basis"] == "reported")]
    frame = frame[frame["supervision_group"].isna() & frame["category"].isna()]
    places = zip(frame["unit"].fillna(""), frame["sector"].fillna(""), strict=True)
    assert dict(zip(places, frame["class"].fillna(""), strict=True)) == shown
    assert len(set(shown.values())) > 1


def test_the_page_hands_out_the_bytes_of_the_command(tiny_lake, monkeypatch, tmp_path):
    monkeypatch.setattr("ui.parts.all_figures.KEY", "export-all-figures")
    drawn = draw_page("county_heatmap", tiny_lake, monkeypatch, month="2016-06")
    offered = {key: file for key, file in drawn.files.items() if "all-figures" in key}
    assert len(offered) == 4
    lines = [code.value for code in drawn.app.code if "--all" in code.value]
    assert len(lines) == 2
    for months, line in zip((1, 3), lines, strict=True):
        for ending in ("csv", "parquet"):
            out = tmp_path / f"all.{ending}"
            arguments = shlex.split(line)[3:]
            arguments[arguments.index("--out") + 1] = str(out)
            assert command.main(arguments) == command.DONE
            name, content = offered[f"{ending}-export-all-figures-{months}"]
            assert content() == out.read_bytes()
            assert name.endswith(f".{ending}")
    parquet = pd.read_parquet(io.BytesIO(content()))
    assert set(parquet["month"]) == {"2016-04", "2016-05", "2016-06"}
    assert parquet["numerator"].dtype == "int64"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--all"],
        ["--all", TOPIC, "--out", "a.csv"],
        ["--all", "--by", "unit", "--out", "a.csv"],
        ["--all", "--out", "a.xlsx"],
        ["--all", "--months", "2016-04..2017-03", "--out", "a.csv"],
        ["--all", "--months", "2016-06..2016-05", "--out", "a.csv"],
        ["--all", "--months", "Juni", "--out", "a.csv"],
        [TOPIC, "--months", "2016-04..2016-05"],
        [],
    ],
)
def test_what_does_not_go_with_all_is_refused(arguments, tiny_lake, capsys, tmp_path):
    options = [str(tmp_path / one) if one[:2] == "a." else one for one in arguments]
    code = command.main(["export", *options, "--lake", str(tiny_lake)])
    assert code == command.WRONG_USE
    assert capsys.readouterr().err.startswith("reports: ")
    assert not list(tmp_path.iterdir())
