"""The frame that every page stands in: menu, notice bar, language. Nothing else.

python -m ui.server, or streamlit run dashboard.py
"""

import atexit
import gc
import importlib

import streamlit as st

from ui import failure, frame, marts, selection, server
from ui.menu import MENU, SECTIONS, menu


@st.cache_resource(show_spinner=False)
def freeze_imports() -> None:
    """Take the libraries out of the collector, once a process.

    Streamlit collects all garbage after every rerun. With pandas, plotly and duckdb
    loaded that walks through a million objects which never die. What only pages
    import is imported here first, or it would stay in the collector's way.
    """
    for module in (
        "plotly.graph_objects",
        "scipy.special",
        "ui.components.hot_cold",
        "ui.records_view",
    ):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    # What is still frozen at the end looks to DuckDB's binding like a leak.
    atexit.register(gc.unfreeze)


freeze_imports()
is_misread = server.is_misread()
opened = marts.resolve()
choice = selection.asked()
pages = {
    choice.text(f"frame.section.{section}"): [
        st.Page(
            entry.path,
            title=entry.title(choice.lang),
            icon=entry.icon,
            url_path="start" if entry is MENU[0] else entry.name,
            default=entry is MENU[0],
        )
        for entry in menu()
        if entry.section == section
    ]
    for section in SECTIONS
}
# The first page answers at the bare address; a link by its name is understood, too.
first = MENU[0]
by_name = st.Page(
    first.path,
    title=choice.text(first.title_key),
    url_path=first.name,
    visibility="hidden",
)
pages[choice.text(f"frame.section.{first.section}")].append(by_name)
titles = {entry.name: entry.title(choice.lang) for entry in menu()}
missing = failure.missing_page(titles)
if missing:
    pages[choice.text(f"frame.section.{first.section}")].append(missing)
st.set_page_config(page_icon=frame.ICON, layout="wide")
page = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{page.title} · {choice.text('frame.name')}")
is_missing = bool(missing and page.url_path == missing.url_path)
name = first.name if is_missing else page.url_path
with failure.told():
    selection.remember(choice, name)
    choice = selection.current()
    frame.head(choice, name, opened, is_misread=is_misread)
    if opened is None and not is_missing:
        marts.show_how_to_build(choice.lang)
    else:
        page.run()
    frame.foot(choice)
