"""Weak organisations in pictures: where they crowd, how they fare, who is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from reports.figures import style
from reports.figures.bars import bars, end_label
from reports.figures.dots import dots
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.weak_organizations.rows import CHECK_SHARE, STATES, TYPE_NAMES
from reports.words import catalogue, wording

MOST_PLACES = 20
# Told apart by lightness, too: the darkest is what is late.
STATE_COLOURS: Mapping[str, str] = {
    "converted": style.DONE,
    "relapsed": style.SECTORS["school"],
    "overdue": style.HOT,
    "in_term": style.PALE,
}
TEXTS = catalogue.texts("weak_organizations.figures")


def hotspot_bars(
    found: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    is_by_days: bool = False,
    snapshot: Snapshot | None = None,
) -> Picture:
    """Listed organisations of a township and sector against what its share would be.

    Parameters
    ----------
    found
        `weak_organizations.find_hotspots`, in its order, or `longest_overdue` where
        it `is_by_days`.

    Returns
    -------
    Picture
        At most 20 places; customdata is [unit, township, sector].
    """
    texts = TEXTS[language]
    sheet = Sheet(texts["hotspots"], language, snapshot)
    rows = style.records(found.head(MOST_PLACES))
    if not rows:
        return sheet.empty()
    has_units = len({row["unit"] for row in rows}) > 1
    lines = [_short_name(row, registry, language, has_units) for row in rows]
    names = [name.replace("\n", " ") for name in lines]
    about = [_hotspot_words(row, texts) for row in rows]
    hover = {
        "texts": [
            f"{style.escape(name)}<br>{texts['hover'].format(**words)}"
            for name, words in zip(names, about, strict=True)
        ],
        "codes": [[row["unit"], row["township"], row["sector"]] for row in rows],
    }
    drawn = [row["n_weak"] for row in rows]
    expected = [row["n_expected"] for row in rows]
    longest = list(map(max, drawn, expected))
    if is_by_days:  # the length is what the places are ordered by
        days = [row["days_overdue_most"] for row in rows]
        longest = drawn = [0 if wording.is_missing(day) else day for day in days]
    colors = [style.HOT if row["is_hotspot"] else style.NEUTRAL for row in rows]
    look = {"symbol": "diamond", "line": {"color": style.EDGE, "width": 1}}
    marks = dots(expected, range(len(rows)), style.CITY, 9, marker=look, **hover)
    beside = {"xanchor": "left", "xshift": 8, "align": "left"}
    notes = [
        style.label(texts["note"].format(**words), end, at, **beside)
        for at, (words, end) in enumerate(zip(about, longest, strict=True))
    ]
    hot = [
        f"{name} {row['n_weak']} / {row['n_branches']}"
        for name, row in zip(names, rows, strict=True)
        if row["is_hotspot"]
    ]
    if is_by_days:
        sheet = sheet.titled(_longest_title(found, names[0], texts, language))
    elif n_hot := int(found["is_hotspot"].sum()):
        sheet = sheet.titled(texts["hotspots_found"].format(n=n_hot, first=hot[0]))
    spoken = wording.join(hot, language, "clauses")
    return sheet.draw_rows(
        [bars(drawn, colors, width=0.55, **hover), *([] if is_by_days else [marks])],
        lines,
        spoken or "–",
        texts["days_sub" if is_by_days else "hotspots_sub"].format(
            hot=style.colored("■", style.HOT),
            other=style.colored("■", style.NEUTRAL),
            diamond=style.colored("◆", style.CITY),
        ),
        row=36,
        above=18,
        right=12,
        # Notes of two lines: so much is left of the width of a phone.
        xaxis=style.number_axis(0, (max(longest) or 1) * 2.9, 5),
        annotations=notes,
    )


def _longest_title(
    by_days: pd.DataFrame, name: str, texts: Mapping[str, str], language: str
) -> str:
    """Where a case is overdue longest; `name` is the first, which others may equal."""
    days = by_days["days_overdue_most"]
    if wording.is_missing(days.iloc[0]):
        return texts["none_overdue"]
    n = int((days == days.iloc[0]).sum())
    if n == 1:
        return texts["longest_overdue"].format(
            first=name, days=wording.number(days.iloc[0])
        )
    # In Chinese all are counted, in English those besides.
    n -= language != "zh"
    return texts["longest_overdue_several"].format(
        first=name, n=n, days=wording.number(days.iloc[0])
    )


def _hotspot_words(row: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """The figures of a place as its sentences write them."""
    overdue = late = ""
    if not wording.is_missing(row["days_overdue_most"]):
        days = wording.number(row["days_overdue_most"])
        overdue = texts["note_overdue"].format(days=days)
        late = texts["hover_overdue"].format(n=row["n_overdue"], days=days)
    return {
        "overdue": overdue,
        "late": late,
        "k": row["n_weak"],
        "n": wording.number(row["n_branches"]),
        "expected": f"{row['n_expected']:.1f}",
        "ratio": ratio_text(row["ratio"]),
        "p": style.escape(wording.p_value(row["p_adjusted"])),
        "open": row["n_open"],
    }


def state_months(
    counts: pd.DataFrame, language: str = "zh", *, snapshot: Snapshot | None = None
) -> Picture:
    """The list month by month: what is converted, relapsed, overdue, within its term.

    `counts` is from `weak_organizations.count_states`; customdata is [month].
    """
    texts = TEXTS[language]
    sheet = Sheet(texts["months"], language, snapshot)
    rows = counts.to_dict("records")
    if not any(row["n_listed"] for row in rows):
        return sheet.empty()
    months = [row["month"] for row in rows]
    keys = [style.key(texts[state], STATE_COLOURS[state]) for state in STATES]
    most = max(row["n_listed"] for row in rows)
    last = rows[-1]
    if last["n_listed"]:
        title = texts["months_found"].format(
            month=wording.month_tick(last["month"], language),
            rate=wording.percent(last["rate"]),
            overdue=wording.number(last["n_overdue"]),
        )
        sheet = sheet.titled(title)
    return sheet.draw(
        [_state_bars(state, rows, language) for state in STATES],
        wording.join(
            (f"{texts[state]} {last[f'n_{state}']}" for state in STATES), language
        ),
        "  ".join(keys),
        when=wording.month_name(last["month"], language),
        height=style.TOP + 300 + style.BOTTOM,
        left=44,
        barmode="stack",
        bargap=0.3,
        xaxis=style.month_axis(months, language) | {"range": [-0.6, len(rows) - 0.4]},
        yaxis=style.number_axis(0, most * 1.1, 5),
        annotations=[
            style.label(
                wording.percent(row["rate"]),
                row["month"],
                row["n_listed"],
                yshift=9,
                font={
                    "size": style.SMALL_SIZE - 2
                },  # nine stand side by side on a phone
            )
            for row in rows
            if row["n_listed"]
        ],
    )


def _state_bars(
    state: str, rows: Sequence[Mapping[str, Any]], language: str
) -> dict[str, Any]:
    """The part of each month's bar that stands for one state."""
    texts = TEXTS[language]
    hovers = [
        texts["month_hover"].format(
            month=wording.month_name(row["month"], language),
            state=texts[state],
            n=wording.number(row[f"n_{state}"]),
            listed=wording.number(row["n_listed"]),
        )
        for row in rows
    ]
    return {
        "type": "bar",
        "name": texts[state],
        "x": [row["month"] for row in rows],
        "y": [row[f"n_{state}"] for row in rows],
        "marker": {"color": STATE_COLOURS[state]},
        **style.hover(hovers, [[row["month"]] for row in rows]),
    }


def type_bars(
    types: pd.DataFrame, language: str = "zh", *, snapshot: Snapshot | None = None
) -> Picture:
    """Of each of the six weak kinds, the share of branches that checks have reached.

    `types` is from `weak_organizations.count_types`; customdata is [sector].
    """
    texts = TEXTS[language]
    sheet = Sheet(texts["types"], language, snapshot)
    rows = style.records(types)
    names = [TYPE_NAMES[row["sector"]][language] for row in rows]
    hovers, hover = [], []
    for name, row in zip(names, rows, strict=True):
        note = texts["type_note"].format(
            checked=wording.number(row["n_checked"]),
            n=wording.number(row["n_branches"]),
            share=wording.percent(row["share"]),
        )
        checks = texts["type_hover"].format(
            random=wording.number(row["n_random"]),
            targeted=wording.number(row["n_targeted"]),
            prepared=wording.number(row["n_prepared"]),
        )
        hovers.append(note)
        hover.append(f"{style.escape(name)}<br>{checks}")
    trace = bars(
        [row["share"] or 0 for row in rows],
        style.DONE,
        texts=hover,
        codes=[[row["sector"]] for row in rows],
        width=0.58,
    )
    known = [row["share"] for row in rows if row["share"] is not None]
    if len(known) > 1 and known.count(min(known)) == 1:
        at = [row["share"] for row in rows].index(min(known))
        about = {"name": names[at], "share": wording.percent(min(known))}
        sheet = sheet.titled(texts["types_least"].format(**about))
    return sheet.draw_rows(
        [trace],
        names,
        wording.join(
            (f"{name} {note}" for name, note in zip(names, hovers, strict=True)),
            language,
            "clauses",
        ),
        texts["types_sub"],
        row=40,
        right=112,
        xaxis=style.share_axis(tickvals=[0, 0.5, 1]),
        shapes=[style.band(*CHECK_SHARE, xref="x")],
        annotations=[
            end_label(note, at, style.SMALL_SIZE) for at, note in enumerate(hovers)
        ],
    )


def ratio_text(ratio: float | None) -> str:
    """How many times what was expected.

    >>> ratio_text(18.206), ratio_text(3.14), ratio_text(None)
    ('18', '3.1', '–')
    """
    if wording.is_missing(ratio):
        return wording.UNDEFINED
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _short_name(
    row: Mapping[str, Any], registry: Registry, language: str, with_unit: bool
) -> str:
    """A cell as it stands beside its bar: the place, and below it the sector.

    One unit's need not say so each time.
    """
    words = [row["township"]] if row["township"] else []
    if with_unit or not words:
        words.insert(0, wording.place_name(registry, "unit", row["unit"], language))
    sector = row["sector"]
    name = wording.place_name(registry, "sector", sector, language, is_short=True)
    return f"{' '.join(words)}\n{name}"
