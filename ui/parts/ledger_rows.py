"""The last step of every drill: the ledger rows behind a figure, with their source."""

from __future__ import annotations

from data_pipeline.rates import read_ledger
from data_pipeline.registry import Metric
from reports.sector_gaps import ledger_rows
from reports.words import wording
from ui import marts, selection
from ui.records_view import show_records
from ui.selection import Selection


def show_ledger_rows(choice: Selection, metric: Metric, page: str) -> None:
    """List the rows of the chosen place and month, or all months of a chosen branch.

    A click on the row of a branch leads to its months on `page`. Only what ledgers
    bring has rows, one that is remembered only from the month of its due day on.
    """
    if not metric.has_ledger_rows:
        return
    if choice.month < metric.remembered_month and not choice.branch:
        return  # A later month's rows would add up to a figure that is not known yet.
    opened, lang = marts.current(), choice.lang
    # What is remembered stands in the ledger of its own month.
    months = opened.months if choice.branch else (metric.ledger_month(choice.month),)
    branches = (choice.branch,) if choice.branch else ()
    ledger = read_ledger(opened, months=months, where=choice.where, branches=branches)
    rows = ledger_rows.rows_behind(ledger, metric, opened.registry)
    spoken = [wording.month_name(month, lang) for month in (months[0], months[-1])]
    filters = (
        (choice.text("selection.metric"), wording.in_language(metric, "label", lang)),
        (choice.text("selection.unit"), choice.place),
        (choice.text("selection.month"), " – ".join(dict.fromkeys(spoken))),
    )
    if choice.branch:
        rows = rows.sort_values("month", ignore_index=True)
        title = choice.text("ledger.branch")
        show_records(rows, choice, "branch", title, filters=filters)
        return
    caption = ledger_rows.add_up(rows, metric, lang)
    has_branches = rows["branch"].ne("").any()
    if has_branches:
        caption = f"{caption} {choice.text('ledger.choose')}"
    event = show_records(
        rows,
        choice,
        "ledger",
        choice.text("ledger.rows"),
        filters=filters,
        caption=caption,
        on_select="rerun" if has_branches else "ignore",
    )
    for row in event.selection.rows if has_branches else ():
        branch, township = rows.loc[row, ["branch", "township"]]
        selection.go(choice, page, township=township or None, branch=branch)
