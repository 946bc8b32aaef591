"""How much less a rate of heads proves than as many heads that were independent.

Whoever holds a meeting takes along the whole branch: leaders, members and lectures of
one branch are alike. A rate of heads is therefore tested with the branch as the unit.
Its design effect says how many heads do the work of one independent head.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

SUMS = (
    "n_branches",
    "n_heads",
    "n_rows",
    "row_numerator",
    "row_denominator",
    "numerator_squares",
    "products",
    "denominator_squares",
)
# Rows of single branches of the city under which likeness is not estimated but assumed
# to be whole: then each branch counts as one head.
MIN_ROWS = 30
CELL = ("unit", "sector")


def measure_likeness(spread: pd.DataFrame) -> float:
    """Correlation of two heads of one branch, of the whole city inside its cells.

    Parameters
    ----------
    spread : DataFrame, one row a place
        ``unit``, ``sector`` and `SUMS` as `design_effects` takes them.

    Returns
    -------
    float, 0 to 1
        ``rho = sum_j (d_j - 1) v_j / sum_j (a_j - 1) v_j`` over the cells j, with
        ``v = n p q``, d the design effect that the rows of its branches show, and
        ``a = sum n_b^2 / n`` the heads of the branch that a head is of. 1 where fewer
        than 30 rows are of single branches: what is not known is not assumed away.

    References
    ----------
    Kish (1965), Survey Sampling, ch. 5; Rao & Scott (1992), Biometrics 48:577-585.

    Examples
    --------
    Forty branches of two leaders, of whom both came or none:

    >>> row = [40, 80.0, 40, 60.0, 80.0, 120.0, 120.0, 160.0]
    >>> spread = pd.DataFrame([["350102", "rural", *row]], columns=[*CELL, *SUMS])
    >>> measure_likeness(spread)
    1.0
    """
    cells = spread.groupby(list(CELL), as_index=False)[list(SUMS)].sum()
    if cells["n_rows"].sum() < MIN_ROWS:
        return 1.0
    seen, size, weight = _see(cells)
    is_seen = ~np.isnan(seen)
    spare = (weight * (size - 1))[is_seen].sum()
    if spare <= 0:
        return 1.0
    return float(np.clip((weight * (seen - 1))[is_seen].sum() / spare, 0.0, 1.0))


def design_effects(spread: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Design effect of the rate of heads of each group of places.

    Parameters
    ----------
    spread : DataFrame, one row a place of the whole city, one metric and month
        ``unit``, ``sector``, what else `by` names, and `SUMS`: branches and heads
        (the denominator) of all ledger rows; then of rows of a single branch their
        number, heads done, heads, and the sums over these rows of heads done squared,
        done times heads, and heads squared.
    by : sequence of str
        Places to keep; none: the city.

    Returns
    -------
    DataFrame, one row a group
        The `by` columns and ``design_effect``, at least 1: ``1 + rho (a - 1)``. Of
        `rho` the larger of the city's (`measure_likeness`) and the group's own, which
        its linearised variance gives: ``d = B/(B-1) sum (x_b - y n_b)^2 / (n y q)``.
        Heads in rows of whole sectors are taken as evenly spread over the branches of
        their row, times what the branches of the city are uneven by.

    References
    ----------
    Rao & Scott (1992), Biometrics 48:577-585 (counts divided by their design effect
    are tested as if independent); Cochran (1977), Sampling Techniques, section 2.11
    (variance of a ratio over clusters).

    Examples
    --------
    Two heads a branch that are wholly alike: each branch is worth one head.

    >>> row = [40, 80.0, 40, 60.0, 80.0, 120.0, 120.0, 160.0]
    >>> spread = pd.DataFrame([["350102", "rural", *row]], columns=[*CELL, *SUMS])
    >>> design_effects(spread, ["unit"]).to_numpy().tolist()
    [['350102', 2.0]]
    """
    likeness = measure_likeness(spread)
    rows = spread[["n_rows", "row_denominator", "denominator_squares"]].sum()
    uneven = 1.0
    if rows["n_rows"] >= MIN_ROWS:
        square = rows["row_denominator"] ** 2
        uneven = rows["n_rows"] * rows["denominator_squares"] / square
    by = list(by)
    sums = list(SUMS)
    if by:
        groups = spread.groupby(by, as_index=False)[sums].sum()
    else:
        groups = spread[sums].sum().to_frame().T
    seen, size, _ = _see(groups)
    spare = np.where(size > 1, size - 1, np.nan)
    own = np.clip(np.nan_to_num((seen - 1) / spare, nan=0.0), 0.0, 1.0)
    alike = np.maximum(likeness, own)
    count = {name: groups[name].to_numpy(float) for name in SUMS}
    totals = count["n_heads"] - count["row_denominator"]
    branches = np.maximum(count["n_branches"] - count["n_rows"], 1)
    squares = count["denominator_squares"] + totals**2 / branches * uneven
    heads = count["n_heads"]
    size = np.divide(squares, heads, np.ones(len(groups)), where=heads > 0)
    effect = 1 + alike * (np.maximum(size, 1.0) - 1)
    return groups[by].assign(design_effect=effect)


def _see(groups: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the rows of branches show: design effect, heads a head is with, n p q.

    The effect is missing where fewer than two branches, or none that differ from 0
    and 100 %, show any.
    """
    count = {name: groups[name].to_numpy(float) for name in SUMS}
    x, n, rows = count["row_numerator"], count["row_denominator"], count["n_rows"]
    rate = np.divide(x, n, np.full(len(groups), np.nan), where=n > 0)
    weight = n * rate * (1 - rate)
    spread = (
        count["numerator_squares"]
        - 2 * rate * count["products"]
        + rate**2 * count["denominator_squares"]
    )
    has_spread = (rows >= 2) & (weight > 1e-9 * n)
    factor = np.divide(rows, rows - 1, np.ones(len(groups)), where=rows >= 2)
    seen = np.full(len(groups), np.nan)
    np.divide(factor * spread, weight, seen, where=has_spread)
    size = np.divide(count["denominator_squares"], n, np.ones(len(groups)), where=n > 0)
    return seen, size, np.nan_to_num(weight)
