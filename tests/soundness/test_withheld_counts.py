"""Outside the office no count of persons under 5 can be read or worked out."""

from __future__ import annotations

import functools
import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.optimize

from data_pipeline import settled, withheld
from data_pipeline.flags import build_with_flags
from data_pipeline.rates import (
    ChoiceError,
    Marts,
    folder_of,
    open_marts,
    read_check_words,
    read_checks,
    read_ledger,
    read_rates,
    read_roll,
    read_several,
)
from data_pipeline.registry import load_registry
from data_pipeline.statistics import withholding
from data_pipeline.statistics.withholding import Counts, Steps, withhold
from data_pipeline.store.audit import read_record
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports.__main__ import main
from tests.persons_attacker import SIDES, narrow_blanks
from tests.submitted_rows import instant, ledger_row, submit

MONTHS = ("2016-04", "2016-05", "2016-06")
UNITS = ("350102", "350103", "350104", "350181", "ZSJG")
SECTORS = ("organ", "rural", "community")
LEADERS = ("leader_attendance", "leader_speaking", "lectures_per_leader")
MEMBERS = ("member_speaking",)


# Persons who are moved round four places, so that no total changes: by column and month
# (all of them without one) how many more there are.
MOVED = {
    ("n_leaders_attended", ""): {
        ("350102", "community"): -1, ("350102", "rural"): 1,
        ("350104", "community"): 1, ("350104", "rural"): -1,
    },
    ("n_members_spoke", "2016-04"): {
        ("350102", "organ"): -1, ("350102", "rural"): 1,
        ("350103", "organ"): 1, ("350103", "rural"): -1,
    },
}  # fmt: skip


def build_crowded_city(root: Path, seed: int = 1, is_moved: bool = False) -> Path:
    """Units and sectors of few leaders, some of one sector only, over three months."""
    dice = random.Random(seed)
    lake = Lake(root / "lake_root")
    rows: dict[str, list] = {month: [] for month in MONTHS}
    for unit in UNITS:
        sectors = ("organ",) if unit == "ZSJG" else SECTORS
        for sector in sectors:
            n_leaders = dice.choice((3, 30, 40, 60, 80, 90, 99))
            n_members = n_leaders + dice.choice((3, 30, 90))
            attended, spoke, members = n_leaders // 3, n_leaders // 4, 0
            for month in MONTHS:
                attended = dice.randint(attended, n_leaders)
                spoke = dice.randint(spoke, attended)
                members = dice.randint(members, n_members - n_leaders)
                rows[month].append(
                    ledger_row(
                        month, unit, sector, n_branches=9, n_members=n_members,
                        n_leaders=n_leaders, n_leaders_attended=attended,
                        n_leaders_spoke=spoke, n_members_spoke=members,
                        n_lectures=dice.choice((0, 4, None)),
                    )
                )  # fmt: skip
    if is_moved:
        for (column, only), places in MOVED.items():
            for month, filed in rows.items():
                for row in filed if only in ("", month) else ():
                    row[column] += places.get((row["unit"], row["sector"]), 0)
    with lake.writing():
        for month, filed in rows.items():
            received = f"2016-{int(month[5:]) + 1:02d}-10"
            name = {"file": f"{month}.xlsx", "sha256": month[5:] * 32}
            submit(lake, received, filed, **name)
        # Never in the same minute as the city that it is compared with.
        built = datetime.now(UTC) - timedelta(days=is_moved, minutes=7 * is_moved)
        build(lake.root, load_registry(), now=built)
    return lake.root


@pytest.fixture(scope="module", params=(2, 4))
def crowded(request, shared_lakes) -> Marts:
    return open_marts(shared_lakes.of(build_crowded_city, request.param))


@pytest.mark.parametrize("metrics", [LEADERS, MEMBERS], ids=["leaders", "members"])
def test_no_blank_count_can_be_narrowed_to_less_than_five(crowded, metrics):
    public = crowded.for_audience("public")
    tables = [
        read_rates(public, name, by=by)
        for name in metrics
        for by in ((), ("unit",), ("sector",), ("unit", "sector"))
    ]
    is_shown = [(table["withheld"] == "").any() for table in tables]
    assert any(is_shown), "nothing is shown: there is nothing to attack with"
    blanks = narrow_blanks(public, metrics, MONTHS)
    assert blanks, "nothing is withheld: there is nothing to attack"
    # A group's sector is blank where any doubt is left; some such blanks are needless.
    needless = [b for b in blanks if len(b.place) == 2 and b.place[0].startswith("G")]
    needless = [b for b in needless if b.width < 1e-6 and b.lower >= 5]
    narrowest = min(set(blanks) - set(needless), key=lambda blank: blank.width)
    print(f"{len(blanks)} blank counts, {len(needless)} needless, {narrowest}")
    assert narrowest.width >= 5 - 1e-6, narrowest


def test_without_complementary_hiding_the_attacker_finds_some(crowded, monkeypatch):
    careless = functools.partial(withhold, complementary=False)
    monkeypatch.setattr(withheld, "withhold", careless)
    open_again = open_marts(crowded.root).for_audience("public")
    blanks = narrow_blanks(open_again, LEADERS, MONTHS)
    found = [blank for blank in blanks if blank.width < 5 - 1e-6]
    print(f"{len(found)} of {len(blanks)} blank counts are known to less than 5")
    assert found


def test_what_is_shown_is_true_and_speaks_of_nobody_or_of_five(crowded):
    public, registry = crowded.for_audience("public"), crowded.registry
    levels = [(), ("unit",), ("sector",), ("supervision_group",), ("unit", "sector")]
    for metric in (*LEADERS, *MEMBERS):
        for by in levels:
            how = {"by": (*by, "month"), "months": MONTHS}
            published = read_rates(public, metric, **how)
            true = read_rates(crowded, metric, **how)
            shown = published["withheld"] == ""
            names = [*how["by"], *SIDES, "rate", "n_blank"]
            kinds = true[names].dtypes.to_dict()
            seen = published.loc[shown, names].astype(kinds)
            assert seen.equals(true.loc[shown, names])
            assert published.loc[~shown, "rate"].isna().all()
            persons = registry.persons_of(registry.metrics[metric])
            for side in SIDES:
                blank = published["withheld"].isin([side, "all"])
                assert published.loc[blank, side].isna().all(), "missing, never 0"
                seen = published.loc[~blank, side].astype("int64")
                assert seen.equals(true.loc[~blank, side])
                if getattr(registry.metrics[metric], side) in persons:
                    assert not published[side].between(1, 4).any()


def test_the_office_sees_everything_and_other_figures_are_nobodys_secret(crowded):
    assert "withheld" not in read_rates(crowded, "leader_attendance", by=("unit",))
    public = crowded.for_audience("public")
    name = "topic_1_coverage"
    how = {"by": ("unit", "sector"), "months": ("2016-06",)}
    assert read_rates(public, name, **how).equals(read_rates(crowded, name, **how))


def test_however_it_is_queried_the_same_places_are_withheld(crowded):
    public = crowded.for_audience("public")
    of_all = read_rates(public, "leader_attendance", by=("unit", "sector"))
    for unit in UNITS:
        where = {"unit": (unit,)}
        one = read_rates(public, "leader_attendance", by=("sector",), where=where)
        same = (
            of_all[of_all["unit"] == unit].drop(columns="unit").reset_index(drop=True)
        )
        assert one.equals(same)
    several = read_several(public, LEADERS, by=("unit", "sector"))
    assert several["leader_attendance"].equals(of_all)


def test_townships_and_kinds_of_branches_say_nothing_of_persons(crowded):
    public = crowded.for_audience("public")
    for by in (("township",), ("unit", "branch_type"), ("is_weak_base",)):
        published = read_rates(public, "leader_attendance", by=by)
        assert (published["withheld"] == "all").all() or published.empty
    published = read_rates(public, "leader_attendance", where={"township": ("",)})
    assert published["numerator"].isna().all()


def test_single_rows_say_nothing_of_persons(checked_lake):
    office = open_marts(checked_lake)
    public, month = office.for_audience("public"), office.latest_month
    persons = {n for t in office.registry.tables.values() for n in t.persons}
    n_columns = 0
    for read in (
        lambda marts: read_ledger(marts, months=marts.months),
        read_roll,
        lambda marts: read_checks(marts, month),
        lambda marts: read_check_words(marts, month),
    ):
        seen, published = read(office), read(public)
        assert len(published) == len(seen) > 0
        for name in seen:
            if any(name.removeprefix(p) in persons for p in ("", "before_", "after_")):
                n_columns += seen[name].notna().any()
                assert published[name].isna().all(), name
            else:
                assert published[name].equals(seen[name]), name
    assert n_columns > 8


def test_an_export_for_others_leaves_blank_what_is_withheld(crowded, tmp_path):
    wanted = ["export", "leader_attendance", "--lake", str(crowded.root)]
    wanted += ["--by", "unit,sector", "--out"]
    for name in ("office", "public"):
        how = [str(tmp_path / f"{name}.csv")]
        how += ["--audience", "public"] if name == "public" else []
        assert main([*wanted, *how]) == 0
    last = read_record(crowded.root).acts[-1]
    assert last.action == "exported_unsuppressed", "what leaves whole is logged"
    assert last.details["metrics"] == ["leader_attendance"]
    assert last.details["to"] == str(tmp_path / "office.csv"), "only that"
    office = pd.read_csv(tmp_path / "office.csv")
    public = pd.read_csv(tmp_path / "public.csv", keep_default_na=False)
    assert "withheld" not in office
    blank = public["withheld"].isin(["all", "numerator"])
    assert blank.any()
    assert (public.loc[blank, "numerator"] == "").all()
    assert (public.loc[public["withheld"] != "", "rate"] == "").all()
    shown = public.loc[~blank, "numerator"].astype(int)
    assert shown.equals(office.loc[~blank, "numerator"])


def test_a_registry_says_what_counts_persons():
    registry = load_registry()
    about = {m.id for m in registry.metrics.values() if registry.persons_of(m)}
    assert about == {
        "leader_attendance",
        "leader_speaking",
        "speeches_per_leader",
        "lectures_per_leader",
        "leaders_down_ceiling",
        "member_speaking",
        "special_group_coverage",
        "special_group_modes",
        "contest_entered",
        "contest_sat",
        "backbone_trained",
        "terminations",
    }


def test_the_build_settles_what_is_withheld_and_keeps_it(shared_lakes, tmp_path):
    lake = shutil.copytree(shared_lakes.of(build_crowded_city, 2), tmp_path / "lake")
    computed = open_marts(lake).for_audience("public")
    query = {"by": ("unit", "sector", "month"), "months": MONTHS}
    expected = {name: read_rates(computed, name, **query) for name in LEADERS}
    with Lake(lake).writing():
        build_with_flags(lake, load_registry(), for_all=True)
        build_with_flags(lake, load_registry(), for_all=True)
    stored = open_marts(lake)
    assert stored.settled, "nothing is stored beside the marts"
    assert settled.STORED in dict(stored.snapshot.sums), "it is sealed like the rest"

    def never(*_, **__):
        raise AssertionError("what is stored is settled anew")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withheld, "withhold", never)
        public = stored.for_audience("public")
        for name, frame in expected.items():
            assert read_rates(public, name, **query).equals(frame)
        for name in MEMBERS:
            read_rates(public, name, **query)

    # Whoever empties the file discloses nothing: it is not taken over.
    path = folder_of(lake, stored.snapshot) / settled.STORED
    nothing = {key: {} for key in json.loads(path.read_bytes())}
    path.write_text(json.dumps(nothing), "utf-8")
    with Lake(lake).writing():
        build_with_flags(lake, load_registry(), for_all=True)
    mended = open_marts(lake)
    assert mended.settled.keys() == stored.settled.keys()
    for name, frame in expected.items():
        assert read_rates(mended.for_audience("public"), name, **query).equals(frame)


def test_of_a_changed_month_alone_attackers_are_asked_again(shared_lakes, tmp_path):
    """What is withheld is then what it is when all months are asked."""
    lake = shutil.copytree(shared_lakes.of(build_crowded_city, 2), tmp_path / "lake")
    asked: list[int] = []
    solved: list[int] = []
    real, solve = withholding.attack, withholding._Attacker._solve

    def attack(counts: Counts, *how, **more):
        asked.append(counts.n_months)
        return real(counts, *how, **more)

    def count_solved(attacker, *how):
        solved.append(attacker.counts.n_months)
        return solve(attacker, *how)

    def build_again() -> tuple[int, int]:
        asked.clear()
        solved.clear()
        build_with_flags(lake, load_registry(), for_all=True)
        return asked.count(1), len(asked) - asked.count(1)

    with Lake(lake).writing(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(withholding, "attack", attack)
        patch.setattr(withholding._Attacker, "_solve", count_solved)
        first, _ = build_again()
        n_solved = len(solved) - solved.count(1)
        rows = read_ledger(open_marts(lake), months=[MONTHS[-1]])
        row = rows[rows["n_leaders_attended"] > 5].iloc[0]
        counts = load_registry().tables["ledger"].counts
        figures = {n: None if pd.isna(row[n]) else int(row[n]) for n in counts}
        figures["n_leaders_attended"] -= 1
        place = (MONTHS[-1], row["unit"], row["sector"], row["branch"] or None)
        submit(Lake(lake), "2017-01-20", [ledger_row(*place, **figures)])
        then, n_whole = build_again()
        assert 0 < then < first / 2 and n_whole
        # What was possible before mostly still is: it is not asked of the solver.
        assert len(solved) - solved.count(1) < n_solved / 2
        _hold_against_anew(lake, build_again)
        # The ledgers of a month are taken back, but for the row that was corrected.
        (filed,) = (
            s for s in Lake(lake).submissions() if s.file == f"{MONTHS[-1]}.xlsx"
        )
        when = instant("2017-01-21")
        Lake(lake).withdraw(filed, reason="误报", received=when)
        build_again()
        _hold_against_anew(lake, build_again)


def _hold_against_anew(lake: Path, build_again: Callable[[], object]) -> None:
    """What is settled is what it is where nothing is known from before."""
    since = open_marts(lake).settled
    for name in (settled.STORED, settled.STEPS):
        for path in (lake / "marts").glob(f"*/{name}"):
            path.unlink()
    build_again()
    anew = open_marts(lake).settled
    assert since.keys() == anew.keys()
    for key, one in anew.items():
        for name, of in one.withheld.items():
            assert np.array_equal(since[key].withheld[name], of)


def _counts_of(lake: Path) -> list[Counts]:
    """The counts of all that is settled for others."""
    public = open_marts(lake).for_audience("public")
    for metric in (*LEADERS, *MEMBERS):
        read_rates(public, metric, by=("unit",))
    return [pattern.counts for pattern in public.patterns.values()]


def _nothing_but_small(counts: Counts) -> withholding.Withheld:
    return withhold(counts, complementary=False)


@pytest.mark.parametrize("hide", [withhold, _nothing_but_small])
def test_steps_that_attackers_took_before_decide_nothing(shared_lakes, hide):
    """Such as change what is shown, and such as go too far, lead nowhere."""
    n_found = 0
    for seed in (2, 4):
        for counts in _counts_of(shared_lakes.of(build_crowded_city, seed)):
            hidden, taken = hide(counts), Steps()
            found = withholding.attack(counts, hidden, steps=taken)
            ((measures, of),) = taken
            # A whole of each cell alone is another, which changes what is shown of it.
            alone = np.zeros((of.shape[2], *of.shape[1:]))
            alone[range(len(alone)), 0, range(len(alone))] = 9
            for steps in (50 * of, alone):
                known = Steps([(measures, steps)])
                again = withholding.attack(counts, hidden, steps=known)
                assert [one[:3] for one in again] == [one[:3] for one in found]
                ends = [[one[3:] for one in of] or [(0, 0)] for of in (again, found)]
                np.testing.assert_allclose(*ends, atol=1e-5)
            n_found += len(found)
    assert bool(n_found) == (hide is _nothing_but_small)


def test_steps_are_stored_with_a_snapshot_as_they_were_taken(tmp_path):
    steps = Steps([(("a", "b"), np.random.default_rng(1).random((2, 2, 3, 4)))])
    steps.add(["c"], np.ones((1, 3, 1)))
    settled.write_steps(tmp_path, steps)
    path = tmp_path / settled.STEPS
    again = settled.read_steps(path)
    for (measures, taken), (others, kept) in zip(steps, again, strict=True):
        assert measures == others
        assert np.array_equal(taken, kept)
    for damaged in (path.read_bytes()[:-40], b"", b"PK"):
        path.write_bytes(damaged)
        assert not list(settled.read_steps(path))


def test_of_steps_the_last_ones_are_remembered():
    steps = Steps()
    for number in range(withholding._MOST_STEPS + 5):
        steps.add(["a"], np.full((1, 2, 3), number))
    assert [step.max() for step in steps.of(["a"], (2, 3))][0] == 5
    for n_months in range(1, withholding._MOST_COUNTS + 5):
        steps.add(["b"], np.zeros((1, 1, n_months)))
    assert len(list(steps)) == withholding._MOST_COUNTS
    assert not steps.of(["a"], (2, 3))


def test_an_audience_that_does_not_exist_is_said_so(crowded):
    with pytest.raises(ChoiceError, match="press"):
        crowded.for_audience("press")


def test_a_count_below_zero_stops_nothing():
    """Ordinary members are what is left of the members: of 3 less 5 leaders, -2."""
    values = {"members": np.array([[-2.0], [2.0], [30.0], [40.0]])}
    places = np.vstack([np.eye(4, dtype=bool), np.ones((1, 4), bool)])
    totals = ((4, (0, 1, 2, 3)),)
    counts = Counts(values, (), frozenset(), places, totals)
    hidden = withhold(counts)["members"][:, 0]
    assert hidden[1] and hidden.sum() >= 2
    assert not hidden[4]


def test_where_the_solver_gives_up_nothing_is_shown(monkeypatch):
    values = {"members": np.array([[6.0], [2.0], [30.0], [40.0]])}
    places = np.vstack([np.eye(4, dtype=bool), np.ones((1, 4), bool)])
    counts = Counts(values, (), frozenset(), places, ((4, (0, 1, 2, 3)),))
    assert not withhold(counts)["members"].all()

    def gives_up(*_, **__):
        return SimpleNamespace(status=4, message="numerical difficulties")

    monkeypatch.setattr(scipy.optimize, "linprog", gives_up)
    assert withhold(counts)["members"].all()
