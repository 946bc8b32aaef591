"""Are planted habits found, and honest cells left in peace? Prints a Markdown table.

    python -m benchmarks.credibility                    five cities of other seeds
    python -m benchmarks.credibility --honest           honest cities of other kinds
    python -m benchmarks.credibility --further          habits planted for once
    python -m benchmarks.credibility --lake parquet     a built demo lake, by all roads

The made-up city knows its truth: which units say 100 % to everything, copy a month,
round, count every lecture as grass-roots, rush before a date or forget to add up. For
each such habit and its rule stand recall (share of planted cells with a flag) and false
alarms (share of honest cells with one). A cell is a unit and sector in a month, for
rules that pool the campaign a unit and sector. Honest is a cell whose unit and sector
have no such habit in any month, since a copied month also bends the one after it;
filing late, not at all or twice is honest as far as figures go.

Other seeds are judged in memory, without workbooks and lake: the same rules over the
same frames, which a built lake only brings by a longer way.
"""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from data_pipeline import demo_city
from data_pipeline.demo_city import reporting, truth
from data_pipeline.demo_city.branches import make_branches
from data_pipeline.demo_city.checks import draw_rounds, draw_spot_checks
from data_pipeline.demo_city.weak_cases import choose_hot_spots, draw_weak_cases
from data_pipeline.flags import (
    BASES,
    CELL_MONTH,
    ORIGIN,
    Flags,
    find_flags,
    judge_ledger,
)
from data_pipeline.rates import open_marts, read_ledger
from data_pipeline.registry import load_registry
from data_pipeline.statistics.credibility import REASONS

RULE_OF_HABIT = {
    reporting.ALL_100: "all_at_100",
    reporting.COPIED_MONTH: "copied_month",
    reporting.ROUNDED: "round_digits",
    reporting.OWN_LECTURES: "own_lectures",
    reporting.RUSHED: "jump",
    reporting.UNDECLARED_MONTHLY: "cumulative_falls",
}
# Nobody does these in the made-up city, so they can only be false.
UNPLANTED = (
    "part_over_whole",
    "same_in_two_units",
    "last_days",
    "ahead_of_window",
    "off_roll",
    "off_last_month",
    "organizations_equal",
    "lucky_digits",
    "too_smooth",
    "near_neighbour",
)
POOLED = ("round_digits", "lucky_digits", "own_lectures")
SEEDS = (11, 12, 13, 14, 15)
# Honest cities that look unusual: each topic is held in the one month that was ordered;
# all is really done, and checks find it so; nothing moves in August.
ONE_MONTH, COMPLETE, STANDSTILL = "one_month", "complete", "standstill"
HONEST_KINDS = (ONE_MONTH, COMPLETE, STANDSTILL)
# Habits that are planted for once in units that are otherwise honest: every count a
# tenth too high; the figures of another unit, each some 2 % off; a straight line from
# the first month to the last; 6 or 8 at the end of every count from 10 on.
INFLATED, NEIGHBOUR, LINE, LUCKY = "inflated", "neighbour", "line", "lucky"
FURTHER_HABITS = (INFLATED, NEIGHBOUR, LINE, LUCKY)
FURTHER_UNITS = {"350104": "350112", "350124": "350122"}  # whom it would copy from
NEIGHBOUR_NOISE = 0.02
PARTS = {
    "n_lectures_grassroots": "n_lectures",
    "n_leaders_spoke": "n_leaders_attended",
}
ORDERED_MONTHS = {1: "2016-06", 2: "2016-09", 3: "2016-12"}


@functools.lru_cache(maxsize=1)
def _make_city(seed: int, share: float) -> tuple[pd.DataFrame, ...]:
    """Ledger, checks, weak cases and roll of the made-up city of a seed.

    What is judged first makes a copy of it: the frames themselves stay as they are.
    """
    branches = make_branches(seed, share)
    draws = truth.draw(branches, seed)
    figures, reported = reporting.make_ledger(branches, draws, seed)
    cases = draw_weak_cases(branches, choose_hot_spots(branches, seed), seed)
    rounds = draw_rounds(branches, cases, seed)
    checks = _check_rows(branches, draw_spot_checks(branches, figures, rounds, seed))
    cases = cases.merge(branches[["branch", "sector"]], on="branch")
    cases = cases.assign(**dict.fromkeys(ORIGIN, ""))
    roll = branches.assign(n_branches=1).groupby(["unit", "sector"])[list(BASES)].sum()
    return _ledger_rows(reported), checks, cases, roll.reset_index()


@functools.lru_cache(maxsize=2)
def judge_seed(
    seed: int, share: float = 1.0, kind: str | None = None
) -> tuple[Flags, pd.DataFrame]:
    """Flags and filed cells of the made-up city of a seed, without files.

    With one of `HONEST_KINDS` the ledger is first made such a city; with one of
    `FURTHER_HABITS` the units of `FURTHER_UNITS` file so.
    """
    registry = load_registry()
    ledger, checks, cases, roll = _make_city(seed, share)
    verified = {}
    if kind in HONEST_KINDS:
        ledger = make_honest(ledger, kind)
    if kind == COMPLETE:
        verified = {m.id: 1.0 for m in registry.metrics.values() if m.verified}
    if kind in FURTHER_HABITS:
        ledger = plant(ledger, kind, np.random.default_rng([seed, 7]))
    flags = judge_ledger(ledger, checks, cases, verified, registry, roll)
    return flags, ledger[list(CELL_MONTH)].drop_duplicates()


def make_honest(ledger: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The ledger of a city of one of `HONEST_KINDS`, instead of a gradual one."""
    ledger = ledger.copy()
    if kind == STANDSTILL:
        place = ["unit", "sector", "branch"]
        counts = list(reporting.FLOWS)
        july = ledger[ledger["month"] == "2016-07"].set_index(place)[counts]
        is_august = ledger["month"] == "2016-08"
        august = pd.MultiIndex.from_frame(ledger.loc[is_august, place])
        ledger.loc[is_august, counts] = july.reindex(august).to_numpy()
        return ledger
    for topic, start in enumerate(truth.TOPIC_STARTS, 1):
        first = ORDERED_MONTHS[topic] if kind == ONE_MONTH else truth.MONTHS[start]
        is_held = ledger["month"] >= first
        ledger[f"n_branches_topic_{topic}"] = ledger["n_branches"].where(is_held, 0)
        speakers = f"n_speakers_topic_{topic}"
        ledger[speakers] = ledger[speakers].where(is_held, ledger[speakers] * 0)
    if kind == COMPLETE:
        for part in ("n_leaders_attended", "n_leaders_spoke"):
            ledger[part] = ledger["n_leaders"].where(ledger[part].notna())
        ledger["n_leader_speeches"] = (
            ledger[["n_leader_speeches", "n_leaders"]]
            .max(axis=1)
            .where(ledger["n_leader_speeches"].notna())
        )
        ledger["n_members_spoke"] = ledger["n_members_ordinary"].where(
            ledger["n_members_spoke"].notna()
        )
    return ledger


def plant(ledger: pd.DataFrame, habit: str, rng: np.random.Generator) -> pd.DataFrame:
    """The ledger in which `FURTHER_UNITS` file by one of `FURTHER_HABITS`.

    They file one row a sector then, as a habit of the whole cell. No count passes its
    whole.
    """
    flows = list(reporting.FLOWS)
    states = [*reporting.STATES, "n_members_ordinary"]
    sums = ledger.groupby(list(CELL_MONTH))[[*states, *flows]].sum(min_count=1)
    sums = sums.astype(float)
    own = sums.loc[list(FURTHER_UNITS)].copy()
    if habit == INFLATED:
        own[flows] = (1.1 * own[flows]).round()
    elif habit == NEIGHBOUR:
        there = own.index.map(lambda at: (FURTHER_UNITS[at[0]], *at[1:]))
        figures = sums.reindex(there)[flows].to_numpy()
        size = own["n_branches"] / sums.reindex(there)["n_branches"].to_numpy()
        noise = rng.normal(1, NEIGHBOUR_NOISE, figures.shape)
        own[flows] = np.round(figures * size.to_numpy()[:, None] * noise)
        own[flows] = own[flows].groupby(["unit", "sector"]).cummax()
    elif habit == LINE:
        for _, cell in own.groupby(["unit", "sector"]):
            for name in flows:
                values = cell[name].to_numpy()
                above = np.flatnonzero(values > 0)
                if len(above):
                    n_months = len(values) - above[0]
                    line = values[-1] * np.arange(1, n_months + 1) / n_months
                    own.loc[cell.index[above[0] :], name] = line.round()
    else:
        for name in flows:
            # 0-1 to 8 of the ten before, 2-7 to 6, 8-9 to 8.
            steps = np.array([-2, -3, 4, 3, 2, 1, 0, -1, 0, -1])
            ending = own[name] % 10
            step = steps[ending.fillna(0).to_numpy(int)]
            own[name] += np.where(own[name] >= 10, step, 0)
    for name, whole in {**reporting.WHOLES, **PARTS}.items():
        own[name] = own[[name, whole]].min(axis=1, skipna=False)
    speeches = ["n_leader_speeches", "n_leaders_spoke"]
    own[speeches[0]] = own[speeches].max(axis=1, skipna=False)
    rows = own.reset_index().assign(branch="", basis="to_date")
    rows = rows.assign(**dict.fromkeys(ORIGIN, ""))
    kept = ledger[~ledger["unit"].isin(FURTHER_UNITS)]
    rows = pd.concat([kept, rows[ledger.columns]])
    order = ["unit", "sector", "branch", "month"]
    return rows.sort_values(order, ignore_index=True)


def found_of_habits(habits: Sequence[str], seeds: Iterable[int]) -> pd.DataFrame:
    """Which rules flag the cells of `FURTHER_UNITS`, with each habit and without.

    Returns
    -------
    DataFrame
        One row a habit and rule that flags any, and one for `any` rule: planted, found,
        before (cells; `before` is what the rule flags there while they are honest).
    """
    counts: dict[tuple[str, str], np.ndarray] = {}
    for seed in seeds:
        before, n_cells = _flagged_by_rule(seed, None)
        for habit in habits:
            found, _ = _flagged_by_rule(seed, habit)
            for rule in {*found, *before}:
                row = counts.setdefault((habit, rule), np.zeros(3, int))
                row += (n_cells, len(found.get(rule, ())), len(before.get(rule, ())))
    frame = pd.DataFrame(counts, index=["planted", "found", "before"]).T
    frame["planted"] = frame.groupby(level=0)["planted"].transform("max")
    rank = {name: place for place, name in enumerate((*habits, "any", *REASONS))}
    return frame.sort_index(key=lambda names: names.map(rank))


def _flagged_by_rule(
    seed: int, habit: str | None
) -> tuple[dict[str, set[tuple[str, ...]]], int]:
    """Cells of `FURTHER_UNITS` that each rule flags, and how many there are."""
    flags, filed = judge_seed(seed, kind=habit)
    filed = filed[filed["unit"].isin(FURTHER_UNITS)]
    cells = set(filed.itertuples(index=False, name=None))
    flagged: dict[str, set[tuple[str, ...]]] = {"any": set()}
    for flag in flags.found.itertuples():
        # Month by month, also where a rule pools the campaign.
        covered = _covered(flag, cells, "")
        if covered:
            flagged.setdefault(flag.rule, set()).update(covered)
            flagged["any"] |= covered
    return flagged, len(cells)


def judge_lake(lake: Path) -> tuple[Flags, pd.DataFrame]:
    """Flags and filed cells of a built lake."""
    marts = open_marts(lake)
    ledger = read_ledger(marts, months=marts.months)
    return find_flags(marts), ledger[list(CELL_MONTH)].drop_duplicates()


def score(
    flags: Flags, cells: pd.DataFrame, habits: Iterable[reporting.Habit]
) -> pd.DataFrame:
    """One row a rule: planted, found, honest, alarms (cells), elsewhere (flags)."""
    planted = {rule: set() for rule in (*RULE_OF_HABIT.values(), *UNPLANTED)}
    dishonest = set()
    for habit in habits:
        rule = RULE_OF_HABIT.get(habit.kind)
        if rule is None:
            continue
        touched = cells[reporting.is_planted(cells, habit)]
        dishonest.update(zip(touched["unit"], touched["sector"], strict=True))
        touched = touched[touched["month"].isin(habit.months)]
        planted[rule].update(_keys(touched, rule))
    is_honest = [
        place not in dishonest
        for place in zip(cells["unit"], cells["sector"], strict=True)
    ]
    rows = []
    for rule, where in planted.items():
        everywhere = _keys(cells, rule)
        honest = _keys(cells[is_honest], rule)
        flagged = {
            key
            for flag in flags.found[flags.found["rule"] == rule].itertuples()
            for key in _covered(flag, everywhere, rule)
        }
        rows.append(
            {
                "rule": rule,
                "planted": len(where),
                "found": len(where & flagged),
                "honest": len(honest),
                "alarms": len(honest & flagged),
                "elsewhere": len(flagged - where - honest),
            }
        )
    return pd.DataFrame(rows).set_index("rule")


def to_markdown(scores: Sequence[pd.DataFrame]) -> str:
    """All seeds together, and the worst of them."""
    habit_of_rule = {rule: habit for habit, rule in RULE_OF_HABIT.items()}
    lines = [
        "| habit | rule | planted cells | found | recall | worst seed "
        "| honest cells | flagged | false alarms | worst seed |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    total = sum(scores[1:], scores[0])
    for rule, row in total.iterrows():
        recalls = [_share(s.at[rule, "found"], s.at[rule, "planted"]) for s in scores]
        alarms = [_share(s.at[rule, "alarms"], s.at[rule, "honest"]) for s in scores]
        cells = (
            habit_of_rule.get(rule, "–"),
            rule,
            f"{row['planted']:,}",
            f"{row['found']:,}",
            _percent(_share(row["found"], row["planted"])),
            _percent(min(recalls)),
            f"{row['honest']:,}",
            f"{row['alarms']:,}",
            _percent(_share(row["alarms"], row["honest"])),
            _percent(max(alarms)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lake", type=Path, help="a built demo lake")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument(
        "--honest", action="store_true", help="only honest cities of other kinds"
    )
    parser.add_argument(
        "--further", action="store_true", help="habits that no city has by itself"
    )
    options = parser.parse_args(arguments)
    if options.further:
        print("| planted habit | rule | found | of cells | before it was planted |")
        print("|---|---|--:|--:|--:|")
        scores = found_of_habits(FURTHER_HABITS, options.seeds)
        for (habit, rule), row in scores.iterrows():
            share = _percent(row["found"] / row["planted"])
            cells = (habit, rule, f"{row['found']:,} of {row['planted']:,}", share)
            print(f"| {' | '.join(cells)} | {row['before']:,} |")
        return
    if options.honest:
        for kind in HONEST_KINDS:
            scores = [
                score(*judge_seed(seed, kind=kind), reporting.HABITS)
                for seed in options.seeds
            ]
            print(f"{kind}\n\n{to_markdown(scores)}\n")
        return
    if options.lake:
        notes = options.lake / "demo" / demo_city.TRUTH_NOTES
        habits = [
            reporting.Habit(**{key: _frozen(value) for key, value in habit.items()})
            for habit in json.loads(notes.read_text("utf-8"))["habits"]
        ]
        print(to_markdown([score(*judge_lake(options.lake), habits)]))
        return
    scores = [score(*judge_seed(seed), reporting.HABITS) for seed in options.seeds]
    print(to_markdown(scores))


def _ledger_rows(reported: reporting.Reported) -> pd.DataFrame:
    """What is filed in the end, as the query of the flags brings it."""
    n_months = truth.N_MONTHS
    rows = reported.rows.loc[reported.rows.index.repeat(n_months)]
    rows = rows[["unit", "sector", "branch"]].reset_index(drop=True)
    rows["month"] = np.tile(truth.MONTHS, len(reported.rows))
    is_monthly = rows["unit"].isin(reporting.MONTHLY_UNITS)
    rows["basis"] = np.where(is_monthly, "month", "to_date")
    for name, counts in reported.figures.items():
        rows[name] = counts.ravel()
    rows["n_members_ordinary"] = rows["n_members"] - rows["n_leaders"]
    rows = rows.assign(**dict.fromkeys(ORIGIN, ""))[reported.is_filed.ravel()]
    return rows.sort_values(["unit", "sector", "branch", "month"], ignore_index=True)


def _check_rows(branches: pd.DataFrame, checks: pd.DataFrame) -> pd.DataFrame:
    checks = checks[checks["selection"] != "备检点"]
    checks = checks.merge(branches[["branch", "sector"]], on="branch")
    words = load_registry().tables["spot_check"].column("found_topic_1").words
    verdicts = [name for name in checks if name.startswith("found_topic_")]
    return checks.assign(
        month=checks["check_date"].str[:7],
        is_random=checks["selection"] == "随机",
        **{name: checks[name].map(words, na_action="ignore") for name in verdicts},
    )


def _keys(cells: pd.DataFrame, rule: str) -> set[tuple[str, ...]]:
    names = CELL_MONTH[:2] if rule in POOLED else CELL_MONTH
    return set(cells[list(names)].itertuples(index=False, name=None))


def _covered(
    flag: object, cells: set[tuple[str, ...]], rule: str
) -> set[tuple[str, ...]]:
    """The cells that a flag speaks of."""
    return {
        cell
        for cell in cells
        if cell[0] == flag.unit
        and flag.sector in ("", cell[1])
        and (rule in POOLED or flag.first_month <= cell[2] <= flag.last_month)
    }


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"


if __name__ == "__main__":
    main()
