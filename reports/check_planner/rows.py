"""A check list to look at: how it spreads over places, and what it could prove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.statistics.sampling import Draw, choose_lot_rule, prove_by_all_pass
from reports.tables import DisplayTable, Hint
from reports.words import wording

POWER = 0.80  # of telling a unit that is 95 % sound from one that is 80 %
LISTS = ("drawn", "reserve", "strata")
TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "answer": "名册 {frame} 个支部,抽 {drawn} 个({share}),其中薄弱 {weak} 个;"
        "全部通过,能证明至少 {proves} 的支部属实(结果的 95 % 区间下限)。",
        "lots": "各单位查到的不合格超过表中的允许数就要整改。{units} 个单位中,{able} "
        "个的抽查量能以 {power} 以上的把握把 80 % 属实的单位查出来(95 % 属实的误判"
        "不超过 10 %)。",
        "floor": "比所选的 {asked} 多 {more} 个:每层至少抽 2 个,才能算误差。",
    },
    "en": {
        "answer": "{drawn} of {frame} branches on the roll are drawn ({share}), "
        "{weak} of them weak. If all of them pass, at least {proves} are "
        "proven sound (the lower limit of the result's 95 % interval).",
        "lots": "A unit with more failures than the table allows calls for action. "
        "In {able} of {units} units, the draw would catch a unit that is "
        "only 80 % sound with a chance of {power} or more (and blame one "
        "that is 95 % sound with a chance of at most 10 %).",
        "floor": "This is {more} more than the {asked} asked for: each stratum "
        "needs at least two, or no standard error can be given.",
    },
}
LOT = ("most_failures", "acts_if_good", "acts_if_bad")
LAYERS: Mapping[str, Mapping[str, str]] = {
    "zh": {"case": "软弱涣散", "weak": "基础薄弱", "other": "其他"},
    "en": {"case": "Open case", "weak": "Weak base", "other": "Other"},
}
WAYS: Mapping[str, tuple[str, str]] = {
    "zh": ("暗访", "明查"),
    "en": ("unannounced", "announced"),
}
YES: Mapping[str, tuple[str, str]] = {"zh": ("", "是"), "en": ("", "yes")}
# column: (Chinese, English, kind)
COLUMNS: Mapping[str, tuple[str, str, str]] = {
    "number": ("次序", "No.", "ordinal"),
    "supervision_group": ("督导组", "Supervision group", "place"),
    "branch": ("支部代码", "Branch code", "text"),
    "branch_name": ("支部名称", "Branch", "text"),
    "unit": ("单位", "Unit", "place"),
    "township": ("乡镇街道", "Township", "text"),
    "sector": ("领域", "Sector", "place"),
    "layer": ("层别", "Layer", "layer"),
    "is_weak": ("薄弱层", "Weak layer", "yes"),
    "place": ("层内次序", "Place in stratum", "ordinal"),
    "n_frame": ("名册支部", "On the roll", "integer"),
    "n_drawn": ("抽取", "Drawn", "integer"),
    "inclusion_probability": ("入选概率", "Inclusion probability", "percent"),
    "is_announced": ("方式", "Way", "way"),
    "n_weak_frame": ("薄弱支部", "Weak on the roll", "integer"),
    "n_weak_drawn": ("抽取薄弱", "Weak drawn", "integer"),
    "n_reserve": ("候补", "Reserve", "integer"),
    "proves": ("全部通过可证明", "Proven if all pass", "percent"),
    "most_failures": ("允许不合格", "Failures allowed", "integer"),
    "acts_if_good": ("95 % 属实时误判", "Chance of action at 95 % sound", "percent"),
    "acts_if_bad": ("80 % 属实时查出", "Chance of action at 80 % sound", "percent"),
}


def spread_over(draw: Draw, dimension: str) -> pd.DataFrame:
    """How a list spreads over units or sectors.

    Parameters
    ----------
    dimension
        "unit" or "sector".

    Returns
    -------
    DataFrame, one row a place
        The dimension, `n_frame` branches on the roll, `n_drawn`, their ratio
        `inclusion_probability`, `n_weak_frame`, `n_weak_drawn`, `n_reserve`, and
        `proves`: the least share of the place that is proven when all drawn there
        pass (`sampling.prove_by_all_pass`). By unit also the rule by which it is
        judged (`sampling.choose_lot_rule`): `most_failures` allowed, `acts_if_good`,
        `acts_if_bad`.
    """
    reserve = draw.reserve[dimension].value_counts()
    rows = []
    for code, strata in draw.strata.groupby(dimension, sort=True):
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
        if dimension == "unit" and n_drawn:
            rule = choose_lot_rule(n_frame, n_drawn)
            rows[-1] |= {name: getattr(rule, name) for name in LOT}
    return pd.DataFrame(rows)


def list_of(draw: Draw, name: str, where: Mapping[str, Any]) -> pd.DataFrame:
    """One of `LISTS` inside a place, weak branches first, numbered.

    `where` maps dimensions to the codes to keep, as in `rates.read_rates`.
    """
    rows = getattr(draw, name)
    for dimension, codes in where.items():
        if dimension in rows:
            rows = rows[rows[dimension].isin(codes)]
    rows = rows.reset_index(drop=True)
    return rows.assign(number=rows.index + 1)[
        [name for name in COLUMNS if name == "number" or name in rows]
    ]


def describe(draw: Draw, language: str = "zh") -> str:
    """How many are drawn and what they could prove, as a sentence."""
    n_frame, n_drawn = int(draw.strata["n_frame"].sum()), len(draw.drawn)
    return TEXTS[language]["answer"].format(
        frame=wording.number(n_frame),
        drawn=wording.number(n_drawn),
        share=wording.percent(n_drawn / n_frame),
        weak=wording.number(draw.drawn["is_weak"].sum()),
        proves=wording.percent(draw.all_pass_proves),
    )


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
    n_asked = round(int(draw.strata["n_frame"].sum()) * percent / 100)
    more = len(draw.drawn) - n_asked
    if more <= 0.01 * n_asked:
        return ""
    asked = wording.percent(percent / 100, 0)
    return TEXTS[language]["floor"].format(more=wording.number(more), asked=asked)


def as_table(
    frame: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Any frame of this module under people's headings, names for codes."""
    columns: dict[str, Any] = {}
    hints: dict[str, Hint] = {}
    for name in frame.columns:
        zh, en, kind = COLUMNS[name]
        heading, values = (en if language == "en" else zh), frame[name]
        if kind == "place":
            values = [
                wording.place_name(registry, name, code, language) for code in values
            ]
        elif kind == "yes":
            values = [YES[language][bool(is_weak)] for is_weak in values]
        elif kind == "layer":
            values = [LAYERS[language][layer] for layer in values]
        elif kind == "way":
            values = [WAYS[language][bool(is_announced)] for is_announced in values]
        elif kind == "text":
            values = values.fillna("")
        is_word = kind in ("place", "yes", "layer", "way")
        shown = "text" if is_word else kind
        columns[heading], hints[heading] = values, Hint(shown)
    return DisplayTable(pd.DataFrame(columns), hints)
