"""Figure of a check list: how many are drawn where, weak branches first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Registry
from reports.figures import style
from reports.figures.bars import bars
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.words import catalogue, wording

TEXTS = catalogue.texts("check_planner.figures")
ROW = 26
WEAK = style.TARGET  # orange and blue are kept for hot and cold


def drawn_bars(
    frame: pd.DataFrame,
    registry: Registry,
    language: str = "zh",
    *,
    place: str = "",
    snapshot: Snapshot | None = None,
) -> Picture:
    """Drawn branches by place as bars, the weak ones dark.

    Parameters
    ----------
    frame
        `reports.check_planner.rows.spread_over`, with a row at least.
    place
        Inside which place, in words; "" for the whole list.

    Returns
    -------
    Picture
        Places in the registry's order; customdata is [code].
    """
    texts, dimension = TEXTS[language], frame.columns[0]
    title = texts[f"{dimension}_inside" if place else dimension].format(place=place)
    sheet = Sheet(title, language, snapshot)
    order = list(registry.units if dimension == "unit" else registry.sectors)
    rows = sorted(style.records(frame), key=lambda row: order.index(row[dimension]))
    names = [
        wording.place_name(registry, dimension, row[dimension], language, is_short=True)
        for row in rows
    ]
    labels = [_label(row, texts) for row in rows]
    longest = max(row["n_drawn"] for row in rows)
    most = [at for at, row in enumerate(rows) if row["n_drawn"] == longest]
    if len(rows) > 1 and len(most) == 1:
        name, label = names[most[0]], labels[most[0]]
        found = texts["most"].format(title=sheet.title, name=name, label=label)
        sheet = sheet.titled(found)
    weak = [row["n_weak_drawn"] for row in rows]
    others = [row["n_drawn"] - row["n_weak_drawn"] for row in rows]
    common = {
        "texts": [
            _drawn_text(row, name, texts["hover"])
            for name, row in zip(names, rows, strict=True)
        ],
        "codes": [[row[dimension]] for row in rows],
        "textposition": "outside",
        "textfont": {"size": style.SMALL_SIZE},
        "cliponaxis": False,
    }
    return sheet.draw_rows(
        [
            bars(weak, WEAK, text=[""] * len(rows), **common),
            bars(others, style.DONE, text=labels, **common),
        ],
        names,
        wording.join(
            (f"{n} {label}" for n, label in zip(names, labels, strict=True)), language
        ),
        texts["subtitle"].format(
            weak=style.colored("■", WEAK), other=style.colored("■", style.DONE)
        ),
        row=ROW,
        barmode="stack",
        bargap=0.3,
        # Room for the figures that stand to the right of the bars.
        xaxis=style.number_axis(0, longest * 1.6, 4),
    )


def _label(row: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """How many are drawn of a place, its share, and whether more are demanded."""
    is_below = bool(row.get("is_below_demand"))
    return texts["label_below" if is_below else "label"].format(
        drawn=wording.number(row["n_drawn"]),
        share=wording.percent(row["inclusion_probability"]),
        demanded=wording.percent(row["demanded"], 0) if is_below else "",
    )


def _drawn_text(row: Mapping[str, Any], name: str, text: str) -> str:
    """`text` with what was drawn of a place, of how many, and what that proves."""
    return text.format(
        name=style.escape(name),
        drawn=wording.number(row["n_drawn"]),
        frame=wording.number(row["n_frame"]),
        share=wording.percent(row["inclusion_probability"]),
        weak=wording.number(row["n_weak_drawn"]),
        weak_frame=wording.number(row["n_weak_frame"]),
        reserve=wording.number(row["n_reserve"]),
        proves=wording.percent(row["proves"]),
    )
