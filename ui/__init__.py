"""Streamlit parts that pages share. A page is choose -> read -> show and nothing else:

    choice = selection.current()                      # the state; it lives in the URL
    st.title(choice.text("sector_gaps.title"), anchor=False)
    selection.breadcrumb(choice, "sector_gaps")       # 全市 › 福清市 › 农村
    choice = selection.choose(choice, "metric", "month", "compare")
    view = ask(choice, by=("unit", "sector"), where={})       # one frame, its question
    figure = dot_strip(view.frame, view.context)              # reports.figures
    show_figure(figure, view, choice, "strip", alt=choice.text("sector_gaps.strip"))
    selection.go(choice, "area_profile", unit=clicked)        # drill; link() for a URL

A new page is a line in ui/menu.py, pages/<section>/<name>.py and <name>.toml with a
`title` in both folders of ui/locales. Names of units, sectors and metrics come from
`choice.name(...)`; text from files goes through `i18n.plain` before any markdown.
"""
