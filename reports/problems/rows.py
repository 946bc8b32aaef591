"""Problems from being raised to being closed: state, age, level and source."""

from __future__ import annotations

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.registry.definitions import month_end
from reports.words import catalogue, wording

TEXTS = catalogue.texts("problems.rows")


def stand_at(filed: pd.DataFrame, month: str) -> pd.DataFrame:
    """How each problem stood at the month's end, the longest overdue first.

    Parameters
    ----------
    filed
        `rates.read_staged` of the table `problem`, latest revision of each number.

    Returns
    -------
    DataFrame, the filed columns of problems raised by then and
        `is_open` (a problem closed after the month's end was still open), `days_open`
        (since it was raised, until it was closed), `days_overdue` (days that it is or
        was past its term; 0 within it, NaN without one), `standing`: "overdue", "open",
        "not_enough", "relapsed", "closed_late" or "closed".
    """
    last = pd.Timestamp(month_end(month))
    raised, due, closed = (
        pd.to_datetime(filed[name])
        for name in ("raised_date", "due_date", "closed_date")
    )
    is_closed = (filed["status"] == "closed") & (closed <= last)
    until = closed.where(is_closed, last)
    days_overdue = (until - due).dt.days.clip(lower=0)
    standing = filed["status"].where(filed["status"] != "closed", "open")
    is_late = days_overdue > 0
    standing = standing.mask((standing == "open") & is_late, "overdue")
    standing = standing.mask(is_closed & is_late, "closed_late")
    standing = standing.mask(is_closed & ~is_late, "closed")
    rows = filed.assign(
        is_open=~is_closed,
        days_open=(until - raised).dt.days,
        days_overdue=days_overdue,
        standing=standing,
    )[raised <= last]
    order = ["is_open", "days_overdue", "days_open", "problem_code"]
    return rows.sort_values(
        order, ascending=[False, False, False, True], na_position="last"
    ).reset_index(drop=True)


def select(
    problems: pd.DataFrame,
    *,
    group: str | None = None,
    unit: str | None = None,
    sector: str | None = None,
) -> pd.DataFrame:
    """The problems of a place; one of a whole unit is of each of its sectors.

    As flags and reasons for talks count them, so that a count and its list agree.
    """
    for column, code in (("supervision_group", group), ("unit", unit)):
        if code:
            problems = problems[problems[column] == code]
    if sector:
        problems = problems[problems["sector"].fillna("").isin(("", sector))]
    return problems.reset_index(drop=True)


def headline(problems: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """How many are open, how many of them past their term, and which is longest so."""
    texts = TEXTS[language]
    if problems.empty:
        return texts["none"]
    opened = problems[problems["is_open"]]
    overdue = opened[opened["days_overdue"] > 0]
    sentence = texts["open"].format(
        n=wording.number(len(problems)),
        n_open=wording.number(len(opened)),
        n_overdue=wording.number(len(overdue)),
    )
    if overdue.empty:
        return sentence
    worst = overdue.iloc[0]
    return sentence + texts["worst"].format(
        place=wording.place_name(registry, "unit", worst["unit"], language),
        code=worst["problem_code"],
        days=wording.number(worst["days_overdue"]),
    )


def by_level(problems: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Open and overdue problems at each level that is to solve them, lowest first.

    Columns level ('' where nobody said), n_raised, n_open, n_overdue, median_days (that
    open ones have been open; NaN without any).
    """
    levels = [*registry.tables["problem"].column("level").words.values(), ""]
    rows = []
    for level in levels:
        own = problems[problems["level"].fillna("") == level]
        if not level and own.empty:
            continue
        opened = own[own["is_open"]]
        rows.append(
            {
                "level": level,
                "n_raised": len(own),
                "n_open": len(opened),
                "n_overdue": int((opened["days_overdue"] > 0).sum()),
                "median_days": opened["days_open"].median(),
            }
        )
    columns = ["level", "n_raised", "n_open", "n_overdue", "median_days"]
    return pd.DataFrame(rows, columns=columns)


def by_source(problems: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Where problems come from, and how many are not done with or have come back.

    Columns source ('' where nobody said), n_raised, n_open, n_not_enough, n_relapsed.
    """
    rows = []
    for source in [*registry.tables["problem"].column("source").words.values(), ""]:
        own = problems[problems["source"].fillna("") == source]
        if not source and own.empty:
            continue
        rows.append(
            {
                "source": source,
                "n_raised": len(own),
                "n_open": int(own["is_open"].sum()),
                "n_not_enough": int((own["status"] == "not_enough").sum()),
                "n_relapsed": int((own["status"] == "relapsed").sum()),
            }
        )
    columns = ["source", "n_raised", "n_open", "n_not_enough", "n_relapsed"]
    return pd.DataFrame(rows, columns=columns)


def title_levels(rows: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """At which level most are open, as a title; "" where no two are told apart.

    `rows` are of `by_level`.
    """
    counts = rows.loc[rows["level"] != "", ["level", "n_open"]]
    most = counts["n_open"].max()
    if len(counts) < 2 or not most or (counts["n_open"] == most).sum() > 1:
        return ""
    code = counts.loc[counts["n_open"].idxmax(), "level"]
    level = registry.word("level", code, language)
    return TEXTS[language]["levels_most"].format(level=level, n=wording.number(most))


def title_sources(rows: pd.DataFrame, language: str = "zh") -> str:
    """How many are not done with or have come back; "" where none are.

    `rows` are of `by_source`.
    """
    counts = rows[["n_not_enough", "n_relapsed"]].sum()
    if not counts.any():
        return ""
    words = {name: wording.number(n) for name, n in counts.items()}
    return TEXTS[language]["sources_found"].format(**words)
