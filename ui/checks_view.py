"""Spot checks on a page: read once, parted at once, listed with their source."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data_pipeline.rates import read_checks, read_roll
from data_pipeline.registry import Metric, load_registry
from reports import verification
from ui import marts
from ui.metric_view import View, ask, draw_files
from ui.records_view import RecordsView, list_records, show_records
from ui.selection import Selection


def ask_checks(choice: Selection) -> tuple[pd.DataFrame, verification.Checked]:
    """The checks of the chosen place up to its month, as a list and parted to count."""
    opened = marts.current()
    checks = read_checks(opened, choice.month, choice.where)
    return checks, verification.part(checks, read_roll(opened, choice.where))


def ask_both(choice: Selection, by: tuple[str, ...] = ()) -> tuple[View, View]:
    """The chosen metric on either basis: what was reported, what checks support."""
    reported = ask(choice, by=by, basis="reported")
    return reported, ask(choice, by=by, basis="verified")


def list_findings(
    frame: pd.DataFrame, choice: Selection, name: str, title: str
) -> RecordsView:
    """A frame of reports.verification with its table and files."""
    display = verification.as_table(frame, load_registry(), choice.lang)
    return list_records(frame, choice, name, title, display=display)


def show_checks(checks: pd.DataFrame, choice: Selection, metric: Metric) -> None:
    """List the checks behind the figures, newest first."""
    rows = verification.checks_rows(checks, metric.verified.column)
    show_records(
        rows,
        choice,
        "checks",
        choice.text("reported_vs_verified.checks"),
        table="spot_check",
    )


def draw_selections(checked: verification.Checked, choice: Selection) -> None:
    """Topics and looks, a column for each way of choosing; files as with any list."""
    counted = verification.judge_selections(checked)
    table = verification.selections_table(counted, choice.lang)
    title = choice.text("reported_vs_verified.items")
    with st.container(key="selections", gap="xsmall"):
        st.subheader(title, anchor=False)
        st.table(table, border="horizontal", hide_index=True)
        view = list_findings(counted, choice, "selections", title)
        draw_files(view.to_bytes, view.file_name, choice, "selections", "")
