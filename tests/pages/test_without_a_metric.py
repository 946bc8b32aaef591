"""A registry may lack any metric there is today: it loads, and every page draws.

`EVERY_METRIC=1 pytest tests/pages/test_without_a_metric.py` draws every page without
each of them in turn, for half an hour; otherwise without two and three groups of them.
"""

from __future__ import annotations

import ast
import os
import random
import re
import shutil
from pathlib import Path

import pytest

from data_pipeline.registry import FOLDER_VARIABLE, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.extended_registry import copy_registry
from tests.pages.drawn import draw_page
from ui.menu import pages

PROJECT = Path(__file__).resolve().parents[2]
# Metrics of the ledger and of checks but the topics, without which is no campaign.
LEFT_OUT = {
    "what leaders do": r"^metrics/leaders\.toml$",
    "what members say": r"^metrics/members\.toml$",
    "filing, checks, weak organisations": r"^metrics/(filing|checking|weak)\.toml$",
}
TOPICS = {topic.metric for topic in load_registry().calendar.topics}
OTHERS = sorted(set(load_registry().metrics) - TOPICS)
SOME = random.Random(16198).sample(OTHERS, 8)[:2]
if os.environ.get("EVERY_METRIC"):
    SOME = OTHERS


@pytest.mark.parametrize("themes", LEFT_OUT)
def test_every_page_is_drawn_without(themes, tiny_lake, tmp_path, monkeypatch):
    folder = copy_registry(tmp_path)
    for path in folder.rglob("*.toml"):
        if re.match(LEFT_OUT[themes], path.relative_to(folder).as_posix()):
            path.unlink()
    draw_all_pages(folder, tiny_lake, tmp_path, monkeypatch)


def draw_all_pages(
    folder: Path, lake_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Build a copy of the lake by the registry of a folder, and draw every page."""
    lake = Lake(shutil.copytree(lake_root, tmp_path / "lake_root"))
    with lake.writing():
        build(lake.root, load_registry(folder))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    for page in pages():
        draw_page(page, lake.root, monkeypatch, month="2016-07")


def leave_out(metric: str, folder: Path) -> None:
    """Take a metric out of a registry, what remembers it, and out of its pages."""
    for path in (folder / "metrics").glob("*.toml"):
        entries = re.split(r"(?=^\[\[metric\]\])", path.read_text("utf-8"), flags=re.M)
        names = (f'id = "{metric}"', f'remembers = "{metric}"')
        kept = [e for e in entries if not any(name in e for name in names)]
        path.write_text("".join(kept), "utf-8")
    path = folder / "pages.toml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    # A topic of a cascade goes as a whole.
    lines = [line for line in lines if f'_by = "{metric}"' not in line]
    path.write_text("".join(lines), "utf-8")
    listed = re.sub(rf'(?<!name = )"{metric}",?', "", path.read_text("utf-8"))
    path.write_text(listed, "utf-8")


@pytest.mark.parametrize("metric", OTHERS)
def test_a_registry_loads_without_any_one_metric(metric, tmp_path):
    folder = copy_registry(tmp_path)
    leave_out(metric, folder)
    registry = load_registry(folder)
    assert metric not in registry.metrics


@pytest.mark.parametrize("metric", SOME)
def test_every_page_is_drawn_without_one(metric, tiny_lake, tmp_path, monkeypatch):
    folder = copy_registry(tmp_path)
    leave_out(metric, folder)
    draw_all_pages(folder, tiny_lake, tmp_path, monkeypatch)


def test_no_metric_is_named_in_the_code():
    """Which metric a page wants is a role in the registry."""
    ids = set(load_registry().metrics)
    # Also what a filing is called that came in time, and kinds of meetings.
    ids.remove("on_time")
    ids -= set(load_registry().tables["meeting"].column("kind").words.values())
    found = []
    for folder in ("data_pipeline", "reports", "ui", "pages"):
        for path in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and node.value in ids:
                    found.append(f"{path.relative_to(PROJECT)}:{node.lineno}")
    assert found == []
