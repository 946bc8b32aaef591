"""The frame that every page stands in: menu, notice bar, language. Nothing else.

python -m ui.server, or streamlit run dashboard.py
"""

import streamlit as st

from ui import (
    door,
    failure,
    frame,
    garbage,
    marts,
    menu,
    roles,
    selection,
    server,
    turns,
)
from ui.menu import MENU

garbage.keep_away()
is_misread = server.is_misread()
roles.refuse_others()
with turns.taken():
    reader = roles.ask()
    if isinstance(reader, roles.Barred):
        # Whatever the address asks for: without a role there is nothing to see.
        door.draw(reader)
        st.stop()
    opened = marts.resolve()
    choice = selection.requested()
    first = MENU[0]
    pages = [
        menu.streamlit_page(
            entry.path,
            title=entry.title(choice.lang),
            url_path="start" if entry is first else entry.name,
            default=entry is first,
        )
        for entry in menu.pages().values()
    ]
    # The first page answers at the bare address; a link by its name is understood, too.
    title = choice.text(first.title_key)
    pages.append(menu.streamlit_page(first.path, title=title, url_path=first.name))
    titles = {entry.name: entry.title(choice.lang) for entry in menu.pages().values()}
    missing = failure.missing_page(titles)
    if missing:
        pages.append(missing)
    # The menu is the frame's own: Streamlit's marks no page and drops the choices.
    page = st.navigation(pages, position="hidden")
    title = f"{page.title} · {choice.text('frame.name')}"
    st.set_page_config(title, frame.ICON, layout="wide")
    is_missing = bool(missing and page.url_path == missing.url_path)
    name = first.name if is_missing else page.url_path
    with failure.reported():
        selection.remember(choice, name)
        choice = selection.current()
        about = {"is_missing": is_missing, "is_misread": is_misread}
        frame.head(choice, name, opened, **about)
        needs_figures = not (is_missing or menu.pages()[name or first.name].is_of_files)
        if not reader.may_open(name):
            page.run()  # which says so
        elif opened is None and needs_figures:
            marts.show_how_to_build(choice.lang)
            if reader.may_open("submissions"):
                frame.lead_to_files(choice)
        elif needs_figures and marts.is_empty_part():
            marts.show_nothing_filed(choice.lang)
        else:
            page.run()
        frame.foot(choice, opened)
garbage.collect()
