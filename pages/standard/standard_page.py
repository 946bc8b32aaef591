"""A standard page: title, metrics and category stand in the registry's pages.toml."""

from ui import selection
from ui.menu import pages
from ui.parts.standard_page import (
    ask_metrics,
    draw_answer,
    draw_cascade,
    draw_figures,
    draw_matrix,
    draw_months,
    draw_rows_behind,
    draw_words,
    lay_out,
    with_whole,
)
from ui.parts.title_row import draw_title_trail
from ui.roles import require

require(selection.current_page())
page = pages()[selection.current_page()].standard
choice = selection.current()
with draw_title_trail(pages()[page.name].title(choice.lang)):
    selection.breadcrumb(choice, page.name)
choice = selection.choose(
    choice,
    *("metric", "month", "group", "unit", "sector"),
    metrics=page.metrics,
    # All its metrics are shown at once, and checks support few of them.
    options={"basis": ("reported",)},
)
whole = with_whole(page.metrics)
if whole:
    figures = ask_metrics(choice, whole)
    draw_answer(choice, figures)
    draw_figures(choice, figures)
matrix, left, right = lay_out(whole)
if whole:
    with matrix:
        draw_matrix(choice, whole)
with left:
    draw_months(choice, page.split_by)
with right:
    draw_words(choice, page.split_by)
if page.cascade:
    draw_cascade(choice, page.cascade)
draw_rows_behind(choice)
