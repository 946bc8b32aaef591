"""Every page is drawn for every kind of choice, also where nothing is owed."""

import pytest

from tests.pages.drawn import draw_page
from ui.menu import pages

# 市直机关 owes nothing for 农村: a chosen place can be one that files nothing.
CHOICES = (
    {},
    {"unit": "350104"},
    {"sector": "rural"},
    {"unit": "350104", "sector": "rural"},
    {"unit": "ZSJG", "sector": "rural"},
    {"unit": "350181", "sector": "rural", "month": "2016-07"},
    {"group": "1"},
    {"basis": "verified"},
    {"unit": "ZSJG", "sector": "rural", "basis": "verified"},
    {"units": "350104,ZSJG", "month": "2016-07", "since": "2016-06"},
    {"group": "1", "branch_type": "mobile", "is_weak_base": "yes", "month": "2016-06"},
    {"month": "2016-04"},
    {"unit": "ZSJG", "sector": "rural", "month": "2016-04", "lang": "en"},
)


@pytest.mark.parametrize("page", pages())
def test_a_page_is_drawn_for_every_kind_of_choice(page, tiny_lake, monkeypatch):
    for choice in CHOICES:
        draw_page(page, tiny_lake, monkeypatch, **choice)
