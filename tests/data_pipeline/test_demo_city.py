"""The made-up city obeys the contract in every row and says what the speech says.

The workbooks are read back here with nothing of the product but its registry, so that
a fault of the reader cannot hide a fault of the demo.
"""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from data_pipeline.demo_city import write_workbooks
from data_pipeline.demo_city.branches import (
    load_allocation,
    load_townships,
    make_branches,
    split_whole,
)
from data_pipeline.demo_city.reporting import COUNTS, FLOWS, HABITS, WHOLES
from data_pipeline.registry import load_registry

REGISTRY = load_registry()
MONTHS = REGISTRY.calendar.months


def sheets_of(path: Path) -> list[list[list]]:
    if path.suffix == ".csv":
        data = path.read_bytes()
        encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "gb18030"
        return [list(csv.reader(io.StringIO(data.decode(encoding), newline="")))]
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def month_of(text: str, year: int) -> str:
    numbers = [int(part) for part in re.findall(r"\d+", str(text))]
    year, month = numbers if len(numbers) == 2 else (year, numbers[0])
    return f"{year}-{month:02d}"


def read_sheet(table: str, cells: list[list]) -> tuple[pd.DataFrame, list[list], str]:
    """Rows with code names, the 合计/小计 rows, and the text above the heading."""
    headings = {c.heading: c.name for c in REGISTRY.tables[table].columns}
    start = next(i for i, row in enumerate(cells) if row[0] in headings)
    names = [headings[heading] for heading in cells[start]]
    above = " ".join(str(row[0]) for row in cells[:start])
    stop = next(
        (i for i in range(start + 1, len(cells)) if not any(cells[i])), len(cells)
    )
    body = cells[start + 1 : stop]
    totals = [row for row in body if {"合计", "小计"} & set(row[:3])]
    rows = pd.DataFrame([r for r in body if r not in totals], columns=names)
    return rows, [dict(zip(names, row, strict=True)) for row in totals], above


def read_city(deliveries) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The roll, and every ledger row ever filed, in order of receiving."""
    rolls, ledgers = [], []
    for order, delivery in enumerate(deliveries):
        for cells in sheets_of(delivery.path):
            table = "roll" if "名册" in delivery.path.name else "ledger"
            rows, _, above = read_sheet(table, cells)
            rows["group"] = delivery.group
            if table == "roll":
                rolls.append(rows)
                continue
            year = re.search(r"(\d{4})年", above)
            rows["month"] = [
                month_of(text, int(year[1]) if year else 0) for text in rows["month"]
            ]
            for column in COUNTS:
                texts = rows.get(column, pd.Series("", index=rows.index))
                blank = texts.astype(str).isin(["", "/", "—"])
                rows[column] = pd.to_numeric(texts.mask(blank))
            rows["is_monthly"] = "口径:当月" in above
            rows["order"] = order
            rows["received"] = delivery.received
            ledgers.append(rows)
    roll = pd.concat(rolls, ignore_index=True)
    ledger = pd.concat(ledgers, ignore_index=True)
    for frame in (roll, ledger):
        for column in ("unit", "sector"):
            texts = {
                text: REGISTRY.resolve(column, text) for text in set(frame[column])
            }
            frame[column] = frame[column].map(texts)
    for column in ("branch", "township"):
        ledger[column] = ledger[column].fillna("")
    return roll, ledger


def state_at_the_end(ledger: pd.DataFrame) -> pd.DataFrame:
    """The rows in force, with 口径: 当月 added up."""
    key = ["month", "unit", "sector", "branch"]
    rows = ledger.sort_values("order", kind="stable").drop_duplicates(key, keep="last")
    rows = rows.sort_values("month", kind="stable").copy()
    is_monthly = rows["is_monthly"]
    sums = rows[is_monthly].groupby(key[1:])[list(FLOWS)].cumsum()
    for column in FLOWS:
        rows.loc[is_monthly, column] = sums[column]
    return rows


class City:
    def __init__(self, folder: Path, **options) -> None:
        self.folder = folder
        self.steps = []
        self.deliveries = write_workbooks(
            folder, progress=lambda *step: self.steps.append(step), **options
        )
        self.roll, self.ledger = read_city(self.deliveries)
        self.state = state_at_the_end(self.ledger)
        self.truth = pd.read_parquet(folder / "truth.parquet")
        self.notes = json.loads((folder / "truth.json").read_text("utf-8"))

    def month(self, month: str) -> pd.DataFrame:
        return self.state[self.state["month"] == month]


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> City:
    return City(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def small_city(tmp_path_factory) -> City:
    return City(tmp_path_factory.mktemp("small"), branches_share=0.02)


def honest(frame: pd.DataFrame, kinds: set[str] = frozenset()) -> pd.Series:
    """Rows whose unit and sector no habit (of `kinds`, or any) touches."""
    touched = pd.Series(False, index=frame.index)
    for habit in HABITS:
        if kinds and habit.kind not in kinds:
            continue
        is_in = frame["unit"] == habit.unit
        if habit.sectors:
            is_in &= frame["sector"].isin(habit.sectors)
        touched |= is_in
    return ~touched


def test_the_roll_has_every_branch_of_the_allocation_and_all_185_townships(city):
    counts = city.roll.groupby(["unit", "sector"]).size().unstack(fill_value=0)
    expected = load_allocation()
    assert counts.loc[expected.index, expected.columns].equals(
        expected.rename_axis(index="unit", columns="sector")
    )
    assert city.roll["branch"].is_unique and len(city.roll) == 16_198
    places = city.roll[city.roll["township"] != ""]
    placed = set(zip(places["unit"], places["township"], strict=True))
    townships = load_townships()
    assert placed == set(zip(townships["unit"], townships["township"], strict=True))
    assert len(placed) == 185


def test_the_roll_comes_first_and_uses_only_the_allowed_words(city):
    names = [delivery.path.name for delivery in city.deliveries]
    n_rolls = sum("名册" in name for name in names)
    assert all("名册" in name for name in names[:n_rolls])
    words = REGISTRY.tables["roll"].column("branch_type").words
    assert set(city.roll["branch_type"]) == set(words)
    assert set(city.roll["is_weak_base"]) == {"是", "否"}
    assert (city.roll["n_members"] >= city.roll["n_leaders"]).all()
    codes = city.roll["branch"].str.fullmatch(r"(\d{6}|[A-Z]+)-[OSRCNE]\d{4}")
    assert codes.all()


def test_july_totals_are_those_of_the_speech(city):
    july = city.month("2016-07")
    assert july["n_lectures"].sum() == 2366
    assert july["n_leader_speeches"].sum() == 7499
    assert july["n_branches"].sum() == 16_198


def test_topic_1_is_reported_nearly_everywhere_and_was_held_far_less(city):
    july = city.month("2016-07")
    reported = july["n_branches_topic_1"].sum() / july["n_branches"].sum()
    assert 0.998 <= reported < 1
    true = city.truth[city.truth["month"] == "2016-07"]["n_branches_topic_1"].mean()
    assert 0.89 < true < 0.92


def test_non_public_and_mobile_branches_are_truly_colder(city):
    true = city.truth[city.truth["month"] == "2016-07"]
    by_sector = true.groupby("sector")["n_branches_topic_1"].mean()
    assert by_sector.idxmin() == "nonpublic"
    assert by_sector["organ"] - by_sector["nonpublic"] > 0.1
    by_type = true.groupby("branch_type")["n_branches_topic_1"].mean()
    assert by_type["流动"] < by_type["普通"] - 0.15
    weak = {(w["unit"], w["township"]) for w in city.notes["weak_townships"]}
    is_weak = [key in weak for key in zip(true["unit"], true["township"], strict=True)]
    in_weak = true["n_branches_topic_1"][is_weak].mean()
    assert in_weak < true["n_branches_topic_1"].mean() - 0.05


def broken_rules(rows: pd.DataFrame) -> list[str]:
    rows = rows.assign(n_members_ordinary=rows["n_members"] - rows["n_leaders"])
    broken = []
    for rule in REGISTRY.rules:
        if rule.table != "ledger" or rule.kind == "query":
            continue
        left = rows[rule.column]
        if rule.kind == "zero_before":
            is_broken = (rows["month"] < rule.month) & (left > 0)
        elif rule.kind == "at_most":
            is_broken = left > rows[rule.other]
        else:
            is_broken = left < rows[rule.other]
        if is_broken.any():
            broken.append(f"{rule.id}: {rows[is_broken].iloc[0].to_dict()}")
    return broken


@pytest.mark.parametrize("size", ["city", "small_city"])
def test_every_row_ever_filed_obeys_every_rule(size, request):
    made = request.getfixturevalue(size)
    assert broken_rules(made.ledger) == []
    assert broken_rules(made.state) == []
    assert (made.ledger[list(COUNTS)].fillna(0) >= 0).all(axis=None)
    assert made.ledger["n_branches"].notna().all()


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_another_seed_keeps_rules_and_totals(seed, tmp_path):
    made = City(tmp_path, seed=seed, branches_share=0.03)
    assert broken_rules(made.ledger) == []
    july = made.month("2016-07")
    share = len(made.roll) / 16_198
    assert july["n_lectures"].sum() == round(2366 * share)
    assert july["n_leader_speeches"].sum() == round(7499 * share)


def test_every_file_and_sheet_stays_within_the_limits(city):
    assert len(city.deliveries) > 60
    for delivery in city.deliveries:
        assert delivery.path.stat().st_size < 5 * 1024**2
        assert sum(len(cells) for cells in sheets_of(delivery.path)) < 5000
    assert any(d.path.suffix == ".csv" for d in city.deliveries)
    assert any(len(sheets_of(d.path)) > 1 for d in city.deliveries)


def test_every_workbook_says_that_it_is_made_up(city):
    for delivery in city.deliveries:
        if delivery.path.suffix == ".xlsx":
            assert all("示例数据" in c[0][0] for c in sheets_of(delivery.path))


def test_totals_and_subtotals_are_the_sums_of_their_rows(small_city):
    n_totals = 0
    for delivery in small_city.deliveries:
        if "台账" not in delivery.path.name:
            continue
        for cells in sheets_of(delivery.path):
            rows, totals, _ = read_sheet("ledger", cells)
            of_units = [t for t in totals if "小计" in t.values()]
            overall = [t for t in totals if "合计" in t.values()]
            assert len(overall) == 1
            for column in ("n_branches", "n_lectures", "n_members_spoke"):
                blank = rows[column].astype(str).isin(["", "/", "—"])
                expected = pd.to_numeric(rows[column].mask(blank)).sum()
                assert int(overall[0][column] or 0) == expected
                if of_units:
                    assert sum(int(t[column] or 0) for t in of_units) == expected
            n_totals += len(totals)
    assert n_totals > 70


def test_files_arrive_in_order_with_their_zone_and_after_their_month(city):
    received = [delivery.received for delivery in city.deliveries]
    assert received == sorted(set(received))
    assert all(moment.utcoffset().total_seconds() == 8 * 3600 for moment in received)
    month_received = city.ledger["received"].map(lambda moment: f"{moment:%Y-%m}")
    assert (month_received > city.ledger["month"]).all()


def test_a_file_holds_only_units_of_the_group_that_sends_it(city):
    group_of = {code: unit.group for code, unit in REGISTRY.units.items()}
    for frame in (city.roll, city.ledger):
        assert (frame["unit"].map(group_of) == frame["group"]).all()
    stated = city.ledger["supervision_group"].map(
        lambda text: REGISTRY.resolve("supervision_group", text)
    )
    assert (stated == city.ledger["group"]).all()


def test_branches_of_the_ledger_stand_on_the_roll_and_grains_are_not_mixed(city):
    rows = city.ledger[city.ledger["branch"] != ""]
    home = city.roll.set_index("branch")[["unit", "sector"]]
    assert rows["branch"].isin(home.index).all()
    assert (rows["unit"] == rows["branch"].map(home["unit"])).all()
    assert (rows["sector"] == rows["branch"].map(home["sector"])).all()
    grains = city.state.groupby(["month", "unit", "sector"])["branch"].agg(
        lambda codes: (codes == "").nunique()
    )
    assert (grains == 1).all()
    pooled = set(city.ledger.loc[city.ledger["branch"] == "", "unit"])
    assert pooled == {"350123", "350125", "GQ", "LX"}


def test_late_and_missing_months_are_those_that_were_planted(city):
    last = {m: REGISTRY.calendar.filing_deadline(m) for m in MONTHS}
    first = city.ledger.groupby(["unit", "month"])["received"].min()
    late = {key for key, moment in first.items() if moment >= last[key[1]]}
    filed = set(first.index)
    missing = {(u, m) for u in REGISTRY.units for m in MONTHS} - filed
    planted = {
        kind: {(h.unit, m) for h in HABITS if h.kind == kind for m in h.months}
        for kind in ("late", "missing")
    }
    assert late == planted["late"]
    assert missing == planted["missing"]


def cells_of(state: pd.DataFrame) -> pd.DataFrame:
    """Sums of unit x sector, months side by side, for each count."""
    sums = state.groupby(["unit", "sector", "month"])[list(COUNTS)].sum(min_count=1)
    return sums.unstack("month")


def test_cumulative_counts_fall_only_where_a_month_was_filed_unadded(city):
    cells = cells_of(city.state)
    falls = set()
    for column in FLOWS:
        filled = cells[column].ffill(axis=1)
        unit_sector, month = np.nonzero(filled.diff(axis=1).to_numpy() < 0)
        falls |= {
            (*cells.index[i], MONTHS[j])
            for i, j in zip(unit_sector, month, strict=True)
        }
    assert falls == {("HTZ", "organ", "2016-10"), ("HTZ", "nonpublic", "2016-10")}


def planted(kind: str) -> list[tuple[str, str, str]]:
    every = list(load_allocation().stack().loc[lambda n: n > 0].index)
    return [
        (unit, sector, month)
        for habit in HABITS
        if habit.kind == kind
        for unit, sector in every
        if unit == habit.unit and (not habit.sectors or sector in habit.sectors)
        for month in habit.months
    ]


def test_all_100_units_claim_everything_and_no_honest_cell_does(city):
    cells = city.state.groupby(["unit", "sector", "month"])[list(COUNTS)].sum()
    pairs = [
        ("n_branches_topic_1", "n_branches"),
        ("n_leaders_attended", "n_leaders"),
        ("n_leaders_spoke", "n_leaders_attended"),
        ("n_branches_topic_2", "n_branches"),
    ]
    full = sum(
        (cells[part] == cells[whole]) & (cells[whole] >= 50) for part, whole in pairs
    )
    cold = honest(cells.reset_index()).to_numpy()
    for unit, sector, month in planted("all_100"):
        row = cells.loc[(unit, sector, month)]
        assert row["n_members_spoke"] == row["n_members"] - row["n_leaders"]
        assert row["n_leaders_attended"] == row["n_leaders"]
    assert (full[cold] < 3).all()


def test_copied_months_repeat_every_figure_and_honest_cells_move_on(city):
    cells = cells_of(city.state)
    same = sum(
        (cells[c].diff(axis=1) == 0) & (cells[c] > 0)
        for c in FLOWS
        if not c.startswith("n_speakers")
    )
    for unit, sector, month in planted("copied_month"):
        before = MONTHS[MONTHS.index(month) - 1]
        for column in COUNTS:
            row = cells.loc[(unit, sector), column]
            assert row[month] == row[before] or np.isnan(row[month])
    is_honest = honest(same.reset_index()).to_numpy()
    large = (cells["n_branches"]["2016-07"] >= 50).to_numpy()
    assert (same[is_honest & large] >= 5).to_numpy().mean() < 0.02


def test_rounded_units_end_in_0_or_5_and_honest_ones_as_chance_has_it(city):
    def ending_share(rows):
        values = rows[list(FLOWS)].to_numpy().ravel()
        values = values[values >= 8]
        return len(values), np.mean(values % 5 == 0)

    yongtai = city.state[city.state["unit"] == "350125"]
    fuqing = city.state[
        (city.state["unit"] == "350181") & (city.state["sector"] == "rural")
    ]
    fair = city.state[city.state["unit"] == "350112"]
    for rows, low, high in ((yongtai, 0.9, 1), (fuqing, 0.85, 1), (fair, 0.1, 0.3)):
        n, share = ending_share(rows)
        assert n >= 100 and low <= share <= high


def test_own_lectures_are_counted_as_grass_roots_but_were_not(city):
    december = cells_of(city.state).xs("2016-12", axis=1, level="month")
    true = city.truth[city.truth["month"] == "2016-12"].groupby(["unit", "sector"])
    share = true["n_lectures_grassroots"].sum() / true["n_lectures"].sum()
    for cell in (("350102", "organ"), ("ZSJG", "organ")):
        row = december.loc[cell]
        assert row["n_lectures_grassroots"] == row["n_lectures"] >= 50
        assert share[cell] < 0.5


def test_a_correction_supersedes_what_was_inflated(city):
    rows = city.ledger[(city.ledger["unit"] == "350124")]
    july = rows[rows["month"] == "2016-07"]
    first, last = july["order"].min(), july["order"].max()
    sums = july.groupby("order")["n_lectures"].sum()
    assert sums[first] == 2 * sums[last]
    in_force = city.month("2016-07").query("unit == '350124'")["n_lectures"].sum()
    assert in_force == sums[last]


def test_honest_branches_report_what_is_true(city):
    kinds = {"all_100", "copied_month", "rounded", "rushed", "undeclared_monthly"}
    rows = city.state[
        honest(city.state, kinds)
        & (city.state["branch"] != "")
        & (city.state["unit"] != "350121")
    ]
    true = city.truth.set_index(["branch", "month"])
    true = true.loc[pd.MultiIndex.from_frame(rows[["branch", "month"]])]
    honest_columns = set(FLOWS) - {"n_branches_topic_1", "n_lectures_grassroots"}
    for column in honest_columns:
        filed = rows[column].to_numpy()
        is_filed = ~np.isnan(filed)
        assert (filed[is_filed] == true[column].to_numpy()[is_filed]).all(), column


def test_schools_leave_distinct_speakers_blank_but_count_them_by_topic(city):
    schools = city.state[city.state["unit"] == "GX"]
    assert schools["n_members_spoke"].isna().all()
    assert schools["n_speakers_topic_1"].notna().all()
    true = city.truth
    by_topic = [true[f"n_speakers_topic_{topic}"] for topic in (1, 2, 3)]
    assert (sum(by_topic) >= true["n_members_spoke"]).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    made = {
        name: write_workbooks(tmp_path / name, seed=seed, branches_share=0.01)
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    }
    a, b, c = ({d.path.name: d.path.read_bytes() for d in made[name]} for name in "abc")
    assert a == b
    assert a != c
    for name in ("truth.parquet", "truth.json"):
        first, second = tmp_path / "a" / name, tmp_path / "b" / name
        assert first.read_bytes() == second.read_bytes()


def test_progress_counts_every_file_once(small_city):
    n = len(small_city.deliveries)
    steps = [("workbooks", done, n) for done in range(1, n + 1)]
    assert small_city.steps == steps


@pytest.mark.parametrize("share", [0, -1, 1.5])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="branches_share"):
        make_branches(branches_share=share)


def test_splitting_keeps_the_sum():
    parts = split_whole(100, np.array([1.0, 1.0, 1.0]))
    assert parts.tolist() == [34, 33, 33]


def test_every_bound_named_for_rounding_is_a_rule_of_the_registry():
    rules = {(r.column, r.other) for r in REGISTRY.rules if r.kind == "at_most"}
    for column, whole in WHOLES.items():
        if column != "n_leaders_spoke":
            assert (column, whole) in rules
