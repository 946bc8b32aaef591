"""Another city's registry runs the whole way: files in, rates, every page drawn."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from data_pipeline.__main__ import main as pipeline
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import FOLDER_VARIABLE, PACKAGE_FOLDER, load_registry
from tests.another_city import (
    GROUPS,
    LEFT_OUT,
    MONTHS,
    SECTORS,
    TAKEN,
    UNITS,
    build_another_city,
    write_registry,
)
from tests.pages.drawn import draw_page
from ui.menu import pages

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_registry(tmp_path_factory.mktemp("other") / "registry")


@pytest.fixture(scope="module")
def lake(folder: Path) -> Path:
    return build_another_city(folder, folder.parent)


@pytest.fixture(autouse=True)
def _read_by_every_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))


def test_nothing_of_ours_is_left_in_it():
    registry = load_registry()
    assert set(registry.units) == set(UNITS)
    assert set(registry.sectors) == set(SECTORS)
    assert set(registry.groups) == set(GROUPS)
    assert registry.calendar.months == MONTHS


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, so that all it imports reads this registry."""
    command = [sys.executable, "-m", "data_pipeline", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_its_office_can_start_with_an_empty_workbook(tmp_path):
    made = run("template", str(tmp_path / "empty.xlsx"))
    assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "empty.xlsx").stat().st_size


def test_the_made_up_city_is_not_made_of_its_places(tmp_path):
    refused = run("demo", "--lake", str(tmp_path / "lake"))
    assert refused.returncode == 1
    assert refused.stderr.startswith("the made-up city uses the project's own places")
    assert not (tmp_path / "lake" / "demo").exists()


def test_the_documents_list_every_column_that_it_had_to_take_over():
    """Of our six tables: what the list names, and what the city has left out."""
    ours = load_registry(PACKAGE_FOLDER).lake_tables
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    section = text.split("### What they rest on")[1].split("\n## ")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE))
    assert set(listed) == {Path(name).stem for name in TAKEN if "/" in name}
    for table, cell in listed.items():
        columns = {c.name for c in ours[table].columns} - set(LEFT_OUT)
        topics = {re.sub(r"_topic_\d$", "_topic_k", name) for name in columns}
        assert set(re.findall(r"`(\w+)`", cell)) == topics, table
    left = {c.name for t in load_registry().lake_tables.values() for c in t.columns}
    assert not left & set(LEFT_OUT)


def rates(lake: Path, metric: str, month: str, *by: str) -> list[list]:
    frame = read_rates(open_marts(lake), metric, by=by, months=[month])
    return frame[[*by, "numerator", "denominator"]].to_numpy().tolist()


def test_its_rates_are_what_a_hand_counts(lake):
    assert rates(lake, "safety_held", "2019-04", "unit") == [
        *(["HB", 1, 3], ["HD", 1, 3], ["HN", 12, 24]),
    ]
    # One sector of the south was not filed in May.
    assert rates(lake, "members_reached", "2019-05", "sector") == [
        ["dock", 18 + 75, 40 + 160],
        ["fleet", 18, 40],
        ["yard", 18 + 75, 40 + 160],
    ]
    assert rates(lake, "skills_held", "2019-07") == [[6 + 12, 6 + 24]]
    assert rates(lake, "filed_in_time", "2019-05") == [[2, 3]]
    assert rates(lake, "patrols", "2019-06", "supervision_group") == [
        *(["N", 2, 4], ["S", 1, 4]),
    ]


def test_check_says_what_is_wrong_with_it(lake, capsys):
    assert pipeline(["check", "--lake", str(lake)]) == 0
    assert "findings" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_drawn_of_it(language, lake, monkeypatch):
    for page in pages():
        drawn = draw_page(page, lake, monkeypatch, month="2019-06", lang=language)
        assert drawn.app.title, page


@pytest.mark.parametrize(
    "place", [{"unit": "HN"}, {"group": "S"}, {"unit": "HB", "sector": "fleet"}]
)
def test_every_page_is_drawn_of_its_places(place, lake, monkeypatch):
    for page in pages():
        draw_page(page, lake, monkeypatch, month="2019-06", **place)
