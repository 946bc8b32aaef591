"""A check list to look at: how it spreads over places, and what it could prove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.statistics.sampling import Draw, choose_lot_rule, prove_by_all_pass
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording

POWER = 0.80  # of telling a unit that is 95 % sound from one that is 80 %
ROUNDING = 1e-9  # what the last digit of a quotient may differ by
LISTS = ("drawn", "reserve", "strata")
TEXTS = catalogue.texts("check_planner.rows")
LOT = ("most_failures", "acts_if_good", "acts_if_bad")
LAYERS = catalogue.texts("check_planner.rows.layers")
WAYS = catalogue.terms("check_planner.way")
# Columns of a list, in the order in which they are read.
_LISTED = (
    *("number", "supervision_group", "branch", "branch_name", "unit", "township"),
    *("sector", "layer", "is_weak", "place", "n_frame", "n_drawn"),
    *("inclusion_probability", "is_announced", "n_weak_frame", "n_weak_drawn"),
    *("n_reserve", "proves", *LOT),
)


def spread_over(
    draw: Draw,
    dimension: str,
    demanded: float | None = None,
    where: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """How a list, or its part inside a place, spreads over units or sectors.

    Parameters
    ----------
    dimension
        "unit" or "sector".
    demanded
        The share that is to be checked (0–1), where one is.
    where
        As in `list_of`; by default the whole list.

    Returns
    -------
    DataFrame, one row a place; none where nothing is on the roll
        The dimension, `n_frame` branches on the roll, `n_drawn`, their ratio
        `inclusion_probability`, `n_weak_frame`, `n_weak_drawn`, `n_reserve`, and
        `proves`: the least share of the place that is proven when all drawn there
        pass (`sampling.prove_by_all_pass`). By whole units also the rule by which one
        is judged (`sampling.choose_lot_rule`): `most_failures` allowed,
        `acts_if_good`, `acts_if_bad`. With a demand `demanded`, and `is_below_demand`
        where fewer than that are drawn.
    """
    where = where or {}
    reserve = _inside(draw.reserve, where)[dimension].value_counts()
    has_whole_units = dimension == "unit" and "sector" not in where
    rows = []
    for code, strata in _inside(draw.strata, where).groupby(dimension, sort=True):
        weak = strata[strata["is_weak"].astype(bool)]
        n_frame, n_drawn = int(strata["n_frame"].sum()), int(strata["n_drawn"].sum())
        rows.append(
            {
                dimension: code,
                "n_frame": n_frame,
                "n_drawn": n_drawn,
                "inclusion_probability": n_drawn / n_frame,
                "n_weak_frame": int(weak["n_frame"].sum()),
                "n_weak_drawn": int(weak["n_drawn"].sum()),
                "n_reserve": int(reserve.get(code, 0)),
                "proves": prove_by_all_pass(strata["n_frame"], strata["n_drawn"]),
            }
        )
        if has_whole_units and n_drawn:
            rule = choose_lot_rule(n_frame, n_drawn)
            rows[-1] |= {name: getattr(rule, name) for name in LOT}
    spread = pd.DataFrame(rows)
    if demanded is None or spread.empty:
        return spread
    is_below = spread["inclusion_probability"] < demanded - ROUNDING
    return spread.assign(demanded=demanded, is_below_demand=is_below)


def explain_below(
    spread: pd.DataFrame, registry: Registry, language: str = "zh"
) -> str:
    """Which places get fewer checks than are demanded; '' where none does.

    `spread` is `spread_over` with a demand.
    """
    if not spread.get("is_below_demand", pd.Series(dtype=bool)).any():
        return ""
    dimension, texts = spread.columns[0], TEXTS[language]
    below = spread[spread["is_below_demand"]]
    demanded = wording.percent(below["demanded"].iloc[0], 0)
    if len(below) == len(spread):
        return texts["all_below"].format(demanded=demanded)
    names = [
        wording.place_name(registry, dimension, code, language, is_short=True)
        for code in below[dimension]
    ]
    return texts["below"].format(
        demanded=demanded,
        n=wording.number(len(names)),
        places=wording.join(names, language),
    )


def list_of(draw: Draw, name: str, where: Mapping[str, Any]) -> pd.DataFrame:
    """One of `LISTS` inside a place, weak branches first, numbered.

    `where` maps dimensions to the codes to keep, as in `rates.read_rates`.
    """
    rows = _inside(getattr(draw, name), where).reset_index(drop=True)
    return rows.assign(number=rows.index + 1)[
        [name for name in _LISTED if name == "number" or name in rows]
    ]


def describe(draw: Draw, language: str = "zh", *, is_preview: bool = False) -> str:
    """How many are drawn, or would be, and what they could prove, as a sentence."""
    n_frame, n_drawn = int(draw.strata["n_frame"].sum()), len(draw.drawn)
    return TEXTS[language]["answer_preview" if is_preview else "answer"].format(
        frame=wording.number(n_frame),
        drawn=wording.number(n_drawn),
        share=wording.percent(n_drawn / n_frame),
        weak=wording.number(draw.drawn["is_weak"].sum()),
        proves=wording.percent(draw.all_pass_proves),
    )


def describe_here(
    draw: Draw, where: Mapping[str, Any], place: str, language: str = "zh"
) -> str:
    """How many of a place are drawn, follow and stay out, and why, as a sentence.

    `where` as in `list_of`, `place` in words. The numbers are those of the strata, the
    same whatever the seed.
    """
    strata = _inside(draw.strata, where)
    texts = TEXTS[language]
    n_frame, n_drawn = (int(strata[name].sum()) for name in ("n_frame", "n_drawn"))
    if not n_frame:
        return texts["here_none"].format(place=place)
    n_reserve = len(_inside(draw.reserve, where))
    return texts["here"].format(
        place=place,
        frame=wording.number(n_frame),
        drawn=wording.number(n_drawn),
        reserve=wording.number(n_reserve),
        rest=wording.number(n_frame - n_drawn - n_reserve),
    )


def _inside(rows: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of a place; what they have no column of does not part them."""
    for dimension, codes in where.items():
        if dimension in rows:
            rows = rows[rows[dimension].isin(codes)]
    return rows


def describe_lots(spread: pd.DataFrame, language: str = "zh") -> str:
    """How many units the draw can judge, as a sentence; `spread_over` of the units."""
    return TEXTS[language]["lots"].format(
        units=len(spread),
        able=int((spread["acts_if_bad"] >= POWER).sum()),
        power=wording.percent(POWER, 0),
    )


def explain_more(draw: Draw, percent: int, language: str = "zh") -> str:
    """Why more are drawn than `percent` of the roll; '' where hardly any more are.

    The least of two a stratum is what may come to more.
    """
    n_requested = round(int(draw.strata["n_frame"].sum()) * percent / 100)
    more = len(draw.drawn) - n_requested
    if more <= 0.01 * n_requested:
        return ""
    requested = wording.percent(percent / 100, 0)
    return TEXTS[language]["floor"].format(
        more=wording.number(more), requested=requested
    )


def as_table(
    frame: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Any frame of this module under people's headings, names for codes."""
    words = {
        "layer": LAYERS[language],
        "is_weak": {True: wording.YES[language]},
        "is_below_demand": {True: wording.YES[language]},
        "is_announced": {
            True: WAYS["announced"][language],
            False: WAYS["unannounced"][language],
        },
    }
    return tabulate(frame, registry, language, section="check_planner", words=words)
