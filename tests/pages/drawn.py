"""A page as a reader gets it: its words, what its components draw, its files."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element
from streamlit.util import calc_hash

from data_pipeline.number_words import UNDEFINED
from ui import selection
from ui.lake import LAKE_VARIABLE
from ui.menu import pages

PROJECT = Path(__file__).resolve().parents[2]
WRITTEN = ("title", "header", "markdown", "caption", "warning", "text")


def read(markdown: str) -> str:
    """Words of a page as a reader reads them: no escapes, every space like another."""
    return re.sub("[\N{NO-BREAK SPACE}\N{HAIR SPACE}]", " ", markdown.replace("\\", ""))


def tables_of(app: AppTest) -> list[pd.DataFrame]:
    """The tables of a page in their order, short ones and grids; figures as numbers."""
    found = []
    for element in app.main:
        if element.type == "arrow_data_frame":
            found.append(element.value)
        elif 'class="desk-rows"' in (written := written_table(element)):
            (table,) = pd.read_html(io.StringIO(written), na_values=[UNDEFINED])
            later = [row[1:] for row in _later_rows(written)]
            table = pd.concat([table, pd.DataFrame(later, columns=table.columns)])
            found.append(table.rename(columns=read).map(_as_figure))
    return found


def written_table(element: Element) -> str:
    """A table as the page has it, of the element that draws it; "" of any other."""
    proto = element.proto
    is_table = element.type == "bidi_component" and proto.component_name == "table"
    return proto.bytes.decode() if is_table else ""


def texts_of(table: str) -> list[list[str]]:
    """The cells of a table that is written as text, below its headings."""
    rows = re.findall(r"<tr>(<td.+?)</tr>", table)
    cells = (re.findall(r"<td.*?>(.*?)</td>", row) for row in rows)
    told = [[html.unescape(re.sub("<.+?>", "", cell)) for cell in row] for row in cells]
    return [
        list(map(read, row)) for row in (*told, *(r[1:] for r in _later_rows(table)))
    ]


def _later_rows(written: str) -> list[list[str]]:
    """The address and texts of rows that a browser makes once they are asked for."""
    found = re.search(r'data-later="(.+?)"', written)
    return json.loads(html.unescape(found[1])) if found else []


def headings_of(app: AppTest) -> list[str]:
    """The headings of a page below its title, as a reader reads them."""
    written = "\n".join(element.value for element in app.get("html"))
    return [
        read(html.unescape(words))
        for words in re.findall(r"<h[23]>(.*?)</h[23]>", written)
    ]


def headlines_of(app: AppTest) -> dict[str, tuple[str, str]]:
    """(value, change) by name on the row of large figures."""
    (row,) = (
        element.value
        for element in app.main
        if element.type == "html" and 'class="headlines"' in element.value
    )
    found = {}
    for card in row.split("<dt>")[1:]:
        name, value = (
            html.unescape(re.search(f"<{tag}>(.*?)</{tag}>", card)[1])
            for tag in ("span", "dd")
        )
        change = re.search("<b class=.*?>(.*?)</b>", card)
        said = (
            read(change[1]).replace("\N{NARROW NO-BREAK SPACE}", " ") if change else ""
        )
        found[read(name)] = read(value), said
    return found


def links_of(app: AppTest) -> list[str]:
    """The addresses that rows of tables lead to, in their order."""
    found: list[str] = []
    for element in app.main:
        written = written_table(element)
        found += map(html.unescape, re.findall(r'<a href="(.+?)"', written))
        found += [row[0] for row in _later_rows(written)]
    return found


def _as_figure(told: Any) -> Any:
    """Per cent as a number, like all other figures; a day and words as they stand."""
    words = read(told) if isinstance(told, str) else ""
    if not re.fullmatch(r"[\d.]+ %", words):
        return words or told
    return float(words.removesuffix(" %"))


@dataclasses.dataclass
class Drawn:
    """One run of a page. `files` holds (name, content) by key, such as "csv-matrix"."""

    app: AppTest
    files: dict[str, tuple[str, Callable[[], bytes]]]

    @property
    def words(self) -> str:
        """Everything written on the page as one text, as `read` reads it."""
        written = [e.value for kind in WRITTEN for e in self.app.get(kind)]
        return "\n".join((*headings_of(self.app), read("\n".join(written))))

    def component(self, name: str) -> dict[str, Any]:
        """The data that a component of that name has to draw."""
        (found,) = (
            element.proto
            for element in self.app.get("bidi_component")
            if element.proto.component_name == name
        )
        return json.loads(found.bytes or found.json)

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The plotly figures that are drawn, by the names `show_figure` gave them."""
        return {
            element.proto.id.rpartition("plot-")[2]: json.loads(element.proto.bytes)[
                "figure"
            ]
            for element in self.app.get("bidi_component")
            if element.proto.component_name == "plot"
        }

    def figure(self, name: str) -> dict[str, Any]:
        """The plotly figure of that name."""
        return self.figures[name]

    def bytes_of(self, key: str) -> bytes:
        return self.files[key][1]()

    def rows_of(self, key: str) -> list[dict[str, str]]:
        """The rows of a CSV; it must begin with a byte order mark."""
        content = self.bytes_of(key)
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def draw_page(
    name: str,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    user: dict[str, Any] | None = None,
    panels: Iterable[str] = ("files",),
    **query: str,
) -> Drawn:
    """Run dashboard.py at `name` with these parameters of the address.

    `user` is what the cookie of a login says, where one is configured; `panels` are
    those that are open: only of open ones files are named.
    """
    files: dict[str, tuple[str, Callable[[], bytes]]] = {}
    download_button, expander = st.download_button, st.expander

    def keep(label: str, data: Callable[[], bytes], **options: Any) -> bool:
        files[options["key"]] = (options["file_name"], data)
        return download_button(label, data, **options)

    def open_parts(label: str, *args: Any, **options: Any) -> Any:
        drawn = expander(label, *args, **options)
        if options.get("key") in ("analysts", "export-all-figures"):
            drawn.open = True  # only then are analyses drawn
        return drawn

    def open_panels(_: str, names: Iterable[str]) -> frozenset[str]:
        return frozenset(panels).intersection(names)

    monkeypatch.setenv(LAKE_VARIABLE, str(lake))
    monkeypatch.setattr(st, "download_button", keep)
    monkeypatch.setattr(st, "expander", open_parts)
    monkeypatch.setattr(selection, "opened_panels", open_panels)
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    app.user = user or {}
    for parameter, value in query.items():
        app.query_params[parameter] = value
    entry = pages()[name]
    if entry.standard:
        # Standard pages share one script: their address tells them apart.
        app._page_hash = calc_hash(name)
        app.run()
    else:
        app.switch_page(entry.path).run()
    assert not app.exception
    return Drawn(app, files)
