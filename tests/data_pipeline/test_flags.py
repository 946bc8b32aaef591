"""Every credibility rule over a whole lake: what is found, and which rows it cites."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pandas as pd
import pytest

from benchmarks import credibility as benchmark
from data_pipeline import finding_words
from data_pipeline import flags as flags_module
from data_pipeline.demo_city.reporting import HABITS, Habit
from data_pipeline.flags import (
    EVIDENCE,
    FLAG_COLUMNS,
    Flags,
    build_with_flags,
    find_flags,
    judge_ledger,
    read_flags,
)
from data_pipeline.rates import open_marts, read_city_shares, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.statistics.label_runs import labels_of, merge_runs
from data_pipeline.store.lake import Lake
from data_pipeline.store.snapshots import Snapshot
from data_pipeline.warehouse import build, current_snapshot
from tests.doubtful_city import FLAGS, build_doubtful_city
from tests.submitted_rows import day, ledger_row, roll_row, submit

KEY = ["rule", "unit", "sector", "first_month", "last_month", "n_rows"]


@pytest.fixture(scope="module")
def doubtful(doubtful_lake) -> Flags:
    return find_flags(open_marts(doubtful_lake))


@pytest.fixture
def judge(tmp_path):
    """`judge(row, row)`: the flags of a lake that holds these ledger rows."""

    def run(*rows, **tables) -> Flags:
        lake = Lake(tmp_path / "lake")
        with lake.writing():
            submit(lake, "2016-12-20", rows, **tables)
            build(lake.root, load_registry())
        return find_flags(open_marts(lake.root))

    return run


def flag(flags: Flags, rule: str) -> SimpleNamespace:
    (found,) = flags.found[flags.found["rule"] == rule].itertuples()
    return found


def test_each_rule_finds_its_place_and_nothing_else(doubtful):
    found = doubtful.found[KEY].itertuples(index=False, name=None)
    assert sorted(found) == sorted(FLAGS)
    assert doubtful.found.columns.tolist() == list(FLAG_COLUMNS)


def test_flags_stand_by_group_and_unit_as_in_the_registry(doubtful):
    registry = load_registry()
    groups, units = list(registry.groups), list(registry.units)
    places = [
        (groups.index(registry.units[unit].group), units.index(unit))
        for unit in doubtful.found["unit"]
    ]
    assert places == sorted(places)
    named = [registry.units[unit].group for unit in doubtful.found["unit"]]
    assert doubtful.found["supervision_group"].tolist() == named


def test_flags_stored_with_a_snapshot_are_those_that_would_be_found(
    copy_lake, monkeypatch
):
    root = copy_lake(build_doubtful_city)
    without = open_marts(root)
    found = find_flags(without)
    # A snapshot that was built without them still opens, and they are found.
    assert_same(read_flags(without), found)
    with Lake(root).writing():
        snapshot = build_with_flags(root, load_registry())
    marts = open_marts(root)
    assert marts.snapshot.id == snapshot.id
    with monkeypatch.context() as patched:
        patched.setattr(flags_module, "find_flags", lambda _: pytest.fail("found anew"))
        assert_same(read_flags(marts), found)
    # What other rules found is not believed, nor half a file.
    monkeypatch.setattr(flags_module, "_rules_digest", lambda: b"others")
    monkeypatch.setattr(flags_module, "find_flags", lambda _: "anew")
    assert read_flags(marts) == "anew"
    (root / "marts" / snapshot.id / "flags.parquet").write_bytes(b"PAR1")
    assert read_flags(marts) == "anew"


def test_flags_are_found_anew_only_when_what_they_look_at_has_changed(
    copy_lake, monkeypatch
):
    root, registry = copy_lake(build_doubtful_city), load_registry()
    lake, found = Lake(root), []
    unit = find_flags(open_marts(root)).found["unit"][0]
    real = flags_module.find_since
    monkeypatch.setattr(
        flags_module, "find_since", lambda *how: found.append(1) or real(*how)
    )
    duty = {"date": day("2016-07-05"), "supervision_group": "G1", "act": "interview"}
    later = ledger_row("2016-07", unit, "organ", n_branches=3)
    with lake.writing():
        first = build_with_flags(root, registry)
        assert len(found) == 1
        submit(lake, "2016-12-01", duty=[duty])
        second = build_with_flags(root, registry)
        assert len(found) == 1
        folders = [root / "marts" / snapshot.id for snapshot in (first, second)]
        for name in (*flags_module.STORED, *second.parts(flags_module.EVIDENCE)):
            one, other = (folder / name for folder in folders)
            assert one.read_bytes() == other.read_bytes()
        # Half a file is not taken over, though the other snapshot has it whole.
        (folders[1] / "flags.parquet").write_bytes(b"PAR1")
        shutil.rmtree(folders[0])
        build_with_flags(root, registry)
        assert len(found) == 2
        submit(lake, "2016-12-02", [later])
        build_with_flags(root, registry)
        assert len(found) == 3
    assert_same(read_flags(open_marts(root)), find_flags(open_marts(root)))


def evidence_of(flags: Flags) -> pd.DataFrame:
    """All rows that flags rest on, in the order of their labels."""
    return flags.evidence.read(labels_of(merge_runs(flags.found["rows"])))


def assert_same(one: Flags, other: Flags) -> None:
    rows = (evidence_of(one), evidence_of(other))
    for frames in ((one.found, other.found), rows):
        pd.testing.assert_frame_equal(*frames)
        for column in frames[0]:
            kinds = [frame[column].map(type).tolist() for frame in frames]
            assert kinds[0] == kinds[1], column
    flag = other.found.index[-1]
    pd.testing.assert_frame_equal(one.rows_of(flag), other.rows_of(flag))


def test_rows_are_read_and_written_by_the_unit_that_is_asked_for(
    copy_lake, monkeypatch
):
    root, registry = copy_lake(build_doubtful_city), load_registry()
    written: list[str] = []
    write = flags_module.write_frame

    def write_frame(path, *what):
        written.append(path.relative_to(path.parents[1]).as_posix())
        write(path, *what)

    monkeypatch.setattr(flags_module, "write_frame", write_frame)

    def build_again() -> tuple[Snapshot, set[str]]:
        """The snapshot, and the files of rows that were made for it."""
        written.clear()
        snapshot = build_with_flags(root, registry)
        return snapshot, {n for n in written if n.startswith(EVIDENCE)}

    with Lake(root).writing():
        first, made = build_again()
        assert made == {*first.parts(EVIDENCE)}
        assert len(made) > 5
        later = ledger_row("2016-08", "350103", "organ", n_branches=20, n_lectures=16)
        submit(Lake(root), "2016-12-02", [later | {"n_lectures_grassroots": 17}])
        second, made = build_again()
        of_unit = flags_module._rows_file("350103", registry)
        assert made == {of_unit}
        # One that is damaged is made anew, and so are all where rules are others.
        other, *_ = {*second.parts(EVIDENCE)} - made
        for snapshot in (first, second):
            (root / "marts" / snapshot.id / other).write_bytes(b"PAR1")
        third, made = build_again()
        assert made == {other}
        monkeypatch.setattr(flags_module, "_rules_of", lambda _: "others")
        assert build_again()[1] == {*third.parts(EVIDENCE)}
    marts = open_marts(root)
    flags = read_flags(marts)
    assert_same(flags, find_flags(marts))
    rows = flags.rows_of(flags.found.index[flags.found["unit"] == "350103"][0])
    for path in marts.snapshot.parts(EVIDENCE):
        if path != of_unit:
            (root / "marts" / marts.snapshot.id / path).unlink()
    again = flags.rows_of(flags.found.index[flags.found["unit"] == "350103"][0])
    pd.testing.assert_frame_equal(again, rows)


def test_of_rows_some_columns_are_read_in_the_order_of_their_labels(doubtful):
    labels = labels_of(merge_runs(doubtful.found["rows"]))[::-3]
    rows = doubtful.evidence.read(labels, ["branch", "source_row"])
    whole = evidence_of(doubtful).loc[labels, ["branch", "source_row"]]
    pd.testing.assert_frame_equal(rows, whole)
    assert doubtful.evidence.read(labels[:0], ["branch"]).columns.tolist() == ["branch"]


@pytest.mark.parametrize("step", ["find_since", "_take_rows", "settle_all"])
def test_a_build_that_cannot_find_its_flags_leaves_the_one_before(
    copy_lake, monkeypatch, step
):
    root = copy_lake(build_doubtful_city)
    before = current_snapshot(root)
    folders = sorted((root / "marts").iterdir())

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(flags_module, step, fail)
    with Lake(root).writing(), pytest.raises(OSError, match="No space left"):
        build_with_flags(root, load_registry(), for_all=True)
    assert current_snapshot(root) == before
    assert sorted((root / "marts").iterdir()) == folders


def test_the_shares_of_the_city_are_those_of_the_estimates(checked_lake):
    marts = open_marts(checked_lake)
    shares = read_city_shares(marts)
    for metric in shares:
        row = read_rates(marts, metric, basis="verified").iloc[0]
        assert shares[metric] == pytest.approx(row["rate"], nan_ok=True)
    assert 0 < shares["topic_1_coverage"] < 1


def test_the_city_that_was_counted_by_hand_has_no_flag(tiny_marts):
    # Its cells have at most ten branches, and those of ten rise month by month.
    flags = find_flags(tiny_marts)
    assert flags.found.empty
    assert flags.found.columns.tolist() == list(FLAG_COLUMNS)
    assert evidence_of(flags).empty


def test_a_lake_without_a_single_ledger_has_no_flag(judge):
    assert judge(roll=[roll_row("350102-R0001", "350102", "rural")]).found.empty


def test_falls_of_many_branches_are_one_flag_that_cites_each_row_and_the_one_before(
    doubtful,
):
    rows = doubtful.rows_of(flag(doubtful, "cumulative_falls").Index)
    cited = rows[["month", "branch", "n_lectures"]].values.tolist()
    assert cited == [
        ["2016-07", "HTZ-N0001", 4],
        ["2016-07", "HTZ-N0002", 9],
        ["2016-08", "HTZ-N0001", 1],
        ["2016-08", "HTZ-N0002", 3],
    ]
    worst = flag(doubtful, "cumulative_falls")
    assert (worst.value, worst.reference) == (3, 9)


def test_a_cited_row_says_in_which_file_sheet_and_row_it_stands(doubtful):
    # Rows begin at 4 there; the one over its whole was the second.
    rows = doubtful.rows_of(flag(doubtful, "part_over_whole").Index)
    origin = rows[["source_file", "source_sheet", "source_row"]].values.tolist()
    assert origin == [["台账.xlsx", "台账", 5]]


def test_crowded_conversions_cite_the_list_of_weak_organisations(doubtful):
    rows = doubtful.rows_of(flag(doubtful, "last_days").Index)
    assert set(rows["source_sheet"]) == {"软弱涣散"}
    assert rows["branch"].tolist() == [f"350181-R{n:04d}" for n in range(6)]
    assert flag(doubtful, "last_days").value == 0.6


COMPLETE = {
    "n_branches": 60,
    "n_branches_topic_1": 60,
    "n_branches_topic_2": 60,
    "n_leaders": 50,
    "n_leaders_attended": 50,
}


def judge_complete(judge, *verdicts, days=("2016-08-20",)):
    """Flags of a complete cell of July; its branches checked, others found wanting."""
    places = [(f"GQ-E{n:04d}", "GQ", "soe") for n in range(len(verdicts))]
    places += [(f"350104-R{n:04d}", "350104", "rural") for n in range(20)]
    verdicts = [*verdicts, *["no"] * 10, *["yes"] * 10]
    return judge(
        ledger_row("2016-07", "GQ", "soe", **COMPLETE),
        ledger_row("2016-08", "350104", "rural", n_branches=20),
        roll=[roll_row(*place) for place in places],
        spot_check=[
            {
                "check_date": day(date),
                "supervision_group": "G3" if place[1] == "GQ" else "G1",
                "branch": place[0],
                "selection": "random",
                "found_topic_1": verdict,
            }
            for place, verdict in zip(places, verdicts, strict=True)
            for date in days
        ],
    )


def test_beside_a_cell_at_100_stands_what_random_checks_found_there_later(judge):
    found = flag(judge_complete(judge, *["yes"] * 7, "no", "no_evidence"), "all_at_100")
    assert found.checked == (("n_branches_topic_1", 7, 9),)
    said = finding_words.sentence(found, load_registry())
    assert said.endswith("其后随机抽查核实：第一专题覆盖率 7 / 9。")


def test_a_check_before_the_month_is_over_says_nothing_of_its_claim(judge):
    flags = judge_complete(judge, *["no"] * 9, days=("2016-07-20",))
    found = flag(flags, "all_at_100")
    assert found.checked == ()
    said = finding_words.sentence(found, load_registry())
    assert said.endswith("其后没有随机抽查。")


def test_of_a_branch_checked_twice_the_later_verdict_counts_once(judge):
    flags = judge_complete(judge, "no", *["yes"] * 8, days=("2016-08-20", "2016-09-20"))
    assert flag(flags, "all_at_100").checked == (("n_branches_topic_1", 8, 9),)


def test_a_cell_that_enough_checks_confirm_is_complete_and_no_finding(judge):
    assert judge_complete(judge, *["yes"] * 60).found.empty


def test_without_any_check_a_cell_at_100_is_still_a_reason_to_look(judge):
    flags = judge(ledger_row("2016-07", "GQ", "soe", **COMPLETE))
    assert flag(flags, "all_at_100").checked == ()


SAME = {
    "n_lectures": 12,
    "n_lectures_grassroots": 7,
    "n_leaders": 40,
    "n_leaders_attended": 21,
    "n_leaders_spoke": 11,
    "n_leader_speeches": 19,
}
FEW = {name: count // 4 for name, count in SAME.items()}


def test_a_unit_that_copies_every_sector_is_one_flag_small_sectors_included(judge):
    flags = judge(
        *(
            ledger_row(month, "350111", sector, n_branches=n_branches, **counts)
            for month in ("2016-07", "2016-08")
            for sector, n_branches, counts in (("rural", 90, SAME), ("soe", 4, FEW))
        )
    )
    copied = flag(flags, "copied_month")
    assert (copied.unit, copied.sector, copied.n_rows) == ("350111", "", 4)


def test_month_only_figures_are_compared_as_filed_and_not_as_added_up(judge):
    def rows(unit, counts):
        return [
            ledger_row(
                month, unit, "rural", n_branches=90, n_leaders=400, basis="month", **c
            )
            for month, c in zip(("2016-07", "2016-08"), counts, strict=True)
        ]

    counts = {name: count for name, count in SAME.items() if name != "n_leaders"}
    # Nothing done in August leaves the totals as they were: silence, and no copy.
    nothing = dict.fromkeys(counts, 0)
    flags = judge(*rows("350111", [counts, counts]), *rows("350112", [counts, nothing]))
    assert flag(flags, "copied_month").unit == "350111"


def digits(sector, n, step):
    return [
        ledger_row(
            "2016-08",
            "350128",
            sector,
            f"350128-{sector[0].upper()}{number:04d}",
            n_branches=1,
            n_members=10**6,
            n_leaders=1,
            n_members_spoke=10 + step * number,
        )
        for number in range(n)
    ]


def test_a_small_sector_is_named_where_its_whole_unit_is_doubted(judge):
    flags = judge(
        *digits("rural", 120, 5), *digits("soe", 40, 5), *digits("organ", 60, 1)
    )
    found = flags.found[flags.found["rule"] == "round_digits"]
    assert found["sector"].tolist() == ["rural", "soe"]


def test_a_small_sector_alone_is_not_judged_by_its_digits(judge):
    assert judge(*digits("soe", 60, 5)).found.empty


def test_a_prepared_site_cannot_make_own_lectures_doubtful(judge):
    def check(number, selection):
        return {
            "check_date": pd.Timestamp("2016-09-20").date(),
            "supervision_group": "G4",
            "branch": f"ZSJG-O{number:04d}",
            "selection": selection,
            "found_lectures_grassroots": 0,
        }

    flags = judge(
        ledger_row(
            "2016-09",
            "ZSJG",
            "organ",
            n_branches=100,
            n_lectures=80,
            n_lectures_grassroots=80,
        ),
        roll=[roll_row(f"ZSJG-O{n:04d}", "ZSJG", "organ") for n in range(10)],
        spot_check=[check(n, "prepared") for n in range(10)],
    )
    # That the roll names ten branches of a hundred is another matter.
    assert flags.found["rule"].tolist() == ["off_roll"]


@pytest.mark.parametrize(
    "blank, fields", [(8, ("n_members", "n_branches")), (None, ("n_branches",))]
)
def test_what_a_branch_of_the_roll_leaves_blank_is_held_against_nobody(
    judge, blank, fields
):
    figures = {"n_branches": 100, "n_members": 800, "n_leaders": 30}
    roll = [roll_row(f"ZSJG-O{n}", "ZSJG", "organ", n_members=8) for n in range(9)]
    roll.append(roll_row("ZSJG-O9", "ZSJG", "organ", n_members=blank))
    flags = judge(ledger_row("2016-09", "ZSJG", "organ", **figures), roll=roll)
    assert flag(flags, "off_roll").fields == fields


def test_ten_lectures_are_needed_before_all_of_them_can_be_doubted():
    registry = load_registry()
    names = registry.tables["ledger"].counts
    row = dict.fromkeys((*names, "n_members_ordinary"), float("nan")) | {
        "month": "2016-09",
        "unit": "350102",
        "sector": "organ",
        "basis": "to_date",
        "n_branches": 1,
        "source_file": "a.xlsx",
        "source_sheet": "台账",
        "source_row": 4,
    }

    def found(n_lectures):
        ledger = pd.DataFrame(
            row | {"branch": f"B{n}", "n_lectures": 1, "n_lectures_grassroots": 1}
            for n in range(n_lectures)
        )
        checks = ledger[["month", "unit", "sector", "branch"]].head(1)
        checks = checks.assign(
            check_date="2016-09-20", is_random=True, found_lectures_grassroots=0
        )
        cases = pd.DataFrame(
            columns=["unit", "sector", "branch", "converted_date"]
            + ["source_file", "source_sheet", "source_row"]
        )
        return judge_ledger(ledger, checks, cases, {}, registry).found["rule"].tolist()

    assert found(9) == []
    assert found(10) == ["own_lectures"]


def test_planted_habits_are_found_and_honest_cells_left_in_peace():
    scores = benchmark.score(*benchmark.judge_seed(7), HABITS)
    planted = scores[scores["planted"] > 0]
    assert set(planted.index) == set(benchmark.RULE_OF_HABIT.values())
    assert (planted["found"] >= 0.9 * planted["planted"]).all()
    assert (scores["alarms"] <= 0.05 * scores["honest"]).all()


def test_the_benchmark_counts_what_is_missed_and_what_is_wrongly_found():
    cells = pd.DataFrame(
        [(unit, "rural", "2016-07") for unit in ("A", "B", "C")],
        columns=["unit", "sector", "month"],
    )
    found = pd.DataFrame(
        {
            "rule": "copied_month",
            "unit": ["C"],
            "sector": [""],
            "first_month": ["2016-07"],
            "last_month": ["2016-07"],
        }
    )
    habits = [Habit("copied_month", "A", ("2016-07",))]
    scores = benchmark.score(Flags(found, cells), cells, habits)
    row = scores.loc["copied_month", ["planted", "found", "honest", "alarms"]]
    assert row.tolist() == [1, 0, 2, 1]
    assert "| 0.0% |" in benchmark.to_markdown([scores])
    assert "| 50.0% |" in benchmark.to_markdown([scores])
