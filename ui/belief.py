"""What a page may believe of its figures: flags and checks, worked out once for all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from data_pipeline.rates import MODELLED
from data_pipeline.registry import CELL, ROLL_DIMENSIONS, Metric, load_registry
from reports.belief import Belief, Beliefs, Place, Says, believe, caveat, signs
from reports.ledger_quality.rows import select
from ui import marts
from ui.filters import kept_units
from ui.metric_view import read_kept
from ui.selection import Selection

LEVELS = ((), ("unit",), ("sector",), CELL)  # all that a matrix shows


def ask_beliefs(
    metric: Metric,
    month: str,
    levels: Sequence[tuple[str, ...]] = LEVELS,
    where: Mapping[str, Sequence[str]] | None = None,
    *,
    with_model: bool = True,
) -> Beliefs:
    """What each place of some levels can be believed for in a month.

    Parameters
    ----------
    levels
        Dimensions of each level: () is the place of `where` itself.
    with_model
        Also a modelled rate for unit × sector cells with few checks of their own.
    where
        Place and filter that all lie in, as `Selection.where`; by default the whole
        city. A township has no checks and flags of its own: its unit and sector answer
        for it. The model is of cells as a whole, so kinds of branches have none.
    """
    # A figure of a due day rests on the ledgers until then, whatever came after.
    month = min(month, metric.ledger_month(month))
    requested = where or {}
    kinds = {d: tuple(requested[d]) for d in ROLL_DIMENSIONS if requested.get(d)}
    # A group is its units.
    where = {
        "unit": kept_units(load_registry(), requested),
        "sector": requested.get("sector"),
    }
    where = {name: tuple(codes) for name, codes in where.items() if codes}
    levels = tuple(levels)
    is_modelled = (
        with_model
        and metric.has_verdicts
        and not kinds
        and any({*by, *where} >= set(CELL) for by in levels)
    )
    where |= kinds
    work_out = functools.partial(_work_out, metric, month, levels, where, is_modelled)
    question = ("beliefs", metric.id, month, levels, repr(where), is_modelled)
    return marts.kept(question, work_out)


def ask_belief(
    metric: Metric,
    month: str,
    unit: str | None = None,
    sector: str | None = None,
    *,
    within: Mapping[str, Sequence[str]] | None = None,
) -> Belief:
    """What the figure of one place can be believed for; the city without any.

    Of a place with few checks of its own they alone count, no model. `within` is a
    filter, as `Selection.within`: without unit and sector, all that it leaves.
    """
    codes = {
        name: (code,) for name, code in zip(CELL, (unit, sector), strict=True) if code
    }
    where = {**(within or {}), **codes}
    beliefs = ask_beliefs(metric, month, ((),), where, with_model=False)
    return beliefs[_place_kept(where)]


def ask_caveats(metrics: Iterable[str], choice: Selection) -> dict[str, str]:
    """By metric, what must be said beside praise of the chosen place."""
    known = load_registry().metrics
    return {name: say_caveat(choice, known[name])({}) for name in metrics}


def say_caveat(choice: Selection, metric: Metric) -> Says:
    """What must be said beside praise of a place inside the chosen one."""
    believed = believe_in(choice, metric)
    return lambda place: caveat(believed(place), choice.lang)


def say_signs(choice: Selection, metric: Metric) -> Says:
    """The same as short as a title or a label wants it."""
    believed = believe_in(choice, metric)
    return lambda place: signs(believed(place))


def believe_in(
    choice: Selection, metric: Metric
) -> Callable[[Mapping[str, str | None]], Belief]:
    """What is believed of a place inside the chosen one, by its codes.

    Of rates from checks there is nothing to say that they do not say themselves. All
    places of a level are estimated together, when the first of them is asked for.
    """
    chosen = {name: getattr(choice, name) for name in CELL}

    def believed(place: Mapping[str, str | None]) -> Belief:
        if choice.basis != "reported":
            return Belief()
        codes = {name: place.get(name) or chosen[name] for name in CELL}
        level = tuple(name for name in CELL if codes[name] != chosen[name])
        fixed = {
            name: (code,) for name, code in codes.items() if code and name not in level
        }
        where = {**choice.within, **fixed}
        beliefs = ask_beliefs(metric, choice.month, (level,), where, with_model=False)
        kept = dict(zip(CELL, _place_kept(where), strict=True))
        return beliefs[tuple(codes[name] or kept[name] for name in CELL)]

    return believed


def _place_kept(where: Mapping[str, Sequence[str]]) -> Place:
    """The one unit and the one sector that a filter leaves; None for several."""
    units = kept_units(load_registry(), where)
    return tuple(
        codes[0] if len(codes) == 1 else None
        for codes in (units, where.get("sector", ()))
    )


def _work_out(
    metric: Metric,
    month: str,
    levels: Sequence[tuple[str, ...]],
    where: Mapping[str, tuple[str, ...]],
    is_modelled: bool,
) -> Beliefs:
    flags, _ = marts.current_flags()
    question = {"metric": metric.id, "months": (month,)}
    nothing = pd.DataFrame(columns=list(CELL))
    checked = {
        by: read_kept(by=by, where=where, basis="verified", **question)
        if metric.verified
        else nothing
        for by in levels
    }
    modelled = None
    if is_modelled:
        modelled = read_kept(by=CELL, where={}, basis=MODELLED, **question)
    found = select(flags.found, month)
    places = {name: where[name] for name in CELL if name in where}
    return believe(found, checked, modelled, metric, load_registry(), places)
