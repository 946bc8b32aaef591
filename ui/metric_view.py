"""One figure, its table and its files: all of the same frame.

`ask` reads a frame together with the question it answers; `show_figure` draws it. What
is seen, what the table lists and what the files hold cannot differ.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data_pipeline.rates import read_rates
from data_pipeline.registry import load_registry
from reports import export, wording
from reports.export import ExportContext
from ui import marts
from ui.selection import Selection

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
LABELS = {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet"}
# Without topojsonURL a map asks a content network for world outlines.
PLOTLY = {
    "displayModeBar": False,
    "displaylogo": False,
    "topojsonURL": 'data:application/json,{"type":"Topology","objects":{},"arcs":[]}#',
}
_FOLDER = Path(__file__).parent
# Registered once, at import.
_PNG_BUTTON = st.components.v2.component(
    "png_button",
    html="<button type='button'></button>",
    css=(_FOLDER / "png_button.css").read_text("utf-8"),
    js=(_FOLDER / "png_button.js").read_text("utf-8"),
)


@dataclasses.dataclass(frozen=True)
class View:
    """A frame of `rates.read_rates` and what was asked for."""

    frame: pd.DataFrame
    context: ExportContext

    @functools.cached_property
    def digest(self) -> str:
        """First 8 hex of the sha256 of the figures and of what was asked.

        The CSV, XLSX, Parquet and PNG of one view share it; another figure anywhere
        gives another one, and so another file name.
        """
        question = repr(sorted(export.describe(self.context).items()))
        content = hashlib.sha256(question.encode())
        content.update(self.frame.to_csv(index=False).encode())
        return content.hexdigest()[:8]

    def file_name(self, ending: str) -> str:
        """'topic_1_coverage_2016-07_unit_350181_示例数据_1a2b3c4d.csv'."""
        context = self.context
        places = [code for codes in context.where.values() for code in codes]
        is_demo = context.snapshot.is_demo
        parts = [context.file_stem, *places, *["示例数据"] * is_demo, self.digest]
        stem = re.sub(r"[^\w.-]+", "-", "_".join(parts))
        return f"{stem}.{ending}"

    def to_bytes(self, ending: str) -> bytes:
        return export.to_bytes(self.frame, self.context, ending)


def ask(
    choice: Selection,
    *,
    by: Sequence[str] = (),
    metric: str | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    months: Sequence[str] | None = None,
    basis: str | None = None,
) -> View:
    """The rates of what is chosen, grouped `by`; the rest only to differ from it.

    Parameters
    ----------
    where
        Default: the chosen place. `{}` is the whole city. What the metric is not
        divided by (ledgers on time have no sector) is left out.
    """
    opened, registry = marts.current(), load_registry()
    asked = registry.metrics[metric or choice.metric]
    places = choice.where if where is None else where
    places = {d: tuple(v) for d, v in places.items() if d in asked.dimensions and v}
    context = ExportContext(
        snapshot=opened.snapshot,
        registry=registry,
        metric=asked,
        months=tuple(months or (choice.month,)),
        by=tuple(by),
        where=places,
        basis=basis or choice.basis,
        language=choice.lang,
    )
    frame = read_rates(
        opened,
        asked.id,
        by=context.by,
        where=places,
        months=context.months,
        basis=context.basis,
    )
    return View(frame, context)


def show_figure(
    figure: go.Figure | Callable[[], Any] | None,
    view: View,
    choice: Selection,
    name: str,
    *,
    alt: str = "",
    title: str = "",
    caption: str = "",
    on_select: str = "ignore",
) -> Any:
    """Draw a figure with its caption, table and downloads.

    Parameters
    ----------
    figure
        A plotly figure; or a function that draws a component (and its own PNG button)
        and whose answer is handed back; or None for the table and files alone.
    name
        Name of the figure, unique on its page; stays the same while choices change.
    alt
        What the figure shows, in a sentence, for those who cannot see it.
    title, caption
        Above and below; the title also stands in the PNG.
    on_select
        "rerun" to get back what is clicked (scatter and bars, not heatmaps).

    Returns
    -------
    The answer of the component, the selection event of the figure, or None.
    """
    if isinstance(figure, go.Figure) and not alt:
        raise ValueError(f"the figure {name!r} needs alt, a sentence of what it shows")
    answer = None
    with st.container(key=f"figure-{name}", gap="xsmall"):
        if title:
            st.subheader(title, anchor=False)
        if callable(figure):
            answer = figure()
        elif figure is not None:
            answer = st.plotly_chart(
                figure,
                key=f"plot-{name}",
                on_select=on_select,
                config=PLOTLY,
                alt=alt,
            )
        _files(
            view, choice, name, title, caption, has_png=isinstance(figure, go.Figure)
        )
        _table(view, choice, name)
    return answer


def _files(
    view: View, choice: Selection, name: str, title: str, caption: str, *, has_png: bool
) -> None:
    with st.container(
        key=f"files-{name}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.caption(caption or " ", width="stretch")
        for ending, media_type in MEDIA_TYPES.items():
            st.download_button(
                LABELS[ending],
                functools.partial(view.to_bytes, ending),
                file_name=view.file_name(ending),
                mime=media_type,
                on_click="ignore",
                type="tertiary",
                help=choice.text(f"figure.{ending}"),
                key=f"{ending}-{name}",
            )
        if has_png:
            _PNG_BUTTON(
                key=f"png-{name}",
                width="content",
                data={
                    "target": f"st-key-plot-{name}",
                    "help": choice.text("figure.png"),
                    "file": view.file_name("png"),
                    "title": title or label(view),
                    "subtitle": subtitle(view, choice),
                    "source": source(view, choice),
                },
            )


@st.fragment
def _table(view: View, choice: Selection, name: str) -> None:
    """The frame in words; sent to the browser only while it is open."""
    if view.frame.empty:
        st.caption(choice.text("figure.no_rows"))
        return
    title = choice.text("figure.table", n=f"{len(view.frame):,}")
    table = st.expander(title, key=f"table-{name}", type="compact", on_change="rerun")
    if table.open:
        words, columns = readable(view, choice)
        table.dataframe(
            words, hide_index=True, column_config=columns, key=f"rows-{name}", alt=title
        )


def readable(view: View, choice: Selection) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The frame with names for codes, and headings and formats for its columns."""
    context, registry = view.context, view.context.registry
    words = view.frame.copy()
    columns: dict[str, Any] = {}
    for dimension in context.by:
        names = {
            code: wording.place_name(registry, dimension, code, choice.lang)
            for code in words[dimension].unique()
        }
        words[dimension] = words[dimension].map(names)
        columns[dimension] = wording.DIMENSION_LABELS[dimension][choice.lang]
    metric = context.metric
    columns["numerator"] = registry.label(metric.numerator, choice.lang)
    columns["denominator"] = registry.label(metric.denominator, choice.lang)
    is_share = metric.unit == "share"
    columns["rate"] = st.column_config.NumberColumn(
        label(view), format="percent" if is_share else "%.2f"
    )
    for column in ("n_blank", "n_missing", "std_error", "lower", "upper"):
        if column in words:
            columns[column] = choice.text(f"figure.column.{column}")
    return words, columns


def label(view: View) -> str:
    """The metric in the reader's language."""
    return wording.in_language(view.context.metric, "label", view.context.language)


def subtitle(view: View, choice: Selection) -> str:
    """Place, months and basis of a view in words."""
    context = view.context
    places = [
        wording.place_name(context.registry, dimension, code, choice.lang)
        for dimension, codes in context.where.items()
        for code in codes
    ]
    months = sorted(context.months)
    span = months[:1] + months[-1:] if len(months) > 1 else months
    words = (
        " ".join(places) or choice.text("selection.city"),
        " – ".join(wording.month_name(month, choice.lang) for month in span),
        choice.text(f"selection.basis_word.{context.basis}"),
    )
    return " · ".join(words)


def source(view: View, choice: Selection) -> str:
    """What a saved figure must say of its data."""
    snapshot = view.context.snapshot
    words = (snapshot.notice(choice.lang), choice.text("frame.name"), snapshot.id)
    return " · ".join(word for word in words if word)
