"""Reported beside verified, and each way of choosing branches by itself.

Random checks alone speak for branches that nobody visited: their figures are estimates
of the place. Targeted and prepared checks give counts of what was visited, in columns
of their own; no function here takes both into one figure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.registry import Metric, Registry
from data_pipeline.statistics.sampling import (
    FACTOR_BAND,
    MIN_RATE,
    MIN_UNSTARRED,
    ROUNDING,
    Change,
    RandomChecks,
    ShareEstimate,
    estimate_factor,
    estimate_share,
    measure_change,
    measure_prepared_bias,
    select_random,
    tally_apart,
)
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, sentences, wording

RANDOM, APART = "random", ("targeted", "prepared")
SELECTIONS = (RANDOM, *APART)
TOPICS = ("found_topic_1", "found_topic_2", "found_topic_3")
LOOKS = ("has_atmosphere", "has_records", "has_case", "has_discussion")
ITEMS = (*TOPICS, *LOOKS)
GRADES = ("excellent", "good", "fair", "poor")
_COUNTS = ("n_checked", "n_confirmed", "n_blank")
_FACTOR = (
    *("factor", "factor_error", "factor_lower", "factor_upper"),
    *("after", "after_lower", "after_upper"),
)
# What is recounted, and what the ledgers before and after the check claimed of it.
RECOUNTED: Mapping[str, tuple[str, str]] = {
    f"found_{what}": (f"before_{what}", f"after_{what}")
    for what in ("leaders_attended", "members_spoke", "lectures_grassroots")
}
WORDS = catalogue.texts("spot_check")
TEXTS = catalogue.texts("reported_vs_verified.rows")


@dataclasses.dataclass(frozen=True, eq=False)
class Checked:
    """The checks of a place, separated by how their branches were chosen.

    `random` alone can be estimated from; `apart` holds targeted and prepared checks,
    which are counted and never reach an estimate.
    """

    random: RandomChecks
    apart: pd.DataFrame


def part(checks: pd.DataFrame, roll: pd.DataFrame) -> Checked:
    """Part the checks of a place into random ones and the others.

    Parameters
    ----------
    checks, roll
        `rates.read_checks` and `rates.read_roll` of the same place.
    """
    is_graded = checks["grade"].notna()
    grades = {
        grade: checks["grade"].eq(grade).astype("boolean").where(is_graded)
        for grade in GRADES
    }
    checks = checks.assign(**grades)
    apart = checks[checks["selection"].isin(APART)]
    return Checked(select_random(checks, roll), apart)


def topic_metrics(registry: Registry) -> list[str]:
    """Metrics whose checks give a verdict on each branch; others have factors."""
    return [metric.id for metric in registry.metrics.values() if metric.has_verdicts]


def estimate(checked: Checked, item: str) -> ShareEstimate:
    """What random checks say of one item, with how it was estimated."""
    return estimate_share(checked.random.tally(item))


def join_bases(reported: pd.DataFrame, verified: pd.DataFrame) -> pd.DataFrame:
    """Reported and verified rates of the same places side by side.

    Parameters
    ----------
    reported, verified
        `rates.read_rates` by one dimension on either basis.

    Returns
    -------
    DataFrame
        The dimension, `reported_numerator`, `reported_denominator`, `reported_rate`,
        `n_checked`, `n_confirmed`, `n_blank`, and `rate`, `std_error`, `lower`,
        `upper` of the estimate, `reported_before` of the same places (missing under
        ten checks).
    """
    counts = ["numerator", "denominator", "rate"]
    dimension = reported.columns[0]
    left = reported[[dimension, *counts]]
    left = left.rename(columns={name: f"reported_{name}" for name in counts})
    right = verified.rename(
        columns={"numerator": "n_confirmed", "denominator": "n_checked"}
    )
    joined = left.merge(right, on=dimension, how="outer")
    known = ["n_checked", "n_confirmed", "n_blank"]
    joined[known] = joined[known].fillna(0).astype(int)
    limits = ["rate", "std_error", "lower", "upper", "reported_before"]
    return joined[[*left.columns, *known, *limits]]


def headline(
    reported: pd.DataFrame, verified: pd.DataFrame, metric: Metric, language: str = "zh"
) -> str:
    """Reported beside verified, as one sentence; under ten checks the fraction.

    Under thirty a star refers to the note of `explain_estimate`.

    Parameters
    ----------
    reported, verified
        The one row of `rates.read_rates` without `by` on either basis.
    """
    texts, report, check = TEXTS[language], reported.iloc[0], verified.iloc[0]
    n_checked = int(check["denominator"])
    before = check["reported_before"]
    if not n_checked:
        key = "silent" if wording.is_missing(report["rate"]) else "unchecked"
        return texts[key].format(reported=wording.percent(report["rate"]))
    if wording.is_missing(check["rate"]):
        key = "fraction_unclaimed" if wording.is_missing(before) else "fraction"
        return texts[key].format(
            n=MIN_RATE,
            reported=wording.percent(before),
            confirmed=int(check["numerator"]),
            checked=n_checked,
        )
    total = float(report["denominator"])
    if bounded := sentences.verified_bounds(metric, check, total, language):
        return bounded
    sentence = sentences.verified_headline(
        metric,
        float(before),
        float(check["rate"]),
        (float(check["lower"]), float(check["upper"])),
        total,
        language,
    )
    return sentence + ("*" if n_checked < MIN_UNSTARRED else "")


def explain_draws(verified: pd.DataFrame, language: str = "zh") -> str:
    """Who was drawn and came back, what the others could change, what is unregistered.

    `verified` as in `headline`; '' where nobody was drawn or checked.
    """
    texts, check = TEXTS[language], verified.iloc[0]
    n_drawn, n_unvisited = int(check["n_drawn"]), int(check["n_unvisited"])
    parts = []
    if n_drawn:
        counts = {"drawn": n_drawn, "returned": n_drawn - n_unvisited}
        counts["unvisited"] = n_unvisited
        words = {key: wording.number(n) for key, n in counts.items()}
        parts.append(texts["came_back" if n_unvisited else "all_back"].format(**words))
        if n_unvisited and not wording.is_missing(check["worst"]):
            limits = [wording.percent(check[name]) for name in ("worst", "best")]
            parts.append(
                texts["bounds"].format(
                    worst=limits[0].removesuffix(" %"), best=limits[1]
                )
            )
    if check["is_registered"] == "no" and check["denominator"] + check["n_blank"]:
        parts.append(texts["unregistered"])
    return texts["join"].join(parts) + (texts["end"] if parts else "")


def last_day(checked: Checked, item: str) -> pd.Timestamp | None:
    """The day of the latest random check that gave a verdict on an item."""
    latest = checked.random.latest
    days = latest.loc[latest[item].notna(), "check_date"]
    return None if days.empty else days.max()


def explain_estimate(
    estimate: ShareEstimate, language: str = "zh", *, until: pd.Timestamp | None = None
) -> str:
    """How many checks an estimate stands on, and until when.

    `until` is `last_day`: what a branch made up later is not in the estimate.
    """
    texts = TEXTS[language]
    counts = {
        "checked": wording.number(estimate.n_checked),
        "frame": wording.number(estimate.n_frame),
    }
    parts = [texts["drawn"].format(**counts)]
    if estimate.n_checked >= MIN_RATE:
        parts.append(texts["interval"])
    if until is not None:
        day = wording.day_name(until.date(), language)
        parts.append(texts["until"].format(day=day))
    messages = [texts["join"].join(parts) + texts["end"]]
    if MIN_RATE <= estimate.n_checked < MIN_UNSTARRED:
        messages.append(texts["starred"].format(n=MIN_UNSTARRED))
    return wording.join(messages, language, "sentences")


def explain_error(estimate: ShareEstimate, language: str = "zh") -> str:
    """How the limits were found, the error, what was collapsed and left out.

    It is for analysts; '' where there is nothing of all this.
    """
    texts, parts = TEXTS[language], []
    if estimate.n_checked >= MIN_RATE:
        parts.append(texts[estimate.method])
        if not wording.is_missing(estimate.std_error) and estimate.std_error > 0:
            error = wording.points(estimate.std_error, language)
            parts.append(texts["error"].format(error=error, df=estimate.df))
        if estimate.collapsed:
            parts.append(texts["collapsed"].format(n=len(estimate.collapsed)))
    if estimate.n_blank:
        parts.append(texts["blank"].format(n=wording.number(estimate.n_blank)))
    return texts["join"].join(parts) + (texts["end"] if parts else "")


def change_of_rounds(
    checked: Checked, item: str
) -> tuple[tuple[int, int], Change] | None:
    """The last two rounds in which random checks gave a verdict on an item.

    Returns
    -------
    Their numbers (`[[round]]` of the calendar, from 1) and `sampling.measure_change`;
    None where there are not two.
    """
    rows = checked.random.rows
    rounds = sorted(rows.loc[rows[item].notna(), "round"].unique().tolist())
    if len(rounds) < 2:
        return None
    earlier, later = rounds[-2:]
    change = measure_change(
        checked.random.of_round(earlier), checked.random.of_round(later), item
    )
    return (earlier, later), change


def explain_change(
    moved: tuple[tuple[int, int], Change] | None, language: str = "zh"
) -> str:
    """`change_of_rounds` as a sentence; under ten checks the two fractions.

    Of a single round there is nothing to say: ''.
    """
    texts = TEXTS[language]
    if moved is None:
        return ""
    rounds, change = moved
    earlier, later = change.earlier, change.later
    words: dict[str, Any] = {"earlier": rounds[0], "later": rounds[1]}
    if wording.is_missing(change.points):
        return texts["change_few"].format(
            n=MIN_RATE,
            confirmed=earlier.n_confirmed,
            checked=earlier.n_checked,
            confirmed_later=later.n_confirmed,
            checked_later=later.n_checked,
            **words,
        )
    is_open = change.lower_points <= 0 <= change.upper_points
    points, lower, upper = (
        f"{value:+.1f}".replace("-", "−")
        for value in (change.points, change.lower_points, change.upper_points)
    )
    return texts["change"].format(
        before=wording.percent(earlier.estimate),
        after=wording.percent(later.estimate),
        points=points,
        lower=lower,
        upper=upper,
        verdict=texts["change_open" if is_open else "change_beyond"],
        both=wording.number(change.n_both),
        **words,
    )


def _looked_for(checked: Checked) -> list[str]:
    """Of `ITEMS` those that the registry's checks have a column for."""
    return [item for item in ITEMS if item in checked.apart]


def judge_selections(checked: Checked) -> pd.DataFrame:
    """Topics and looks by way of selection, never added up over it.

    Returns
    -------
    DataFrame, one row an item and selection
        `item`, `selection`, `n_checked`, `n_confirmed`, `n_blank`; for random ones
        `rate`, `std_error`, `lower`, `upper`: the weighted estimate of the place
        (missing under ten checks); for targeted and prepared ones `visited_share`,
        which speaks of those visited only.
    """
    rows = []
    for item in _looked_for(checked):
        estimate = estimate_share(checked.random.tally(item))
        row = {"item": item, "selection": RANDOM, "rate": estimate.estimate}
        for name in (*_COUNTS, "std_error", "lower", "upper"):
            row[name] = getattr(estimate, name)
        rows.append(row)
        for selection, counts in tally_apart(checked.apart, item).iterrows():
            row = {"item": item, "selection": selection, **counts.to_dict()}
            row["visited_share"] = _share(row["n_confirmed"], row["n_checked"])
            rows.append(row)
    columns = ["item", "selection", *_COUNTS, "rate", "std_error", "lower", "upper"]
    return pd.DataFrame(rows, columns=[*columns, "visited_share"])


def compare_prepared(checked: Checked) -> pd.DataFrame:
    """How much better prepared sites look than unannounced random checks, by item.

    Returns
    -------
    DataFrame, one row an item
        Counts of either side, `prepared_rate`, `unannounced_rate` (weighted), and
        their difference `points` with `lower_points` and `upper_points`; missing
        where either side has under ten checks (`sampling.measure_prepared_bias`).
    """
    rows, unannounced_checks = [], checked.random.made(is_announced=False)
    for item in _looked_for(checked):
        prepared = tally_apart(checked.apart, item).loc["prepared"]
        unannounced = estimate_share(unannounced_checks.tally(item))
        bias = measure_prepared_bias(
            int(prepared["n_confirmed"]), int(prepared["n_checked"]), unannounced
        )
        rows.append(
            {
                "item": item,
                "prepared_confirmed": int(prepared["n_confirmed"]),
                "prepared_checked": int(prepared["n_checked"]),
                "prepared_rate": bias.prepared_rate,
                "unannounced_confirmed": unannounced.n_confirmed,
                "unannounced_checked": unannounced.n_checked,
                "unannounced_rate": bias.random_rate,
                "points": bias.points,
                "lower_points": bias.lower_points,
                "upper_points": bias.upper_points,
            }
        )
    return pd.DataFrame(rows)


def share_grades(checked: Checked) -> pd.DataFrame:
    """Grades by way of selection: estimated shares of the place, or of those visited.

    Returns
    -------
    DataFrame, one row a selection and grade
        `selection`, `grade`, `n` checks of that grade, `n_checked` graded checks;
        `rate` for random ones (weighted, adds up to 1 over the grades), and
        `visited_share` for the others; both missing under ten graded checks.
    """
    rows = []
    for grade in GRADES:
        estimate = estimate_share(checked.random.tally(grade))
        rows.append(
            {
                "selection": RANDOM,
                "grade": grade,
                "n": estimate.n_confirmed,
                "n_checked": estimate.n_checked,
                "rate": estimate.estimate,
            }
        )
        for selection, counts in tally_apart(checked.apart, grade).iterrows():
            n, n_checked = int(counts["n_confirmed"]), int(counts["n_checked"])
            row = {"selection": selection, "grade": grade, "n": n}
            share = _share(n, n_checked)
            rows.append(row | {"n_checked": n_checked, "visited_share": share})
    return pd.DataFrame(rows)


def measure_factors(
    checked: Checked, item: str, registry: Registry, dimension: str | None = None
) -> pd.DataFrame:
    """Recounted over what was reported before the checks, whole and by place.

    A check is compared with the last ledger before it, and its branch may have done
    more since: only fewer than before, or more than the first ledger after, is amiss
    (`sampling.estimate_factor`). A branch whose unit files totals is compared with the
    average branch of its unit and sector; over a whole cell that adds up to the total.

    Parameters
    ----------
    item
        A key of `RECOUNTED`.
    dimension
        "unit" or "sector" for a row of each; None for the whole only.

    Returns
    -------
    DataFrame
        `item`, the dimension (missing in the row of the whole, which stands first),
        `n_random` checks, `n_usable` recounted and claimed before, of these
        `n_average` by an average, raw sums `reported` and `recounted`, `factor`
        (weighted) with `factor_error`, `factor_lower`, `factor_upper`; `after` with
        its limits, against the ledger after; and `band`: over_reported, agrees,
        under_reported, consistent. No factor where fewer than ten checks are usable or
        fewer than ten things were reported; no error where all branches show the same
        ratio, and limits that say how far the rest may lie off.
    """
    known = registry.units if dimension == "unit" else registry.sectors
    whole = checked.random.recounts(item, *RECOUNTED[item])
    rows = []
    for place in (None, *(known if dimension else ())):
        # A stratum lies wholly inside a unit and a sector.
        recounts = whole if place is None else whole.within(dimension, place)
        if place is not None and recounts.rows.empty:
            continue
        both = recounts.rows.dropna(subset=["reported", "recounted"])
        row: dict[str, Any] = {"item": item}
        row |= {dimension: place} if dimension else {}
        row |= {
            "n_random": len(recounts.rows),
            "n_usable": len(both),
            "n_average": int((~both["is_own_row"]).sum()),
            "reported": round(both["reported"].sum()),
            "recounted": int(both["recounted"].sum()),
        }
        if len(both) >= MIN_RATE and row["reported"] >= MIN_RATE:
            estimate = estimate_factor(recounts)
            row |= {"factor": estimate.factor, "band": estimate.band}
            if estimate.std_error > ROUNDING:
                row["factor_error"] = estimate.std_error
            row |= {
                "factor_lower": estimate.lower,
                "factor_upper": estimate.upper,
                "after": estimate.after,
                "after_lower": estimate.after_lower,
                "after_upper": estimate.after_upper,
            }
        rows.append(row)
    counts = ["n_random", "n_usable", "n_average", "reported", "recounted"]
    place_column = [dimension] if dimension else []
    columns = ["item", *place_column, *counts, *_FACTOR, "band"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype(dict.fromkeys(_FACTOR, float))


def usable_checks(factors: pd.DataFrame, language: str = "zh") -> str:
    """How many random checks had a ledger before them, and of what, as a sentence.

    `factors` is of `measure_factors`, one item; its first row is the whole.
    """
    whole, texts = factors.iloc[0], TEXTS[language]
    average = ""
    if whole["n_average"]:
        n = wording.number(whole["n_average"])
        average = texts["usable_average"].format(n=n)
    return texts["usable"].format(
        checked=wording.number(whole["n_random"]),
        usable=wording.number(whole["n_usable"]),
        average=average,
    )


def verdict(row: Mapping[str, Any], language: str = "zh") -> str:
    """The band of a factor in words, and whether its interval leaves that open."""
    words, band = WORDS[language], row["band"]
    if wording.is_missing(band):
        return words["none"]
    if wording.is_missing(row["factor_error"]) and row["factor"] == 1:
        return words["alike"]
    is_open = (band == "over_reported" and row["factor_upper"] > FACTOR_BAND[0]) or (
        band == "under_reported" and row["after_lower"] < FACTOR_BAND[1]
    )
    return words["crosses"].format(band=words[band]) if is_open else words[band]


def as_table(
    frame: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """Any frame of this module under people's headings, words for codes."""
    words = WORDS[language]
    columns: dict[str, Any] = dict(frame.items())
    if "band" in frame and "factor_lower" in frame:
        rows = frame.to_dict("records")
        columns["band"] = [verdict(row, language) for row in rows]
    known = dict.fromkeys(("item", "selection", "grade", *TOPICS), words)
    known["is_announced"] = {True: words["announced"], False: words["unannounced"]}
    return tabulate(
        columns,
        registry,
        language,
        section="reported_vs_verified",
        kinds={"band": "text"},
        words=known,
        is_short=True,
    )


def selections_table(counted: pd.DataFrame, language: str = "zh") -> pd.DataFrame:
    """`judge_selections` to read: a row an item, columns for each way of choosing.

    A rate with its interval stands in a column of random checks alone; the others
    hold what was confirmed of what was visited.
    """
    words, texts = WORDS[language], TEXTS[language]
    item_heading = catalogue.term("headings.column.item")[language]
    rows = []
    for item in counted["item"].unique():
        own = counted[counted["item"] == item].set_index("selection")
        row = {item_heading: words[item]}
        if RANDOM in own.index:
            row[texts["estimate_column"]] = _with_limits(own.loc[RANDOM], texts)
        for selection in SELECTIONS:
            if selection not in own.index:
                continue  # left out by the reader
            found = own.loc[selection]
            counts = [wording.number(found[n]) for n in ("n_confirmed", "n_checked")]
            shown = " / ".join(counts) if found["n_checked"] else wording.UNDEFINED
            row[texts[f"{selection}_column"]] = shown
        rows.append(row)
    return pd.DataFrame(rows)


def place_name(
    registry: Registry, dimension: str, code: Any, language: str = "zh"
) -> str:
    """Name of a row; the row without a code is the whole."""
    if wording.is_missing(code):
        return wording.OVERALL[language]
    return wording.place_name(registry, dimension, code, language, is_short=True)


def checks_rows(checks: pd.DataFrame, item: str) -> pd.DataFrame:
    """The checks behind the figures, newest first, with where each was filed."""
    order = checks.sort_values(
        ["check_date", "branch"], ascending=[False, True], kind="stable"
    )
    names = ["check_date", "unit", "sector", "branch", "branch_name", "selection"]
    names += ["is_announced", item, "grade"]
    names += ["source_file", "source_sheet", "source_row"]
    return order[names].reset_index(drop=True)


def _with_limits(found: pd.Series, texts: Mapping[str, str]) -> str:
    """An estimate with its interval, starred under thirty checks."""
    if wording.is_missing(found["rate"]):
        return wording.UNDEFINED
    return texts["limits"].format(
        rate=wording.percent(found["rate"]),
        star="*" if found["n_checked"] < MIN_UNSTARRED else "",
        lower=wording.percent(found["lower"]).removesuffix(" %"),
        upper=wording.percent(found["upper"]).removesuffix(" %"),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole >= MIN_RATE else np.nan
