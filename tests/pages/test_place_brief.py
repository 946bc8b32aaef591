"""地区画像 hands out the one-page brief of its place, as the command writes it."""

from pathlib import Path

import pytest

from reports import __main__ as command
from tests.pages.drawn import draw_page

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


def test_several_units_have_no_brief(tiny_lake, monkeypatch):
    choices = {"month": MONTH, "units": "350104,ZSJG"}
    drawn = draw_page("area_profile", tiny_lake, monkeypatch, **choices)
    assert "pdf-brief" not in drawn.files
