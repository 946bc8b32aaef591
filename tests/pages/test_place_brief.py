"""地区画像 hands out the one-page brief of its place, as the command writes it."""

import html
import itertools
import json
import re
from pathlib import Path

import pytest

from reports import __main__ as command
from reports.brief.rows import brief
from reports.files.paper import Table
from tests.pages.drawn import Drawn, draw_page, read
from tests.reports.bulletin.papers import facts_of

MONTH = "2016-06"


@pytest.fixture(scope="module")
def briefs(tiny_lake, tmp_path_factory) -> Path:
    """What `python -m reports brief` writes of the month."""
    folder = tmp_path_factory.mktemp("papers") / "briefs"
    options = ["--lake", str(tiny_lake), "--month", MONTH, "--out", str(folder)]
    command.main(["brief", *options])
    return folder


@pytest.mark.parametrize(
    ("place", "code"),
    [({}, "00"), ({"group": "G1"}, "G1"), ({"unit": "350104"}, "350104")],
)
def test_the_brief_of_a_place_is_the_page_that_the_command_writes(
    place, code, briefs, tiny_lake, monkeypatch
):
    drawn = draw_page("area_profile", tiny_lake, monkeypatch, month=MONTH, **place)
    name, make = drawn.files["pdf-brief"]
    assert name.startswith(f"brief_{MONTH}_{code}_zh_")
    (written,) = briefs.glob(f"{MONTH}_{code}_*.pdf")
    assert make() == written.read_bytes()


def test_it_is_read_on_the_page_as_well_once_it_is_opened(tiny_lake, monkeypatch):
    asked = {"month": MONTH, "unit": "350104"}
    assert not papers(draw_page("area_profile", tiny_lake, monkeypatch, **asked))
    drawn = draw_page(
        "area_profile", tiny_lake, monkeypatch, panels=("brief",), **asked
    )
    (shown,) = papers(drawn)
    facts = facts_of(tiny_lake, MONTH)
    paper = brief(facts, {"unit": "350104"})
    said = [section.title for section in paper.sections]
    for part in itertools.chain.from_iterable(s.parts for s in paper.sections):
        said += (
            [cell.text for row in part.rows for cell in row]
            if isinstance(part, Table)
            else [part.text]
        )
    assert len(said) > 30
    assert [words for words in said if read(words) not in read(shown)] == []


def papers(drawn: Drawn) -> list[str]:
    """The words of the papers on a page."""
    found = drawn.app.get("bidi_component")
    sent = [e.proto.bytes for e in found if e.proto.component_name == "paper"]
    heads = (json.loads(content.split(b"\n", 1)[0]) for content in sent)
    return [html.unescape(re.sub("<.+?>", "", head["html"])) for head in heads]


def test_several_units_have_no_brief(tiny_lake, monkeypatch):
    choices = {"month": MONTH, "units": "350104,ZSJG"}
    drawn = draw_page("area_profile", tiny_lake, monkeypatch, **choices)
    assert "pdf-brief" not in drawn.files
