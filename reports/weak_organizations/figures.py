"""Weak organisations in pictures: where they crowd, how they fare, who is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from reports.figures import style
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
    snapshot: Snapshot | None = None,
) -> Picture:
    """Listed organisations of a township and sector against what its share would be.

    Parameters
    ----------
    found
        `weak_organizations.find_hotspots`, the least likely first.

    Returns
    -------
    Picture
        At most 20 places; customdata is [unit, township, sector].
    """
    texts = TEXTS[language]
    title, footnote = texts["hotspots"], style.origin(snapshot, language)
    rows = style.records(found.head(MOST_PLACES))
    if not rows:
        return style.empty(title, language, footnote)
    units = {row["unit"] for row in rows}
    names = [_short_name(row, registry, language, len(units) > 1) for row in rows]
    colours = [style.HOT if row["is_hotspot"] else style.NEUTRAL for row in rows]
    places = [[row["unit"], row["township"], row["sector"]] for row in rows]
    hover = [
        f"{style.escape(name)}<br>"
        + texts["hover"].format(
            k=row["n_weak"],
            n=wording.number(row["n_branches"]),
            expected=f"{row['n_expected']:.1f}",
            ratio=ratio_text(row["ratio"]),
            p=style.escape(wording.p_value(row["p_adjusted"])),
            open=row["n_open"],
        )
        for name, row in zip(names, rows, strict=True)
    ]
    positions = list(range(len(rows)))
    common = {"customdata": places, "hovertext": hover, "hoverinfo": "text"}
    data = [
        {
            **common,
            "type": "bar",
            "orientation": "h",
            "x": [row["n_weak"] for row in rows],
            "y": positions,
            "width": 0.62,
            "marker": {"color": colours},
        },
        {
            **common,
            "type": "scatter",
            "mode": "markers",
            "x": [row["n_expected"] for row in rows],
            "y": positions,
            "marker": {
                "size": 9,
                "symbol": "diamond",
                "color": style.CITY,
                "line": {"color": style.EDGE, "width": 1},
            },
        },
    ]
    notes = [
        style.label(
            texts["note"].format(
                k=row["n_weak"],
                n=wording.number(row["n_branches"]),
                ratio=ratio_text(row["ratio"]),
            ),
            max(row["n_weak"], row["n_expected"]),
            position,
            xanchor="left",
            xshift=8,
        )
        for position, row in enumerate(rows)
    ]
    most = max(max(row["n_weak"], row["n_expected"]) for row in rows)
    arrangement = style.layout(
        title,
        texts["hotspots_sub"].format(
            hot=_square(style.HOT), other=_square(style.NEUTRAL)
        ),
        height=style.TOP + 26 * len(rows) + style.BOTTOM,
        left=style.left_margin(names),
        right=12,
        footnote=footnote,
        xaxis=style.axis(range=[0, most * 1.5], nticks=5, tickformat=",d"),
        yaxis=style.name_axis(names, positions),
        annotations=notes,
    )
    spoken = "; ".join(
        f"{name} {row['n_weak']}/{row['n_branches']}"
        for name, row in zip(names, rows, strict=True)
        if row["is_hotspot"]
    )
    return Picture(data, arrangement, f"{title}: {spoken or '–'}")


def state_months(
    counts: pd.DataFrame, language: str = "zh", *, snapshot: Snapshot | None = None
) -> Picture:
    """The list month by month: what is converted, relapsed, overdue, within its term.

    `counts` is from `weak_organizations.count_states`; customdata is [month].
    """
    texts = TEXTS[language]
    title, footnote = texts["months"], style.origin(snapshot, language)
    rows = counts.to_dict("records")
    if not any(row["n_listed"] for row in rows):
        return style.empty(title, language, footnote)
    months = [row["month"] for row in rows]
    data = [
        {
            "type": "bar",
            "name": texts[state],
            "x": months,
            "y": [row[f"n_{state}"] for row in rows],
            "marker": {"color": STATE_COLOURS[state]},
            "customdata": [[month] for month in months],
            "hovertext": [
                texts["month_hover"].format(
                    month=wording.month_name(row["month"], language),
                    state=texts[state],
                    n=wording.number(row[f"n_{state}"]),
                    listed=wording.number(row["n_listed"]),
                )
                for row in rows
            ],
            "hoverinfo": "text",
        }
        for state in STATES
    ]
    notes = [
        style.label(
            f"{wording.percent(row['rate'])}",
            row["month"],
            row["n_listed"],
            yshift=9,
        )
        for row in rows
        if row["n_listed"]
    ]
    keys = [f"{_square(STATE_COLOURS[state])} {texts[state]}" for state in STATES]
    most = max(row["n_listed"] for row in rows)
    arrangement = style.layout(
        title,
        "  ".join(keys),
        height=style.TOP + 300 + style.BOTTOM,
        left=44,
        footnote=footnote,
        barmode="stack",
        bargap=0.3,
        xaxis=style.month_axis(months, language) | {"range": [-0.6, len(rows) - 0.4]},
        yaxis=style.axis(range=[0, most * 1.1], nticks=5, tickformat=",d"),
        annotations=notes,
    )
    last = rows[-1]
    spoken = ", ".join(f"{texts[s]} {last[f'n_{s}']}" for s in STATES)
    when = wording.month_name(last["month"], language)
    return Picture(data, arrangement, f"{title}, {when}: {spoken}")


def type_bars(
    types: pd.DataFrame, language: str = "zh", *, snapshot: Snapshot | None = None
) -> Picture:
    """Of each of the six weak kinds, the share of branches that checks have reached.

    `types` is from `weak_organizations.count_types`; customdata is [sector].
    """
    texts = TEXTS[language]
    title, footnote = texts["types"], style.origin(snapshot, language)
    rows = style.records(types)
    names = [TYPE_NAMES[row["sector"]][language] for row in rows]
    positions = list(range(len(rows)))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "x": [row["share"] or 0 for row in rows],
            "y": positions,
            "width": 0.58,
            "marker": {"color": style.DONE},
            "customdata": [[row["sector"]] for row in rows],
            "hovertext": [
                f"{style.escape(name)}<br>"
                + texts["type_hover"].format(
                    random=wording.number(row["n_random"]),
                    targeted=wording.number(row["n_targeted"]),
                    prepared=wording.number(row["n_prepared"]),
                )
                for name, row in zip(names, rows, strict=True)
            ],
            "hoverinfo": "text",
        }
    ]
    told = [
        texts["type_note"].format(
            checked=wording.number(row["n_checked"]),
            n=wording.number(row["n_branches"]),
            share=wording.percent(row["share"]),
        )
        for row in rows
    ]
    band = {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": CHECK_SHARE[0],
        "x1": CHECK_SHARE[1],
        "y0": 0,
        "y1": 1,
        "fillcolor": style.BAND,
        "line": {"width": 0},
        "layer": "below",
    }
    arrangement = style.layout(
        title,
        texts["types_sub"],
        height=style.TOP + 40 * len(rows) + style.BOTTOM,
        left=style.left_margin(names),
        right=112,
        footnote=footnote,
        xaxis=style.share_axis(tickvals=[0, 0.5, 1]),
        yaxis=style.name_axis(names, positions),
        shapes=[band],
        annotations=[
            style.label(text, 1, position, xref="paper", xanchor="left", xshift=6)
            for position, text in enumerate(told)
        ],
    )
    pairs = zip(names, told, strict=True)
    return Picture(
        data, arrangement, f"{title}: {'; '.join(f'{n} {t}' for n, t in pairs)}"
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
    """A cell as it stands beside its bar; one unit's need not say so each time."""
    words = [row["township"]] if row["township"] else []
    if with_unit or not words:
        words.insert(0, wording.place_name(registry, "unit", row["unit"], language))
    sector = row["sector"]
    words.append(
        wording.place_name(registry, "sector", sector, language, is_short=True)
    )
    return " ".join(words)


def _square(colour: str) -> str:
    return f"<span style='color:{colour}'>■</span>"
