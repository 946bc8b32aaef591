"""A registry may lack any metric there is today: it loads, and every page draws."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from data_pipeline.registry import FOLDER_VARIABLE, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.extended_registry import copy_registry
from tests.pages.drawn import draw_page
from ui.menu import PAGES

PROJECT = Path(__file__).resolve().parents[2]
# Together every metric but the topics themselves, without which there is no campaign.
LEFT_OUT = {
    "what leaders do": r"^metrics/leaders\.toml$",
    "what members say": r"^metrics/members\.toml$",
    "filing, checks, weak organisations": r"^metrics/(filing|checking|weak)\.toml$",
}


@pytest.mark.parametrize("themes", LEFT_OUT)
def test_every_page_is_drawn_without(themes, tiny_lake, tmp_path, monkeypatch):
    folder = copy_registry(tmp_path)
    for path in folder.rglob("*.toml"):
        if re.match(LEFT_OUT[themes], path.relative_to(folder).as_posix()):
            path.unlink()
    registry = load_registry(folder)
    lake = Lake(shutil.copytree(tiny_lake, tmp_path / "lake_root"))
    with lake.writing():
        build(lake.root, registry)
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    for page in PAGES:
        draw_page(page, lake.root, monkeypatch, month="2016-07")


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
