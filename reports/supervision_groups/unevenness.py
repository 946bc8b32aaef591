"""How uneven the units of each supervision group are, and whether that is chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_pipeline.registry import Metric, Registry
from data_pipeline.statistics.chance_grouping import ALPHA, compare_groups
from data_pipeline.withheld import disclosed
from reports.supervision_groups.rows import GROUP
from reports.words import catalogue, wording

MORE, LESS, WITHIN, ALONE = "more", "less", "within", "alone"
TEXTS = catalogue.texts("supervision_groups.unevenness")
VERDICTS = catalogue.texts("supervision_groups.against_chance")
BEYOND = (MORE, LESS)
# The answer stands before what it rests on: a tablet has no room for all.
COLUMNS = (
    *(GROUP, "mean_distance_points", "chance_lower", "chance_upper", "against_chance"),
    *("rate", "n_units", "n_cells", "p_adjusted"),
)


def compare_unevenness(cells: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Each group against groups of as many units at random.

    Parameters
    ----------
    cells
        `rates.read_rates` by unit and sector, of one metric and month.

    Returns
    -------
    DataFrame, one row a group that reported, in the registry's order
        The columns of `chance_grouping.compare_groups` (``n_units`` for its places) and
        ``against_chance``: "more" or "less" uneven than chance, "within", or "alone"
        where there is nothing to compare it with.
    """
    group_of = {unit.code: unit.group for unit in registry.units.values()}
    shown = disclosed(cells)
    shown = shown.assign(**{GROUP: shown["unit"].map(group_of)})
    found = compare_groups(shown, "unit", GROUP).set_index(GROUP)
    found = found.loc[[code for code in registry.groups if code in found.index]]
    found = found.rename(columns={"n_places": "n_units"}).reset_index()
    verdicts = [_judge(row) for row in found.to_dict("records")]
    return found.assign(against_chance=verdicts)[list(COLUMNS)]


def _judge(row: Mapping[str, Any]) -> str:
    if wording.is_missing(row["p_adjusted"]):
        return ALONE
    if row["p_adjusted"] > ALPHA:
        return WITHIN
    return MORE if row["mean_distance_points"] > row["chance_upper"] else LESS


def title(
    rows: pd.DataFrame, metric: Metric, registry: Registry, language: str = "zh"
) -> str:
    """Which groups differ beyond chance, as the title of the table."""
    beyond = rows.loc[rows["against_chance"].isin(BEYOND), GROUP]
    key = "title_beyond" if len(beyond) else "title_none"
    key = "title_alone" if _is_alone(rows) else key
    names = [wording.place_name(registry, GROUP, code, language) for code in beyond]
    return TEXTS[language][key].format(
        metric=wording.in_language(metric, "label", language),
        groups=wording.join(names, language),
    )


def describe(rows: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """The most and the least uneven group, and which of them differ beyond chance."""
    texts = TEXTS[language]
    if _is_alone(rows):
        return texts["alone"]
    ordered = rows.sort_values("mean_distance_points", kind="stable")
    least, *_, most = (
        _words(r, registry, language) for r in ordered.to_dict("records")
    )
    parts = [texts["ends"].format(most=most["place"], least=least["place"])]
    for verdict in BEYOND:
        groups = rows[rows["against_chance"] == verdict].to_dict("records")
        ranges = [_words(row, registry, language)["range"] for row in groups]
        if ranges:
            joined = wording.join(ranges, language)
            parts.append(texts[verdict].format(groups=joined))
    n_within = int(rows["against_chance"].eq(WITHIN).sum())
    if n_within:
        parts.append(texts["none" if n_within == len(rows) else "others"])
    return wording.join(parts, language, "sentences")


def _is_alone(rows: pd.DataFrame) -> bool:
    """Whether there is no second group to compare with."""
    return len(rows) < 2 or rows["against_chance"].eq(ALONE).any()


def _words(
    row: Mapping[str, Any], registry: Registry, language: str
) -> Mapping[str, str]:
    """A group with its distance, and with the range that chance would leave it."""
    texts = TEXTS[language]
    figures = {
        key: f"{row[name]:.1f}"
        for key, name in (
            ("distance", "mean_distance_points"),
            ("lower", "chance_lower"),
            ("upper", "chance_upper"),
        )
    }
    name = wording.place_name(registry, GROUP, row[GROUP], language)
    return {key: texts[key].format(name=name, **figures) for key in ("place", "range")}
