"""The documents say what is so: every command, metric and file stands in them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from data_pipeline.marts_page import marts_page
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from reports.documents import glossary_page, metrics_page
from reports.words import catalogue
from ui.menu import PAGES

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("name", "page"), [("metrics.md", metrics_page), ("glossary.md", glossary_page)]
)
def test_the_generated_page_is_what_the_registry_says_now(name, page):
    written = (ROOT / "docs" / name).read_text("utf-8")
    assert written == page(load_registry()), "stale: run `make docs`"


def test_the_page_of_the_marts_is_what_the_models_give_now():
    written = (ROOT / "docs" / "marts.md").read_text("utf-8")
    assert written == marts_page(load_registry()), "stale: run `make docs`"


def test_the_query_that_the_page_of_the_marts_shows_gives_the_figures_of_an_export(
    tiny_lake, monkeypatch, tmp_path, capsys
):
    written = (ROOT / "docs" / "marts.md").read_text("utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", written, re.DOTALL)
    (tmp_path / "parquet").symlink_to(tiny_lake)
    monkeypatch.chdir(tmp_path)
    exec(script, {})
    exported = read_rates(
        open_marts(tiny_lake), "topic_1_coverage", by=("unit",), months=("2016-07",)
    )
    out = capsys.readouterr().out
    # A place that owes and filed nothing has a row in the export alone.
    exported = exported[exported["denominator"] > 0]
    assert len(exported)
    for unit, rate in zip(exported["unit"], exported["rate"], strict=True):
        (line,) = [line for line in out.splitlines() if unit in line]
        assert float(line.strip("│ ").split("│")[1]) == pytest.approx(rate)


def test_every_metric_has_its_section():
    text = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    for metric in load_registry().metrics.values():
        assert f"\n## {metric.id}\n" in text
        assert metric.quote in text


def test_the_readme_and_operations_name_every_command_and_option():
    readme = (ROOT / "README.md").read_text("utf-8")
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for module in ("data_pipeline", "reports"):
        help_text = subprocess.run(
            [sys.executable, "-m", module, "--help"],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
        ).stdout
        commands = re.findall(r"^    ([a-z-]+) ", help_text, re.MULTILINE)
        assert commands
        for command in commands:
            assert f"python -m {module} {command}" in readme
    assert all(f"| {code} |" in operations for code in (0, 1, 2, 75))


def test_every_page_of_the_menu_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    listed = readme.split("\n## Pages\n")[1].split("\n## ")[0]
    # A name is a whole entry of the list, never a part of another word.
    entries = {entry.split()[0] for entry in re.split(r" · |\n", listed) if entry}
    titles = {catalogue.text("zh", f"{name}.title") for name in PAGES}
    assert titles - entries == set()


def test_the_ways_of_three_values_name_what_the_code_has():
    written = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    ways = written.split("## Three values, traced")[1].split("\n## ")[0]
    named = re.findall(r"`([^`]+)`", ways.split("\n\n", 2)[2])
    file = ""
    for name in named:
        if name.startswith("?"):
            continue
        if not name.endswith("()"):
            file = (ROOT / name).read_text("utf-8")
            continue
        assert re.search(rf"def {name[:-2]}\(", file), f"{name} is not where it is said"
    assert len(named) > 40
