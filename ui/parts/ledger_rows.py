"""The last step of every drill: the ledger rows behind a figure, with their source."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from data_pipeline.rates import read_ledger
from data_pipeline.registry import Metric
from reports.sector_gaps import ledger_rows
from reports.words import wording
from ui import marts, selection
from ui.records_view import show_records
from ui.selection import Selection

UNFINISHED = "unfinished"  # the box of the page, as its address spells it


class Behind(NamedTuple):
    """`rows` behind a figure over some `months`.

    `is_total` where the place files one sum, without township and branch.
    """

    rows: pd.DataFrame
    months: tuple[str, ...]
    is_total: bool


def read_rows(choice: Selection, metric: Metric) -> Behind | None:
    """The rows of the chosen place and month, or all months of a branch or a sum.

    None where there are none: only what ledgers bring has rows, one that is remembered
    only from the month of its due day on.
    """
    if not metric.has_ledger_rows:
        return None
    if choice.month < metric.remembered_month and not choice.branch:
        return None  # A later month's rows would add up to what is not known yet.
    opened = marts.current()
    # What is remembered stands in the ledger of its own month.
    months = opened.months if choice.branch else (metric.ledger_month(choice.month),)
    branches = (choice.branch,) if choice.branch else ()
    question = {"where": choice.where, "branches": branches}
    ledger = read_ledger(opened, months=months, **question)
    is_total = bool(len(ledger)) and not choice.branch
    is_total &= ledger["branch"].eq("").all() and ledger["township"].eq("").all()
    if is_total:
        months = tuple(month for month in opened.months if month <= months[-1])
        ledger = read_ledger(opened, months=months, **question)
    rows = ledger_rows.rows_behind(ledger, metric, opened.registry)
    if is_total or choice.branch:
        rows = rows.sort_values("month", ignore_index=True)
    return Behind(rows, tuple(months), bool(is_total))


def show_ledger_rows(
    behind: Behind, choice: Selection, metric: Metric, page: str
) -> None:
    """List the rows; a click on the row of a branch leads to its months on `page`."""
    rows, lang = behind.rows, choice.lang
    ends = (behind.months[0], behind.months[-1])
    spoken = [wording.month_name(month, lang) for month in ends]
    filters = (
        (choice.text("selection.metric"), wording.in_language(metric, "label", lang)),
        (choice.text("selection.unit"), choice.place),
        (choice.text("selection.month"), " – ".join(dict.fromkeys(spoken))),
    )
    if choice.branch:
        show_records(
            rows, choice, "branch", choice.text("ledger.branch"), filters=filters
        )
        return
    of_month = rows[rows["month"] == behind.months[-1]]
    is_hidden = marts.current().hides_rows_of(metric)
    caption = choice.text("ledger.withheld")
    if not is_hidden:
        caption = ledger_rows.add_up(of_month, metric, lang)
    title = choice.text("ledger.history" if behind.is_total else "ledger.rows")
    has_branches = rows["branch"].ne("").any()
    if has_branches:
        caption = f"{caption} {choice.text('ledger.choose')}"
        lacking = ledger_rows.is_unfinished(rows, metric)
        n = wording.number(int(lacking.sum()))
        label = choice.text("ledger.unfinished", n=n)
        is_offered = metric.better == "higher" and not is_hidden
        if is_offered and selection.tick(choice, UNFINISHED, label=label):
            rows = rows[lacking].reset_index(drop=True)
            filters += ((choice.text("ledger.shown"), label),)

    def lead_to(row: int) -> str:
        branch, township = rows[["branch", "township"]].iloc[row]
        return choice.link(page, township=township or None, branch=branch)

    to = lead_to if has_branches else None
    about = {"filters": filters, "caption": caption, "none": caption, "to": to}
    show_records(rows, choice, "ledger", title, **about)
