"""Whatever the query, parts add up, a filter and its complement give the whole, and a
file holds what was read: random questions over every metric, by a fixed seed.

`QUESTIONS=2000 pytest tests/soundness/test_random_questions.py` asks more of them.
"""

from __future__ import annotations

import csv
import functools
import io
import os
import random
from pathlib import Path
from typing import Any

import pytest

from data_pipeline.rates import Marts, add_totals, open_marts, read_rates
from data_pipeline.registry import (
    FOLDER_VARIABLE,
    ROLL_DIMENSIONS,
    Metric,
    Registry,
    Table,
    load_registry,
)
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports import __main__ as reports
from tests.new_table import add_table
from tests.submitted_rows import day, ledger_row, roll_row, submit

SEED = 2016
QUESTIONS = int(os.environ.get("QUESTIONS", "100"))
# A test asks this many, so that each stays within the time of one test.
AT_ONCE = 100
PARTS = range(max(1, QUESTIONS // AT_ONCE))
COUNTS = ["numerator", "denominator", "n_blank"]
# Tables that have rows of their own kind; of each other one come so many rows.
MADE = {"ledger", "roll", "spot_check", "weak_case", "draw", "finding_state"}
ROWS = 400
MONTHS = ("2016-05", "2016-06", "2016-07", "2016-08")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return add_table(tmp_path_factory.mktemp("questions"))


@pytest.fixture(autouse=True)
def _read_by_every_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))


@pytest.fixture(scope="module")
def marts(folder: Path) -> Marts:
    """A city of made-up rows: blanks, silence, branches and totals, checks, cases."""
    dice = random.Random(SEED)
    registry = load_registry(folder)
    units, sectors = list(registry.units)[:9], list(registry.sectors)
    branches = [
        roll_row(
            f"{unit}-{number}",
            unit,
            dice.choice(sectors),
            dice.choice([None, "东镇", "西镇"]),
            branch_type=dice.choice([None, "ordinary", "joint"]),
            is_weak_base=dice.choice([None, True, False]),
            n_members=20,
            n_leaders=2,
        )
        for unit in units[:6]
        for number in range(12)
    ]
    counts = registry.tables["ledger"].counts

    def figures() -> dict[str, int | None]:
        filed = {name: dice.choice([None, 0, 1, 2, 5]) for name in counts}
        # More members than leaders, as the reader demands.
        return filed | {"n_members": dice.choice([None, 20, 30])}

    ledgers = [
        ledger_row(month, row["unit"], row["sector"], row["branch"], **figures())
        for month in MONTHS
        for row in branches
        if dice.random() < 0.7
    ]
    ledgers += [
        ledger_row(month, unit, sector, **figures())
        for month in MONTHS
        for unit in units[6:]
        for sector in sectors
        if dice.random() < 0.7
    ]
    checks = [
        {
            "check_date": day(f"2016-0{dice.randint(5, 8)}-{dice.randint(10, 28)}"),
            "supervision_group": "G1",
            "branch": row["branch"],
            "selection": dice.choice(["random", "targeted"]),
            "is_announced": dice.choice([None, True, False]),
        }
        for row in dice.sample(branches, 30)
    ]
    cases = [
        {
            "case_code": str(number),
            "branch": row["branch"],
            "listed_date": day(f"2016-0{dice.randint(5, 7)}-02"),
            "status": dice.choice(["converted", "under_way"]),
            "converted_date": day("2016-07-20"),
        }
        for number, row in enumerate(dice.sample(branches, 20))
    ]
    rest = {
        name: [make_row(table, dice, registry, branches) for _ in range(ROWS)]
        for name, table in registry.tables.items()
        if name not in MADE
    }
    lake = Lake(folder.parent / "lake_root")
    with lake.writing():
        submit(lake, "2016-04-10", roll=branches, registry=registry)
        rest |= {"spot_check": checks, "weak_case": cases}
        submit(lake, "2016-09-10", ledgers, registry=registry, **rest)
        build(lake.root, registry)
    return open_marts(lake.root, registry)


def make_row(
    table: Table, dice: random.Random, registry: Registry, branches: list[dict]
) -> dict[str, Any]:
    """A row of any table: places, days, words and counts by chance, many of them blank.

    A branch belongs to another unit than the row's as often as not.
    """
    unit = dice.choice(list(registry.units)[:9])
    row: dict[str, Any] = {}
    for column in table.columns:
        made = {
            "month": dice.choice(MONTHS),
            "date": day(f"2016-0{dice.randint(5, 8)}-{dice.randint(10, 28)}"),
            "round": dice.randint(1, 3),
            "group": registry.units[unit].group,
            "unit": unit,
            "sector": dice.choice(list(registry.sectors)),
            "branch": dice.choice(branches)["branch"],
            "case": str(dice.random()),
            "count": dice.choice([0, 1, 2, 5]),
            "yes_no": dice.random() < 0.5,
            "word": dice.choice(list(column.words.values()) or [None]),
            "text": None,
        }
        is_said = all(row[name] in codes for name, codes in column.only_where.items())
        is_kept = column.required or (is_said and dice.random() < 0.7)
        row[column.name] = made[column.type] if is_kept else None
    return row


@functools.cache
def values(marts: Marts, metric: Metric, dimension: str) -> list[str]:
    """Every code of a dimension that the metric has rows of, in any month."""
    frame = read_rates(marts, metric.id, by=["month", dimension], months=MONTHS)
    return sorted(set(frame[dimension]))


def totals(marts: Marts, metric: Metric, month: str, by=(), where=None) -> list[int]:
    frame = read_rates(marts, metric.id, by=by, where=where, months=[month])
    return [int(frame[name].sum()) for name in COUNTS]


def ask_any(dice: random.Random, marts: Marts) -> tuple[Metric, str, str, dict]:
    metric = dice.choice(list(marts.registry.metrics.values()))
    dimensions = [d for d in metric.dimensions if d != "month"]
    by = dice.choice(dimensions)
    where = {}
    if dice.random() < 0.6:
        kept = dice.choice(dimensions)
        known = values(marts, metric, kept)
        if known:
            where = {kept: dice.sample(known, dice.randint(1, len(known)))}
    return metric, dice.choice(MONTHS), by, where


def reaches_all(marts: Marts, metric: Metric, dimension: str) -> bool:
    """Whether no row is left out by a dimension: of the roll and of words some are."""
    registry = marts.registry
    if dimension in (*ROLL_DIMENSIONS, *registry.categories):
        return False
    if metric.owed_by is None:
        # What is counted of ledgers and filings has its place; a problem may lack one.
        table = registry.lake_tables.get(metric.table)
        columns = table.columns if table else ()
        return all(c.required for c in columns if c.name == dimension)
    # Who owes it reaches its own place, and a unit its group.
    owes = metric.owed_by.place
    return dimension == owes or (owes, dimension) == ("unit", "supervision_group")


@pytest.mark.parametrize("part", PARTS)
def test_parts_add_up_and_a_filter_and_its_complement_are_the_whole(marts, part):
    dice = random.Random(SEED + part)
    n_equal = 0
    for _ in range(min(QUESTIONS, AT_ONCE)):
        metric, month, by, where = ask_any(dice, marts)
        question = f"{metric.id} {month} by {by} where {where}"
        whole = totals(marts, metric, month, where=where)
        parts = totals(marts, metric, month, [by], where)
        if by in metric.split_by:
            # Each word carries the whole denominator: numerators alone add up.
            assert parts[0] <= whole[0], question
            continue
        if reaches_all(marts, metric, by):
            n_equal += 1
            assert parts == whole, question
        else:
            assert all(p <= w for p, w in zip(parts, whole, strict=True)), question
        known = values(marts, metric, by)
        if by in where or len(known) < 2:
            continue
        some = dice.sample(known, dice.randint(1, len(known) - 1))
        others = [code for code in known if code not in some]
        kept, left = (
            totals(marts, metric, month, where={**where, by: codes})
            for codes in (some, others)
        )
        both = [a + b for a, b in zip(kept, left, strict=True)]
        assert both == parts, f"{question}, {by} in {some}"
    assert n_equal > min(QUESTIONS, AT_ONCE) / 4


@pytest.mark.parametrize("part", PARTS)
def test_the_totals_of_a_page_are_those_that_an_export_gives(marts, part):
    """Pages add parts up (`add_totals`); an export asks for each level by itself."""
    dice = random.Random(SEED - 1 - part)
    for _ in range(min(QUESTIONS, AT_ONCE) // 5):
        metric, month, _, where = ask_any(dice, marts)
        by = tuple(d for d in ("unit", "sector") if d in metric.dimensions)
        read = functools.partial(
            read_rates, marts, metric.id, where=where, months=[month]
        )
        found = add_totals(read(by=by), by, lambda part, read=read: read(by=part))
        question = f"{metric.id} {month} where {where}"
        for level in ((), ("unit",), ("sector",)):
            if not {*level} <= {*by} or level == by:
                continue
            rest = [name for name in by if name not in level]
            is_level = found[rest].isna().all(axis=1) & found[list(level)].notna().all(
                axis=1
            )
            shown = found.loc[is_level, [*level, *COUNTS]]
            exported = read(by=level)[[*level, *COUNTS]]
            if exported.empty and not level:
                # A metric that is not yet remembered: 0 of 0.
                assert shown.to_numpy().tolist() == [[0, 0, 0]], question
                continue
            assert shown.to_numpy().tolist() == exported.to_numpy().tolist(), question


@pytest.mark.parametrize("part", PARTS)
def test_a_file_holds_what_was_read(marts, capsysbinary, part):
    dice = random.Random(-SEED - part)
    for _ in range(min(QUESTIONS, AT_ONCE) // 10):
        metric, month, by, where = ask_any(dice, marts)
        filters = [f"{d}={','.join(codes)}" for d, codes in where.items() if all(codes)]
        kept = {d: codes for d, codes in where.items() if all(codes)}
        words = ["export", metric.id, "--lake", str(marts.root), "--month", month]
        words += ["--by", by, *(part for f in filters for part in ("--where", f))]
        assert reports.main(words) == 0
        text = capsysbinary.readouterr().out.decode("utf-8-sig")
        frame = read_rates(marts, metric.id, by=[by], where=kept, months=[month])
        written = [
            [row[by], *(int(row[name]) for name in COUNTS)]
            for row in csv.DictReader(io.StringIO(text))
        ]
        assert written == frame[[by, *COUNTS]].to_numpy().tolist(), words
