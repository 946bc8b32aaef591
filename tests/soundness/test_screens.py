"""What screens once said that was not so, one test a statement."""

from __future__ import annotations

from tests.pages.drawn import draw_page


def test_a_place_that_owes_nothing_is_one_sentence_and_not_a_crash(
    tiny_lake, monkeypatch
):
    """市直机关 has no rural branches: the page broke off instead of saying so."""
    choice = {"unit": "ZSJG", "sector": "rural"}
    drawn = draw_page("leader_participation", tiny_lake, monkeypatch, **choice)
    assert "没有应报的台账" in drawn.words
    assert not drawn.app.get("plotly_chart")
    assert not drawn.files
