"""A table that is written as HTML, put into the page as it is.

Streamlit takes the text of `st.html` apart, looks at each element for markup that does
harm, and puts it together again: of tables that takes longer than to draw them.
"""

from __future__ import annotations

from ui.components.kit import mount, register

# Registered once, at import.
_TABLE = register(
    "table",
    '<div class="table-place"></div>',
    "",
    "table.js",
    # In the page itself: its styles, links and phone's list are the frame's.
    isolate_styles=False,
)


def draw_table(html: str, *, key: str) -> None:
    """Draw it; `key` is unique on the page.

    Nobody looks through `html` for markup that does harm: every word in it must have
    been written by `catalogue.letters` or escaped otherwise.
    """
    mount(_TABLE, html.encode(), key)
