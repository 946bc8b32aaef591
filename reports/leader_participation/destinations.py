"""Who went where to lecture: kinds of speakers against the sectors that heard them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.registry.definitions import month_end
from reports.tables import DisplayTable, Hint
from reports.words import catalogue, wording

TABLE = "lecture"
# What a speaker is of.
PLACES = ("unit", "sector", "supervision_group")
# A place of its own each, and all that was given outside the own unit.
OWN, UNSAID, BELOW = "own_unit", "unsaid", "below"
TEXTS = catalogue.texts("leader_participation.destinations")


def held_by(
    filed: pd.DataFrame,
    roll: Mapping[str, str],
    registry: Registry,
    month: str,
    where: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Lectures of speakers of a place by the end of a month, each with where it went.

    Parameters
    ----------
    filed
        `rates.read_staged` of the table `lecture`.
    roll
        The sector of each branch on the roll.
    where
        Dimension (unit, sector, supervision_group) to codes: the place of the speaker.

    Returns
    -------
    DataFrame of `speaker`, `is_below` (given outside the own unit), `destination` (the
    sector that heard it, by the row or by the roll, `OWN` for the speaker's own unit,
    `UNSAID` where nobody says), `branch` (on the roll, '' for none) and `n_times` (a
    blank is 1).
    """
    groups = {code: unit.group for code, unit in registry.units.items()}
    places = filed.assign(supervision_group=filed["unit"].map(groups))
    is_in = pd.to_datetime(filed["date"]) <= pd.Timestamp(month_end(month))
    for dimension, codes in where.items():
        is_in &= places[dimension].isin(list(codes))
    rows = filed[is_in]
    of_branch = rows["branch"].map(roll)
    heard = rows["target_sector"].replace("", None).fillna(of_branch).fillna(UNSAID)
    is_own, is_below = (rows["is_own_unit"].eq(answer) for answer in ("yes", "no"))
    return pd.DataFrame(
        {
            "speaker": rows["speaker"],
            "is_below": is_below,
            "destination": heard.where(is_below, UNSAID).mask(is_own, OWN),
            "branch": rows["branch"].where(of_branch.notna(), ""),
            "n_times": rows["n_times"].fillna(1).astype(int),
        }
    ).reset_index(drop=True)


def destination_rows(held: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """Times and branches by kind of speaker and destination.

    Parameters
    ----------
    held
        As `held_by` gives them.

    Returns
    -------
    DataFrame, one row a kind of speaker (in the registry's order) and destination
        `speaker`, `destination` (`OWN`, the registry's sectors, `UNSAID`, and `BELOW`
        for all that was given outside the own unit), `n_times` and
        `n_branches_reached` (each once).
    """
    rows = []
    for speaker in registry.words("speaker").values():
        own = held[held["speaker"] == speaker]
        if own.empty:
            continue
        parts = {to: own[own["destination"] == to] for to in destinations(registry)}
        for destination, found in {**parts, BELOW: own[own["is_below"]]}.items():
            reached = set(found["branch"]) - {""}
            rows.append(
                {
                    "speaker": speaker,
                    "destination": destination,
                    "n_times": int(found["n_times"].sum()),
                    "n_branches_reached": len(reached),
                }
            )
    columns = ["speaker", "destination", "n_times", "n_branches_reached"]
    return pd.DataFrame(rows, columns=columns)


def destinations(registry: Registry) -> tuple[str, ...]:
    """The own unit, every sector, and what nobody said."""
    return (OWN, *registry.sectors, UNSAID)


def destination_names(registry: Registry, language: str = "zh") -> dict[Any, str]:
    """What each destination is called."""
    texts = TEXTS[language]
    named = {
        code: wording.place_name(registry, "sector", code, language, is_short=True)
        for code in registry.sectors
    }
    others = {OWN: texts["own"], UNSAID: texts["unsaid"], BELOW: texts["below"]}
    return named | others


def phone_table(
    rows: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """`destination_rows` with a row a kind of speaker: seven columns fit no phone."""
    called = destination_names(registry, language)
    times = rows.pivot(index="speaker", columns="destination", values="n_times")
    times = times.loc[rows["speaker"].unique()]
    reached = rows[rows["destination"] == BELOW].set_index("speaker")
    columns: dict[str, list[Any]] = {
        registry.label("speaker", language): [
            registry.word("speaker", code, language) for code in times.index
        ]
    }
    for code in destinations(registry):
        columns[called[code]] = times[code].where(times[code] > 0).tolist()
    texts = TEXTS[language]
    columns[texts["ends"]] = [
        texts["reached"].format(
            n=wording.number(row["n_branches_reached"]),
            most=wording.number(row["n_times"]),
        )
        if row["n_times"]
        else ""
        for row in reached.to_dict("records")
    ]
    kinds = ["text", *["integer"] * len(destinations(registry)), "text"]
    hints = {name: Hint(kind) for name, kind in zip(columns, kinds, strict=True)}
    return DisplayTable(pd.DataFrame(columns), hints)


def describe(rows: pd.DataFrame, registry: Registry, language: str = "zh") -> str:
    """How far the speakers of the highest rank went; '' where nobody lectured.

    Shares are of the lectures that say where they were given; how many do not is said.
    """
    if rows.empty:
        return ""
    # Words of the registry stand from the highest rank down.
    own = rows[rows["speaker"] == rows["speaker"].iloc[0]].set_index("destination")
    n_own, n_below = (int(own["n_times"].get(key, 0)) for key in (OWN, BELOW))
    texts = TEXTS[language]
    n_counted = n_own + n_below
    n_all = int(own["n_times"].drop(BELOW).sum())
    n_unsaid = n_all - n_counted
    about = {
        "speaker": registry.word("speaker", own["speaker"].iloc[0], language),
        "n": wording.number(n_all),
        "unsaid": texts["unsaid_part"].format(n=wording.number(n_unsaid))
        if n_unsaid
        else "",
        "own": wording.number(n_own),
        "share": wording.percent(n_own / n_counted if n_counted else None),
        "below": wording.number(n_below),
        "reached": wording.number(int(own["n_branches_reached"].get(BELOW, 0))),
    }
    return texts["finding" if n_below else "none_below"].format(**about)
