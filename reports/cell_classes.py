"""Hot, cold or as expected: the word beside each rate, and what it says of the city."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data_pipeline.registry import CELL, Metric
from data_pipeline.statistics.cold_cells import COLD_POINTS, COLD_TO_HOT, classify
from data_pipeline.statistics.design_effects import design_effects
from data_pipeline.withheld import disclosed
from reports import belief
from reports.figures.colours import as_number
from reports.figures.matrix import Anchor, plain_rows
from reports.files.export_context import JUDGED
from reports.words import catalogue, wording
from reports.words.standing import default_anchor

CLASS_WORDS = catalogue.texts("hot_cold")

TEXTS = catalogue.texts("cell_classes")


def judge_cells(
    frame: pd.DataFrame,
    metric: Metric,
    month: str,
    compare: Anchor | None = None,
    *,
    spread: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Add the class of each cell and the numbers behind it.

    Parameters
    ----------
    frame
        Rates of one metric and month by unit and sector, rolled-up rows
        among them (unit or sector missing).
    month
        YYYY-MM; decides the line: the pace line before a due date, then the target.
    compare
        The line that the reader compares with instead, so that colour and class are of
        one comparison.
    spread
        `rates.read_branch_spread` of the metric and month: heads of one branch are
        alike, so that the branch is the unit of the test.

    Returns
    -------
    DataFrame
        `frame` and the columns of `JUDGED`, or as it came where nothing is demanded,
        where each place has a line of its own and where rates are estimated from spot
        checks.
        The cells of one level of roll-up are one family of tests: all unit × sector
        cells of the metric and month; their sums are not tests of their own.

    Raises
    ------
    ValueError
        The metric is one of heads and there is no `spread`.
    """
    line = judging_line(metric, month, compare)
    if line is None or "n_missing" not in frame:
        return frame
    level = np.zeros(len(frame), int)
    for bit, name in enumerate(CELL, 1):
        if name in frame:
            level += bit * frame[name].notna().to_numpy()
    x, n = frame["numerator"].to_numpy(float), frame["denominator"].to_numpy(float)
    city_rate = next(iter(frame["rate"].to_numpy()[level == 0]), None)
    judged = {name: np.full(len(frame), None, object) for name in JUDGED}
    for key in np.unique(level):
        at = level == key
        by = [name for bit, name in enumerate(CELL, 1) if key & bit]
        effect = place_effects(frame.loc[at, by], metric, spread)
        classes = classify(x[at], n[at], line.value, city_rate, effect)
        for name in JUDGED:
            judged[name][at] = classes[name]
    numbers = {name: judged[name].astype(float) for name in JUDGED[1:]}
    return frame.assign(**judged | numbers)


def place_effects(
    places: pd.DataFrame, metric: Metric, spread: pd.DataFrame | None, **fixed: str
) -> np.ndarray:
    """Design effect of the rate of each place: 1 where its branches are counted.

    Parameters
    ----------
    places
        Columns of codes, none for the city; `fixed` says which unit or sector all of
        them are of.
    spread
        `rates.read_branch_spread` of the metric and month, of the whole city.

    Raises
    ------
    ValueError
        The metric is one of heads and there is no `spread`.
    """
    if not metric.is_clustered:
        return np.ones(len(places))
    if spread is None:
        raise ValueError(f"{metric.id} counts heads: their spread over branches is due")
    places = places.assign(**fixed)
    by = list(places.columns)
    effects = design_effects(spread, by)
    if not by:
        return np.full(len(places), effects["design_effect"].iloc[0])
    known = effects.set_index(by)["design_effect"]
    keys = pd.MultiIndex.from_frame(places) if len(by) > 1 else places[by[0]]
    # A place without a single head has no rate to be tested.
    return known.reindex(keys).fillna(1.0).to_numpy()


def take_classes(
    part: pd.DataFrame, judged: pd.DataFrame, **fixed: str
) -> pd.DataFrame:
    """Add to some places the classes that they have among those of the whole city.

    A part judged alone would be another family of tests: on its own page a cell could
    be cold that the heatmap calls as expected.

    Parameters
    ----------
    part
        Rates by unit, by sector or by both, rolled-up rows among them; `fixed` says
        which unit or sector all of them are of.
    judged
        From `judge_cells` of the whole city, same metric and month.

    Returns
    -------
    DataFrame
        `part` with the columns of `JUDGED`, or as it came where nothing is judged.
    """
    if JUDGED[0] not in judged or part.empty:
        return part
    places = part.assign(**fixed).reindex(columns=CELL, fill_value="")
    # Of a metric that does not know sectors there is no such column.
    of = judged.reindex(columns=CELL, fill_value="").fillna("")
    keyed = judged.set_index([of[name] for name in CELL])[list(JUDGED)]
    keys = pd.MultiIndex.from_frame(places.fillna(""))
    classes = keyed.reindex(keys).set_axis(part.index)
    return part.join(classes)


def judging_line(
    metric: Metric, month: str, compare: Anchor | None = None
) -> Anchor | None:
    """The target or pace line that cells are judged by, or the line of `compare`.

    None where there is no line, or nothing is demanded yet: below 0 % nobody can be.
    """
    is_judged = metric.unit == "share" and metric.better == "higher"
    demanded = default_anchor(metric, (month,))
    line = compare or demanded
    has_line = demanded.value != 0 and bool(as_number(line.value))
    return line if has_line and is_judged and not metric.is_ceiling else None


def explain_cold(
    metric: Metric, month: str, language: str = "zh", compare: Anchor | None = None
) -> str:
    """What cold means, in one sentence, with the line that holds in this month."""
    texts = TEXTS[language]
    line = judging_line(metric, month, compare)
    if compare and compare.kind == "last_month":
        return texts["last_month"]
    if line is None and metric.target and metric.unit != "share":
        return texts["not_share"]
    if line is None and metric.target and metric.window:
        day = wording.day_name(metric.window.start, language)
        return texts["not_open"].format(day=day)
    if line is None:
        return texts["unjudged"]
    milestone = wording.milestone_in(metric, month)
    words = {"rate": wording.percent(line.value)}
    if line.kind == "pace":
        words["target"] = wording.percent(milestone.target)
        words["day"] = wording.day_name(milestone.due, language)
    name = texts[line.kind].format(**words)
    return texts["rule"].format(line=name, points=f"{100 * COLD_POINTS:g}")


def count_classes(frame: pd.DataFrame, language: str = "zh") -> str:
    """How many cells are of each class, from cold to hot, as a sentence.

    `frame` is from `judge_cells`; '' where nothing was judged. Sums are not counted.
    Of the hot ones it is said how many are in doubt (`belief.add_columns`).
    """
    if "cell_class" not in frame:
        return ""
    texts = TEXTS[language]
    words = CLASS_WORDS[language] | texts
    by = [name for name in CELL if name in frame]
    is_cell = np.logical_and.reduce([frame[name].notna() for name in by])
    cells = frame.loc[is_cell]
    counts = cells["cell_class"].value_counts()
    beliefs = map(belief.of_row, plain_rows(cells[cells["cell_class"] == "hot"]))
    n_doubted = sum(
        believed is not None and believed.is_doubted for believed in beliefs
    )
    doubted = {"hot": texts["doubted"].format(n=n_doubted)} if n_doubted else {}
    parts = [
        texts["part"].format(word=words[name], n=counts[name]) + doubted.get(name, "")
        for name in (*COLD_TO_HOT, "too_small")
        if name in counts
    ]
    n_hidden = len(cells) - len(disclosed(cells))
    if n_hidden:
        parts.append(texts["withheld"].format(n=n_hidden))
    if n_missing := int((cells["rate"].isna() & (cells["n_missing"] > 0)).sum()):
        parts.append(texts["missing"].format(n=n_missing))
    return texts["counts"].format(
        n=len(cells), cells=texts["_".join(by)], parts=texts["join"].join(parts)
    )
