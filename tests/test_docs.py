"""The documents say what is so: every command, metric and file stands in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.registry import load_registry
from reports.documents import glossary_page, metrics_page

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("name", "page"), [("metrics.md", metrics_page), ("glossary.md", glossary_page)]
)
def test_the_generated_page_is_what_the_registry_says_now(name, page):
    written = (ROOT / "docs" / name).read_text("utf-8")
    assert written == page(load_registry()), "stale: run `make docs`"


def test_every_metric_has_its_section():
    text = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    for metric in load_registry().metrics.values():
        assert f"\n## {metric.id}\n" in text
        assert metric.quote in text
