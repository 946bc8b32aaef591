"""The parts of the page 领域差距: how far places lie apart, what is still missing."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from data_pipeline.registry import CELL, load_registry
from data_pipeline.withheld import withholds
from reports.belief import caveat, in_short
from reports.figures.lines import month_lines
from reports.figures.matrix import Anchor, compare_text
from reports.figures.style import Picture
from reports.ledger_quality import rows as flag_words
from reports.overview.rows import WORDS, filing_rows
from reports.sector_gaps.figures import sector_bars, sector_dots
from reports.sector_gaps.ranking import Ranking, rank_places
from reports.tables import DisplayTable, Hint
from reports.words import catalogue, wording
from reports.words.standing import target_in_force
from ui import marts, selection
from ui.belief import ask_belief, say_caveat
from ui.desk_rows import draw_desk_rows
from ui.markup import draw_heading
from ui.metric_view import (
    View,
    ask,
    draw_files,
    follow_click,
    named_townships,
    show_figure,
)
from ui.parts import methods
from ui.parts import reported_vs_verified as checks_view
from ui.parts.county_heatmap import describe_classes
from ui.parts.unevenness import line_of, with_classes
from ui.records_view import ask_filing, show_records
from ui.selection import Selection

PAGE = "sector_gaps"
TEXT_CELLS = ("name", "mark", "believed")


def draw_choices(choice: Selection, metrics: Sequence[str]) -> Selection:
    """All choices in one row; townships inside a unit whose ledgers name them."""
    choice = selection.keep_to(choice, metrics)
    # Where there is none, one that the address asks for is dropped.
    townships = named_townships(choice)
    levels = ("unit", *(["township"] if townships else []), "sector")
    widgets = ("metric", "month", "basis", "compare", *levels)
    options = {"township": townships}
    return selection.choose(choice, *widgets, metrics=metrics, options=options)


def draw_months(choice: Selection) -> None:
    """A sector of a unit over the months, beside the city and its target."""
    months = choice.course(selection.months())
    metric, registry, lang = choice.chosen_metric, load_registry(), choice.lang
    line = "township" if choice.township else "unit"
    view = ask(choice, by=("month", line), months=months)
    whole = ask(choice, by=("month",), where=choice.alike, months=months).frame
    cell = (getattr(choice, line), choice.sector)
    lines = {
        "city": whole,
        "target": target_in_force(metric, choice.month),
        "place": wording.cell_name(registry, (line, "sector"), cell, lang),
        "flagged": _count_flags(months, choice),
    }
    # One line, called by its unit and sector and not by the column that it stands in.
    alone = view.frame.drop(columns=line)
    picture = month_lines(alone, metric, registry, lang, **lines)
    show_figure(picture, view, choice, "months")


def _count_flags(months: Sequence[str], choice: Selection) -> dict[str, int]:
    """By month how many flags speak of the place."""
    found, place = marts.current_flags()[0].found, (choice.unit, choice.sector)
    where = dict(zip(CELL, place, strict=True)) | {"is_month_only": True}
    return {month: len(flag_words.select(found, month, **where)) for month in months}


def draw_sectors(choice: Selection) -> None:
    """Units as dots along each sector, or the sectors of one unit as bars."""
    by = ("sector",) if choice.unit else CELL
    plot = functools.partial(_plot_sectors, choice, by)
    picture, view, caption = marts.kept_of(choice.alone, (PAGE, "sectors"), plot)
    about = {"caption": caption, "is_clickable": True}
    name = "bars" if choice.unit else "dots"
    clicked = show_figure(picture, view, choice, name, **about)
    follow_click(clicked, choice, PAGE, by)


def _plot_sectors(choice: Selection, by: tuple[str, ...]) -> tuple[Picture, View, str]:
    """The picture, its rows, and how many places are hot and cold."""
    view = with_classes(ask(choice, by=by), choice)
    metric, month, line = choice.chosen_metric, choice.month, line_of(choice)
    about = (view.frame, metric, load_registry(), choice.lang)
    lines = {
        "month": month,
        "city": float(ask(choice, where=choice.alike).frame["rate"].iloc[0]),
        "target": target_in_force(metric, month),
        "line": line,
    }
    if choice.unit:
        picture = sector_bars(*about, **lines, unit=choice.unit)
    else:
        picture = sector_dots(*about, **lines)
    return picture, view, describe_classes(view, choice, line)


def say_cell(choice: Selection) -> str:
    """How it is judged, compared, checked, flagged and filed, as markdown.

    Of a township there is none of it: the line then names the cell that it speaks of.
    """
    metric, lang = choice.chosen_metric, choice.lang
    cell = choice.change(township=None, basis="reported")
    rows = with_classes(ask(cell, by=CELL), cell).frame.to_dict("records")
    words, sentence = catalogue.texts("hot_cold")[lang], []
    if rows and not wording.is_missing(rows[0]["rate"]):
        (row,), line = rows, line_of(cell)
        at = line.at((choice.unit, choice.sector), row["rate"])
        sentence.append(compare_text(row["rate"], at, line.kind, metric, lang))
        if judged := row.get("cell_class"):
            sentence.append(words["statistics"].format(word=words[judged]))
    believed = ask_belief(metric, choice.month, choice.unit, choice.sector)
    says = caveat(believed, lang).strip(" ()\uff08\uff09")
    if believed.n_flags:
        here = {"unit": choice.unit, "sector": choice.sector, "township": None}
        to = choice.open_link("ledger_quality", **here)
        sentence.append(selection.linked(catalogue.plain(says), to))
    else:
        sentence.append(catalogue.plain(says))
    if not believed.finds_less:
        checks = believed._replace(n_flags=0)
        of = {"n": rows[0]["denominator"], "rate": rows[0]["rate"]} if rows else {}
        short = in_short(checks, lang, **of, has_verdicts=metric.has_verdicts)
        sentence.append(catalogue.plain(short))
    filed = filing_rows(ask_filing((choice.month,)), marts.current().snapshot)
    for status in filed.loc[filed["unit"] == choice.unit, "status"]:
        heading = choice.text(f"{PAGE}.filed")
        sentence.append(f"{heading}{catalogue.plain(WORDS[lang]['status'][status])}")
    said = " · ".join(filter(None, sentence))
    if not choice.township:
        return said
    place = catalogue.plain(cell.change(branch=None).place)
    return choice.text(f"{PAGE}.of_cell", place=place, said=said)


def show_flags_here(choice: Selection) -> None:
    """The flags on a place that files a total only, each with where it stands."""
    _, listed = marts.current_flags()
    place = {"unit": choice.unit, "sector": choice.sector}
    rows = flag_words.select(listed, choice.month, **place).reset_index(drop=True)
    display = flag_words.flags_table(rows, load_registry(), choice.lang)
    title = choice.text("ledger_quality.flags")
    show_records(rows, choice, "flags", title, display=display)


def show_ranking(choice: Selection, by: tuple[str, ...], page: str = PAGE) -> None:
    """The places inside the chosen one, who lacks most first; each name leads there.

    What nobody owes now, or what cannot be made up for, ranks by its distance alone.
    """
    metric, registry, lang = choice.chosen_metric, load_registry(), choice.lang
    target = target_in_force(metric, choice.month)
    target = None if metric.remembers else target
    view = with_classes(ask(choice, by=by), choice)
    line = line_of(choice)

    def rank() -> Ranking:
        fixed = {name: getattr(choice, name) for name in CELL if getattr(choice, name)}
        about = (view.frame, metric, registry, by, line, lang)
        caveat = say_caveat(choice, metric)({})
        return rank_places(*about, target=target, fixed=fixed, caveat=caveat)

    ranking = marts.kept_of(choice, (PAGE, "ranking", by), rank)
    title = choice.text(f"{PAGE}.ranked.{'lowest' if target is None else 'title'}")
    with st.container(key="ranking", gap="xsmall"):
        sentence = catalogue.plain(ranking.headline)
        if len(ranking.rows) < 2:
            # One place has no ranking: a sentence says all of it.
            empty = "withheld" if withholds(view.frame) else "no_rows"
            said = sentence or choice.text(f"figure.{empty}")
            st.markdown(f"**{catalogue.plain(title)}** · {said}")
            return
        draw_heading(title)
        if sentence:
            st.markdown(catalogue.solid(sentence))

        def tell() -> tuple[DisplayTable, list[str]]:
            table = _ranking_table(ranking, choice, line)
            return table, [choice.link(page, **row.codes) for row in ranking.rows]

        part = (PAGE, "ranked", page, by)
        table, links = marts.kept_of(choice, part, tell)
        draw_desk_rows(table, key="rows-ranking", alt=title, links=links)
        if ranking.rest:
            st.caption(catalogue.plain(ranking.rest))
        if "township" in by:  # those of the picture beside it are the same rows
            caption = methods.sentence(choice, "still_missing") if target else ""
            draw_files(view, choice, "ranked", caption, with_table=True)


def _ranking_table(ranking: Ranking, choice: Selection, line: Anchor) -> DisplayTable:
    """The list as people read it; a sign says in words what it means."""
    words = choice.text(f"hot_cold.anchor_{line.kind}")
    heads = {
        "name": choice.text(f"{PAGE}.ranked.place"),
        "rate": choice.text(f"{PAGE}.ranked.rate"),
        "mark": choice.text(f"{PAGE}.ranked.compared", line=words),
        "missing": choice.text(f"{PAGE}.ranked.missing"),
        "believed": choice.text(f"{PAGE}.ranked.believed"),
    }
    rows = ranking.rows
    cells = {name: [getattr(row, name) for row in rows] for name in heads}
    cells["mark"] = [" ".join(filter(None, (row.mark, row.judged))) for row in rows]
    shown = [name for name in heads if any(cells[name])]
    frame = pd.DataFrame({heads[name]: cells[name] for name in shown})
    kinds = (Hint("text" if name in TEXT_CELLS else "number") for name in shown)
    return DisplayTable(frame, dict(zip(frame, kinds, strict=True)))


def draw_checked(choice: Selection, level: str) -> None:
    """Reported beside verified by unit or sector.

    Checks are a sample: most cells have too few for a rate of their own, and what a
    sample lacks is not what is still missing.
    """
    checks_view.draw_dumbbell(choice, level, PAGE)
