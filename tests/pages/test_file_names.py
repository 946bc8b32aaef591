"""The name of a download tells its content: another byte, another name.

A browser, and Streamlit for large files, know a download by its name.
"""

from __future__ import annotations

import ast
import hashlib
import re

import pytest

from tests.pages.drawn import PROJECT, draw_page
from ui.menu import pages

# Eight digits of a sha256 before the ending.
NAMED = re.compile(r".*[_-][0-9a-f]{8}\.[a-z]+")
NAMERS = ("file_name", "name_of")
JULY = {"month": "2016-07"}
# Choices that change a file but not which rows are requested are among them.
CHOICES = (
    JULY,
    JULY | {"compare": "target"},
    JULY | {"lang": "en"},
    JULY | {"basis": "verified"},
    JULY | {"group": "G1"},
    JULY | {"unit": "350104", "sector": "rural"},
    {"month": "2016-06"},
)
KINDS = ("csv", "xlsx")


def buttons() -> dict[str, ast.expr]:
    """Every place where a file is handed out, and what names the file there."""
    found = {}
    for path in (p for f in ("ui", "pages") for p in (PROJECT / f).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (
                getattr(node.func, "attr", "") == "download_button"
            ):
                options = {keyword.arg: keyword.value for keyword in node.keywords}
                place = f"{path.relative_to(PROJECT)}:{node.lineno}"
                found[place] = _value(options["file_name"], tree)
    return found


def _value(named: ast.expr, tree: ast.Module) -> ast.expr:
    """What a name stands for that is given a value once in its file."""
    if not isinstance(named, ast.Name):
        return named
    (value,) = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and [getattr(target, "id", "") for target in node.targets] == [named.id]
    )
    return value


def test_every_button_names_its_file_by_its_content():
    found = buttons()
    assert len(found) >= 8
    for place, namer in found.items():
        assert isinstance(namer, ast.Call), place
        named_by = getattr(namer.func, "attr", getattr(namer.func, "id", ""))
        assert named_by in NAMERS, place


@pytest.mark.parametrize("page", pages())
def test_no_two_files_of_a_page_share_a_name(page, checked_lake, monkeypatch):
    known: dict[str, str] = {}
    for choice in CHOICES:
        drawn = draw_page(page, checked_lake, monkeypatch, **choice)
        for key, (name, make) in drawn.files.items():
            assert NAMED.fullmatch(name), (key, name)
            # All figures take long, and their name is made of the snapshot and months.
            if name.rpartition(".")[2] not in KINDS or "all_figures" in name:
                continue
            content = hashlib.sha256(make()).hexdigest()
            assert known.setdefault(name, content) == content, (key, choice)
