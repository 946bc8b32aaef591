"""Streamlit parts that pages share. A page is choose -> read -> show and nothing else:

    choice = selection.current()                      # the state; it lives in the URL
    st.title(choice.text("sector_gaps.title"), anchor=False)
    selection.breadcrumb(choice, "sector_gaps")       # 全市 › 福清市 › 农村
    choice = selection.choose(choice, "metric", "month", "compare")
    view = ask(choice, by=("unit", "sector"))                 # one frame, its question
    picture = sector_dots(view.frame, ...)                    # from reports.figures
    clicked = show_figure(picture, view, choice, "dots", is_clickable=True)
    follow_click(clicked, choice, "sector_gaps", view.context.by)

`show_figure` brings the table and the CSV, XLSX, Parquet and PNG of that one frame;
`records_view.show_records` does the same for rows that are no rates. `choose_word`
keeps a choice of the page's own in the URL.

A new page is a line in ui/menu.py, its name in menu.toml, pages/<folder>/<name>.py and
reports/words/<name>.toml with a `title`. Names of units, sectors and metrics come from
`choice.name(...)`; text from files goes through `catalogue.plain` before any markdown.
"""
